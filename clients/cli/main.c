/*
 * vacancyctl: the command line of all three desks.
 *
 * Finds the row of the table that the words name, sends its request, shows its
 * answer; a list's pages one after the other with --all.
 */
#include "clients/cli/ctl.h"

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* The pattern with its arguments filled in, and the query; to be freed. */
static char *path_make(const struct ctl *c)
{
	char *text = NULL, *query = query_make(c);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (const char *p = c->command->path; *p; p++) {
		char *segment;

		if (*p != '{') {
			fputc(*p, out);
			continue;
		}
		segment = call_segment(c->argv[p[1] - '0']);
		fputs(segment, out);
		free(segment);
		p += 2;
	}
	fputs(query, out);
	fclose(out);
	free(query);
	return text;
}

/* The same path with the cursor of the page that was read; `left` rows are still wanted, 0: as
 * many as before. */
static char *path_next(char *path, const char *cursor, unsigned long left)
{
	char *segment = call_segment(cursor), *text = NULL;
	char *at = strstr(path, "cursor="), *limit;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	/* The cursor is the last of the query or not in it. */
	if (at)
		at[-1] = '\0';
	limit = left ? strstr(path, "limit=") : NULL;
	if (limit)
		fprintf(out, "%.*slimit=%lu%s", (int)(limit - path), path, left,
		    limit + 6 + strspn(limit + 6, "0123456789"));
	else
		fputs(path, out);
	fprintf(out, "%ccursor=%s", strchr(path, '?') ? '&' : '?', segment);
	fclose(out);
	free(segment);
	free(path);
	return text;
}

/* A page may be short, or empty, although the list goes on: the exchange looks at so many rows
 * for each.  The person asked for rows, not for pages; a program, for one page as it came. */
static unsigned long wanted(void)
{
	const char *limit = option("limit");

	return option("all")    ? ULONG_MAX
	       : option("json") ? 0
	       : limit          ? strtoul(limit, NULL, 10)
				: 1;
}

static int show_list(const struct ctl *c, const struct request *first)
{
	struct shown *shown = show_begin(c);
	struct request r = *first;
	char *path = strdup(first->path);
	char next[2048] = "";
	unsigned long rows = 0;
	json_t *notes = NULL;
	bool refused = false;
	struct answer a;
	int code;

	r.path = path;
	while ((code = call(c, &r, &a)) == EXIT_DONE) {
		const char *cursor = json_string_value(json_object_get(a.json, "next"));

		show_page(shown, &a);
		rows += json_array_size(json_object_get(a.json, c->command->list));
		if (c->command->notes && !option("json") && !option("csv"))
			notes = json_incref(a.json);
		/* Of many at once some were not done: scripts should notice. */
		refused = json_integer_value(json_object_get(a.json, "refused")) > 0;
		snprintf(next, sizeof(next), "%s", cursor ? cursor : "");
		answer_release(&a);
		if (!*next || rows >= wanted())
			break;
		r.path = path = path_next(path, next, option("all") ? 0 : wanted() - rows);
		show_progress(c->zh ? "已读" : "read", rows, 0);
	}
	show_progress(NULL, 0, 0);
	show_finish(shown, code == EXIT_DONE || rows);
	if (notes)
		show_rows(c, json_object_get(notes, "code_names"), c->command->notes,
		    json_object_get(notes, c->command->notes));
	json_decref(notes);
	if (code == EXIT_DONE && *next && !option("quiet") && !option("json"))
		problem_say(c, "there are more: --all, or --cursor %s",
		    "还有更多：加 --all，或 --cursor %s", next);
	free(path);
	return code == EXIT_DONE && refused ? EXIT_REFUSED : code;
}

static int show_one(const struct ctl *c, const struct request *r)
{
	struct answer a;
	int code = call(c, r, &a);

	if (code != EXIT_DONE)
		return code;
	if (r->page)
		fputs(a.text ? a.text : "", stdout);
	else
		show_answer(c, &a);
	/* `board verify` found something: scripts should notice. */
	if (json_integer_value(json_object_get(a.json, "differences")) > 0)
		code = EXIT_REFUSED;
	answer_release(&a);
	return code;
}

static bool is_return(const struct command *k)
{
	return command_takes(k, "validate");
}

static int run(struct ctl *c)
{
	const struct command *k = c->command;
	struct request r = { .method = k->method,
		.admin = command_is_admin(k),
		.page = command_is_page(k) };
	char *path;
	json_t *body;
	int code = EXIT_DONE;

	if (!body_make(c, &body))
		return EXIT_USAGE;
	path = path_make(c);
	r.path = path;
	r.body = body;
	r.idempotent = !r.admin && strcmp(k->method, "POST") == 0;
	if (option("dry-run") && !is_return(k)) {
		call_show(c, &r);
	} else {
		if (option("dry-run"))
			problem_say(c, "the exchange only checks it, nothing is filed",
			    "仅由系统核验，不报送");
		code = option("xlsx") || option("columns") ? sheet_run(c, path, !option("xlsx"))
		       : k->list                           ? show_list(c, &r)
							   : show_one(c, &r);
	}
	json_decref(body);
	free(path);
	return code;
}

/* The argument KIND is a code, whatever the person calls it. */
static bool read_kind(struct ctl *c)
{
	const char *list = code_list_taken(c, c->command, "KIND");
	const char *code = list ? code_meant(list, c->argv[1], strlen(c->argv[1])) : NULL;
	static const char *words[4]; /* popt's own stay as they are */

	if (list && !code) {
		problem_say(c, "no such KIND: %s; there are", "没有这一种类：%s；可用的有",
		    c->argv[1]);
		fputs("  ", stderr);
		code_list_put(stderr, list, c->zh);
		fputc('\n', stderr);
	}
	for (int i = 0; code && i < c->argc && i < 4; i++)
		words[i] = i == 1 ? code : c->argv[i];
	if (code)
		c->argv = words;
	return !list || code;
}

/* The row with the most words that these begin with. */
static const struct command *find(int n, const char **words, int *used)
{
	const struct command *found = NULL;

	*used = 0;
	for (size_t i = 0; i < n_commands; i++) {
		const char *verb = strchr(commands[i].words, ' ');
		size_t noun = strcspn(commands[i].words, " ");
		int takes = verb ? 2 : 1;

		if (n < takes || takes <= *used || strlen(words[0]) != noun ||
		    strncmp(words[0], commands[i].words, noun) != 0 ||
		    (verb && strcmp(words[1], verb + 1) != 0))
			continue;
		found = &commands[i];
		*used = takes;
	}
	return found;
}

static int no_such(const struct ctl *c, int n, const char **words)
{
	bool is_noun = false;

	for (size_t i = 0; n && i < n_commands; i++)
		is_noun =
		    is_noun || (strncmp(commands[i].words, words[0], strlen(words[0])) == 0 &&
				   commands[i].words[strlen(words[0])] == ' ');
	if (option("help")) {
		help_usage(c, stdout, is_noun ? words[0] : NULL);
		return EXIT_DONE;
	}
	if (n && !(is_noun && n == 1))
		problem_say(c, "no such command: %s%s%s; `vacancyctl help` lists them",
		    "没有这个命令：%s%s%s；vacancyctl help 列出全部命令", words[0],
		    n > 1 ? " " : "", n > 1 ? words[1] : "");
	if (!n || is_noun)
		help_usage(c, stderr, is_noun ? words[0] : NULL);
	return EXIT_USAGE;
}

/* What a terminal of another encoding sends would be lost on the way. */
static bool is_utf8(const struct ctl *c, int argc, const char **argv)
{
	for (int i = 1; i < argc; i++) {
		json_t *text = json_string(argv[i]);

		if (!text) {
			problem_say(c, "argument %d is not UTF-8",
			    "第 %d 个参数不是 UTF-8 编码", i);
			return false;
		}
		json_decref(text);
	}
	return true;
}

int main(int argc, const char **argv)
{
	static struct ctl c;
	const char **words;
	int n, used, code;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (!options_read(&c, argc, argv, &n, &words) || !is_utf8(&c, argc, argv))
		return EXIT_USAGE;
	c.command = find(n, words, &used);
	if (!c.command)
		return no_such(&c, n, words);
	if (option("help")) {
		help_command(&c, stdout, c.command);
		return EXIT_DONE;
	}
	c.argc = n - used;
	c.argv = words + used;
	if (c.argc < command_least(c.command) || c.argc > command_most(c.command)) {
		problem_say(&c, "`%s` takes %s, not %d words",
		    "“%s”的参数应为：%s，而不是 %d 个", c.command->words,
		    *c.command->args ? c.command->args
		    : c.zh           ? "无"
				     : "none",
		    c.argc);
		help_command(&c, stderr, c.command);
		return EXIT_USAGE;
	}
	if (!options_fit(&c) || !read_kind(&c) || !sheet_fits(&c))
		return EXIT_USAGE;
	if (!out_begin(&c))
		return EXIT_USAGE;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	code = c.command->run ? c.command->run(&c) : run(&c);
	curl_global_cleanup();
	/* What was refused in part has an answer too. */
	if (!out_end(&c, code <= EXIT_REFUSED) && code == EXIT_DONE) {
		problem_say(&c, "the answer could not be written", "应答无法写出");
		code = EXIT_USAGE;
	}
	return code;
}
