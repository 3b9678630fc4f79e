/*
 * registers.tsv: which rows stop the build and in which words, and what is compiled in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/tables/choices.h"
#include "daemon/tables/registers.h"

#define HEADER "register\tmember\tkind\tbounds\tsay\tlist\tzh\ten\texample\n"
#define CHOICES                                                                                \
	"list\tcode\tzh\ten\tparent\tdefinition_zh\tdefinition_en\tspellings\n"                \
	"ends\tover\t完\tit is over\t\t完\tover\t\n"

/* A register that is right: six lines with the header. */
#define FAIR  "fair\t-\tregister\tfairs\t-\t-\t招聘会\ta job fair\n"
#define TITLE "fair\ttitle\ttext\t1..60\tmust\tyes\t名称\ttitle\n"
#define DAY   "fair\tday\tday\t-\tmust\tyes\t日期\tday\n"
#define PLACE "fair\tplace\tplace\t12\tmust\tscope\t地点\tplace\n"
#define END   "fair\treason\tend\tends\tmust\t-\t原因\treason\n"

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[80];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* The rows with no example each. */
static void write_rows(const char *folder, const char *rows)
{
	char text[4000];
	size_t n = 0;

	for (bool is_first = true; *rows; rows++) {
		assert_true(n + 4 < sizeof(text));
		if (*rows == '\n' && !is_first) {
			text[n++] = '\t';
			text[n++] = '-';
		}
		is_first = is_first && *rows != '\n';
		text[n++] = *rows;
	}
	text[n] = '\0';
	write_file(folder, "registers.tsv", text);
}

/* Prints the tables of these rows: what was said, without the folder's name, and the exit
 * code. */
static char *print_rows(const char *rows, int *code)
{
	static char said[20000];
	char folder[] = "/tmp/vacancyd-registers-XXXXXX", command[600];
	FILE *p;
	size_t n;

	assert_non_null(mkdtemp(folder));
	write_file(folder, "choices.tsv", CHOICES);
	write_rows(folder, rows);
	snprintf(command, sizeof(command),
	    "%s show register-tables %s 2>&1; echo \"$?\"; rm -r %s", PRINT_TABLES, folder,
	    folder);
	p = popen(command, "re");
	assert_non_null(p);
	n = fread(said, 1, sizeof(said) - 1, p);
	said[n] = '\0';
	assert_int_equal(pclose(p), 0);
	assert_true(n >= 2);
	said[n - 1] = '\0';
	*code = (int)strtol(strrchr(said, '\n') ? strrchr(said, '\n') + 1 : said, NULL, 10);
	return strncmp(said, folder, strlen(folder)) == 0 ? said + strlen(folder) + 1 : said;
}

static void a_wrong_row_stops_the_build_with_its_line_and_what_would_be_right(void **state)
{
	static const struct {
		const char *rows, *said;
	} wrong[] = {
		{ FAIR "fair\ttitle\ttext\t60..1\tmust\tyes\t名称\ttitle\n",
		    "registers.tsv:3: bounds are turned round; the lesser comes first" },
		{ FAIR "fair\ttitle\ttext\tlong\tmust\tyes\t名称\ttitle\n",
		    "registers.tsv:3: bounds are two numbers, as 1..60" },
		{ FAIR "fair\ttitle\ttext\t1..60 or so\tmust\tyes\t名称\ttitle\n",
		    "registers.tsv:3: bounds are two numbers, as 1..60" },
		{ FAIR "fair\tplaces\twhole\t1..60, no known area\tmust\tyes\t数\tplaces\n",
		    "registers.tsv:3: bounds are two numbers, as 1..60" },
		{ "fair\t-\tregister\tfairs\tmust\t-\t招聘会\ta job fair\n",
		    "registers.tsv:2: a register says papers when no entry is without, or -" },
		{ FAIR "fair\ttitle\twords\t1..60\tmust\tyes\t名称\ttitle\n",
		    "registers.tsv:3: a kind is text, hex, whole, flag," },
		{ FAIR "fair\tkind\tchoice\tcolours\tmust\tyes\t类别\tkind\n",
		    "registers.tsv:3: choices.tsv has no such list: \"colours\"" },
		{ FAIR TITLE TITLE, "registers.tsv:4: this register has that member above" },
		{ FAIR TITLE DAY "fair\tuntil\tday\t>= from\tmay\t-\t止\tlast day\n",
		    "registers.tsv:5: >= names a day that stands above it" },
		{ FAIR TITLE "fair\tuntil\tday\t>= title\tmay\t-\t止\tlast day\n",
		    "registers.tsv:4: >= names a day that stands above it" },
		{ FAIR "fair\tday\tday\tday + 1\tmay\t-\t止\tlast day\n",
		    "registers.tsv:3: a day's bounds are" },
		{ FAIR "fair\tplace\tplace\t11\tmust\tscope\t地点\tplace\n",
		    "registers.tsv:3: a place has 4, 6, 9 or 12 digits" },
		{ FAIR "fair\topen\tflag\t0..1\tmay\t-\t公开\topen\n",
		    "registers.tsv:3: this kind has no bounds; write -" },
		{ FAIR "fair\ttitle\ttext\t1..60\tshould\tyes\t名称\ttitle\n",
		    "registers.tsv:3: must, may or once" },
		{ FAIR "fair\ttitle\ttext\t1..60\tmust\tsure\t名称\ttitle\n",
		    "registers.tsv:3: list is -, yes or scope" },
		{ FAIR "fair\ttitle\ttext\t1..60\tmust\tscope\t名称\ttitle\n",
		    "registers.tsv:3: scope is of a place, a seeker or a unit" },
		{ FAIR "fair\tplace\tplace\t12\tmay\tscope\t地点\tplace\n",
		    "registers.tsv:3: who may see an entry must be stated" },
		{ FAIR "fair\tversion\twhole\t1..9\tmay\t-\t版本\tversion\n",
		    "registers.tsv:3: every register has this member already" },
		{ FAIR "fair\tfair\ttext\t1..9\tmay\t-\t会\tfair\n",
		    "registers.tsv:3: every register has this member already" },
		{ FAIR "fair\tTitle\ttext\t1..60\tmust\tyes\t名称\ttitle\n",
		    "registers.tsv:3: a member is of small letters and _" },
		{ FAIR "fair\ttitle\ttext\t1..60\tmust\tyes\t\ttitle\n",
		    "registers.tsv:3: a member has a name in zh and in en" },
		{ FAIR "fair\ttitle\ttext\t1..60\tmust\tyes\t名称\tthe \"title\"\n",
		    "registers.tsv:3: a name has no quotes and no backslash" },
		{ TITLE, "registers.tsv:2: a register begins with a row whose member is -" },
		{ FAIR "show\ttitle\ttext\t1..60\tmust\tyes\t名称\ttitle\n",
		    "registers.tsv:3: a register begins with a row whose member is -" },
		{ FAIR TITLE PLACE END DAY,
		    "registers.tsv:6: how a register ends is the last" },
		{ FAIR TITLE PLACE END FAIR,
		    "registers.tsv:6: there is such a register above" },
		{ FAIR TITLE END "show\t-\tregister\tshows\t-\t-\t展会\ta show\n",
		    "registers.tsv:5: a register before this row has not one member of scope" },
		{ FAIR TITLE PLACE "show\t-\tregister\tshows\t-\t-\t展会\ta show\n",
		    "registers.tsv:5: a register before this row does not say how it ends" },
		{ FAIR TITLE PLACE,
		    "registers.tsv:4: a register before this row does not say how" },
		{ FAIR TITLE PLACE "fair\twhy\tend\tends\tmust\t-\t原因\treason\n",
		    "registers.tsv:5: the member of an end is called reason" },
		{ FAIR TITLE PLACE "fair\treason\tend\tfates\tmust\t-\t原因\treason\n",
		    "registers.tsv:5: choices.tsv has no such list" },
		{ "day\t-\tregister\tdays\t-\t-\t日\ta day\n",
		    "registers.tsv:2: a register is not named as a kind is" },
		{ "Fair\t-\tregister\tfairs\t-\t-\t会\ta fair\n",
		    "registers.tsv:2: a register and its plural are of small letters and -" },
		{ "fair\t-\ttable\tfairs\t-\t-\t会\ta fair\n",
		    "registers.tsv:2: a first row is a register or a part" },
		{ FAIR TITLE PLACE END "show\t-\tregister\tshows\t-\t-\t展会\ta show\n"
				       "show\ttitle\twhole\t1..60\tmust\tyes\t名称\ttitle\n",
		    "registers.tsv:7: another register has this name for a number or a flag" },
		{ FAIR "fair\ttitle\ttext\t1..60\tmust\tyes\t名称\n",
		    "registers.tsv:3: 9 fields are expected" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char rows[2000];
		int code;
		const char *said;

		snprintf(rows, sizeof(rows), HEADER "%s", wrong[i].rows);
		said = print_rows(rows, &code);
		if (strncmp(said, wrong[i].said, strlen(wrong[i].said)) != 0)
			fail_msg("\"%s\" does not begin with \"%s\"", said, wrong[i].said);
		assert_int_equal(code, EXIT_FAILURE);
	}
}

static void rows_that_are_right_are_printed(void **state)
{
	int code;
	const char *said = print_rows(HEADER FAIR TITLE DAY PLACE END, &code);

	(void)state;
	assert_int_equal(code, EXIT_SUCCESS);
	assert_non_null(
	    strstr(said, "{ \"title\", \"名称\", \"title\", MEMBER_TEXT, SAY_MUST,"));
	assert_non_null(strstr(said, "LIST_ENDS"));
}

static void the_registers_are_found_by_name(void **state)
{
	const struct registry *figure = registry_named("outside-figure");

	(void)state;
	assert_non_null(figure);
	assert_string_equal(figure->id, "outside_figure");
	assert_string_equal(figure->ends, "void");
	assert_null(registry_named("figure"));
	assert_null(registry_named("evidence")->plural);
	for (size_t i = 0; i < n_registers; i++)
		for (size_t k = 0; k < registers[i].n; k++) {
			const struct registry_member *m = &registers[i].members[k];

			if (m->kind == MEMBER_CHOICE)
				assert_string_equal(choice_lists[m->choices].name, m->of);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_wrong_row_stops_the_build_with_its_line_and_what_would_be_right),
		cmocka_unit_test(rows_that_are_right_are_printed),
		cmocka_unit_test(the_registers_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
