/*
 * Answers that go into a file: --out FILE for any of them, and --xlsx, a sheet that the
 * exchange makes.
 *
 * A file that is there stands until the answer has come whole, and what is no sheet is not
 * written as one.
 */
#include "clients/cli/ctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

static char part[4200]; /* what is written, until it is whole */

bool sheet_fits(const struct ctl *c)
{
	const struct command *k = c->command;
	bool fits = k->method && strcmp(k->method, "GET") == 0 && !command_is_admin(k);

	if (option("xlsx") && !fits)
		problem_say(c, "`%s` has no sheet", "“%s”没有表格形式", k->words);
	return fits || !option("xlsx");
}

bool out_begin(const struct ctl *c)
{
	const char *path = option("out");
	struct stat st;
	bool is_other;

	if (!path)
		return true;
	is_other = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
	if (snprintf(part, sizeof(part), "%s%s", path, is_other ? "" : ".part") <
		(int)sizeof(part) &&
	    freopen(part, "w", stdout))
		return true;
	problem_say(c, "%s: %s", "%s：%s", path, strerror(errno));
	return false;
}

bool out_end(const struct ctl *c, bool is_whole)
{
	const char *path = option("out");
	bool is_written = fflush(stdout) == 0 && !ferror(stdout);

	if (!path || strcmp(path, part) == 0)
		return is_written;
	if (!is_whole || !is_written) {
		unlink(part);
		return is_written;
	}
	if (rename(part, path) == 0)
		return true;
	problem_say(c, "%s: %s", "%s：%s", path, strerror(errno));
	return false;
}

static bool is_sheet(const struct answer *a)
{
	return a->len >= 4 && memcmp(a->text, "PK\3\4", 4) == 0;
}

int sheet_run(const struct ctl *c, const char *path, bool is_csv)
{
	const struct request r = { .method = "GET",
		.path = path,
		.page = true,
		.accept = is_csv ? "text/csv" : XLSX };
	struct answer a;
	int code;

	if (option("dry-run")) {
		call_show(c, &r);
		return EXIT_DONE;
	}
	if (!is_csv && isatty(STDOUT_FILENO)) {
		problem_say(c, "a sheet is no text: --out FILE.xlsx",
		    "表格不能显示在终端上：请加 --out 文件.xlsx");
		return EXIT_USAGE;
	}
	code = call(c, &r, &a);
	if (code != EXIT_DONE)
		return code;
	if (!is_csv && !is_sheet(&a)) {
		problem_say(c, "there is no sheet of this", "此项没有表格形式");
		code = EXIT_USAGE;
	} else if (fwrite(a.text, 1, a.len, stdout) != a.len) {
		code = EXIT_USAGE;
	}
	answer_release(&a);
	return code;
}
