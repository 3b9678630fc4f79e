/*
 * choices.tsv: what the build refuses and in which words, what is compiled in, and
 * how a file with printed lines is compared and written.
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

#include "daemon/tables/choice_rows.h"
#include "daemon/tables/choices.h"
#include "matcher/codes.h"
#include "matcher/match.h"

#define HEADER "list\tcode\tzh\ten\tparent\tdefinition_zh\tdefinition_en\tspellings\n"

struct folder {
	char path[40], table[64], file[64];
};

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct folder make_folder(const char *rows)
{
	struct folder d = { "/tmp/vacancyd-choices-XXXXXX", "", "" };
	char text[1000];

	assert_non_null(mkdtemp(d.path));
	snprintf(d.table, sizeof(d.table), "%s/choices.tsv", d.path);
	snprintf(d.file, sizeof(d.file), "%s/page", d.path);
	snprintf(text, sizeof(text), "%s%s", HEADER, rows);
	write_file(d.table, text);
	return d;
}

static void remove_folder(const struct folder *d)
{
	unlink(d->table);
	unlink(d->file);
	assert_int_equal(rmdir(d->path), 0);
}

/* Runs print_tables; what it said, with the folder's name cut off; its exit code to *code. */
static char *run(const struct folder *d, const char *verb, const char *name, int *code)
{
	static char said[4000];
	char command[600], rest[4000];
	size_t n;
	FILE *p;

	snprintf(command, sizeof(command), "%s %s %s %s %s 2>&1", PRINT_TABLES, verb, name,
	    d->path, strcmp(verb, "show") == 0 ? "" : d->file);
	p = popen(command, "re");
	assert_non_null(p);
	n = fread(said, 1, sizeof(said) - 1, p);
	said[n] = '\0';
	/* Read to its end, or a long answer would die of the closed pipe. */
	while (fread(rest, 1, sizeof(rest), p) > 0)
		;
	*code = WEXITSTATUS(pclose(p));
	return strncmp(said, d->path, strlen(d->path)) == 0 ? said + strlen(d->path) + 1 : said;
}

static void assert_begins(const char *said, const char *with)
{
	if (strncmp(said, with, strlen(with)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", said, with);
}

static void a_wrong_row_is_refused_with_its_line_and_what_to_do(void **state)
{
	static const struct {
		const char *rows, *said;
	} wrong[] = {
		{ "forms\tfull\t全日制\tfull time\t\t\t\n", "choices.tsv:2: 8 fields" },
		{ "forms\tfull\t全日制\tfull time\t\t\t\t\tx\n", "choices.tsv:2: 8 fields" },
		{ "forms\tfull\t\tfull time\t\t义\tm\t\n",
		    "choices.tsv:2: a name is missing; state both zh and en" },
		{ "forms\tfull\t甲\ta\t\t\tm\t\n",
		    "choices.tsv:2: a definition is missing; say what it means" },
		{ "forms\tfull\t甲\ta\t\t义\tm\t\nforms\tfull\t乙\tb\t\t义\tm\t\n",
		    "choices.tsv:3: the code stands twice in its list, line 2; take one away" },
		{ "forms\tfull\t甲\ta\t\t义\tm\t全日\nforms\tpart\t乙\tb\t\t义\tm\t半天|全日\n",
		    "choices.tsv:3: this word already means another code of the list, line 2" },
		{ "forms\tfull\t甲\ta\t\t义\tm\t\nforms\tpart\t甲\tb\t\t义\tm\t\n",
		    "choices.tsv:3: this word already means" },
		{ "forms\tfull\t甲\ta\tpart\t义\tm\t\nforms\tpart\t乙\tb\t\t义\tm\t\n",
		    "choices.tsv:2: no such parent in the rows above" },
		{ "forms\tfull\t甲\ta\t\t义\tm\t\nx\ty\t甲\ta\t\t义\tm\t\nforms\tpart\t乙\tb\t\t义\tm\t\n",
		    "choices.tsv:4: the rows of a list stand together" },
		{ "forms\tfull\t甲 \ta\t\t义\tm\t\n", "choices.tsv:2: a space at an end" },
		{ "forms\tfu ll\t甲\ta\t\t义\tm\t\n", "choices.tsv:2: a code is" },
		{ "forms\tfull\t甲\ta\t\t义\tm\t全|\n", "" },
		{ "forms\tfull\t甲\ta\t\t义\tm\t|全\n", "choices.tsv:2: an empty spelling" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct folder d = make_folder(wrong[i].rows);
		int code;
		const char *said = run(&d, "show", "choice-codes", &code);

		if (*wrong[i].said) {
			assert_int_equal(code, EXIT_FAILURE);
			assert_begins(said, wrong[i].said);
		} else {
			assert_int_equal(code, EXIT_SUCCESS);
		}
		remove_folder(&d);
	}
}

static void one_word_may_mean_different_things_in_two_lists(void **state)
{
	struct folder d =
	    make_folder("a\tx\t白班\tday\t\t义\tm\t日\nb\tx\t按日\tby the day\t\t义\tm\t日\n");
	const struct choice_row *row;
	struct choice_rows c;
	size_t n;

	(void)state;
	assert_true(choice_rows_read(&c, d.path));
	row = choice_rows_list(&c, "b", &n);
	assert_int_equal(n, 1);
	assert_string_equal(row->zh, "按日");
	assert_null(choice_rows_list(&c, "c", &n));
	assert_ptr_equal(choice_rows_find(&c, "b", "x"), row);
	assert_null(choice_rows_find(&c, "b", "y"));
	choice_rows_free(&c);
	remove_folder(&d);
}

static void link_table(const struct folder *d, const char *name)
{
	char from[200], to[100];

	snprintf(from, sizeof(from), SOURCE_DIR "/config/data/%s", name);
	snprintf(to, sizeof(to), "%s/%s", d->path, name);
	assert_int_equal(symlink(from, to), 0);
}

static void unlink_table(const struct folder *d, const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	unlink(path);
}

static void a_heading_means_one_column_of_its_kind(void **state)
{
	static const struct {
		const char *rows, *said;
	} tables[] = {
		{ "x\ta\ttext\t\t子|丑\nx\tb\ttext\t\t寅\ny\tb\ttext\t\t丑\n", "/* Printed" },
		{ "x\ta\ttext\t\t子|丑\nx\tb\ttext\t\t寅|丑\n",
		    "columns of x: two have this word; leave it to one of them: 丑" },
		{ "x\ta\ttext\t\t子\nx\tb\ttext\t\tA\n", "columns of x: two have this word" },
		{ "x\ta\ttext\t\t\n", "columns of x: a text is empty" },
		{ "x\ta\t\t\t子\n", "columns of x: a plain word is expected" },
		{ "register\t-\tignored\t\t培训名称\n",
		    "columns of courses: two have this word" },
	};
	static const char *const others[] = { "choices.tsv", "registers.tsv", "members.tsv" };

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		struct folder d = make_folder("");
		char text[200];
		int code;

		unlink(d.table);
		snprintf(d.table, sizeof(d.table), "%s/columns.tsv", d.path);
		snprintf(text, sizeof(text), "kind\tmember\tcell\tlist\theaders\n%s",
		    tables[i].rows);
		write_file(d.table, text);
		for (size_t k = 0; k < sizeof(others) / sizeof(*others); k++)
			link_table(&d, others[k]);
		assert_begins(run(&d, "show", "column-rows", &code), tables[i].said);
		assert_int_equal(code, i ? EXIT_FAILURE : EXIT_SUCCESS);
		for (size_t k = 0; k < sizeof(others) / sizeof(*others); k++)
			unlink_table(&d, others[k]);
		remove_folder(&d);
	}
}

static void printed_lines_are_compared_and_written_and_others_stay(void **state)
{
	struct folder d = make_folder("a\tx\t甲\tone\t\t义\tm\t\n");
	char text[600];
	int code;
	FILE *f;

	(void)state;
	write_file(d.file, "before\n");
	assert_begins(run(&d, "check", "choice-codes", &code), "page: two lines are needed");
	assert_int_equal(code, EXIT_FAILURE);
	write_file(d.file, "before\n# printed: begin choice-codes\nold\n"
			   "# printed: end choice-codes\nafter\n");
	assert_begins(run(&d, "check", "choice-codes", &code),
	    "page:3: \"old\", but config/data says");
	assert_int_equal(code, EXIT_FAILURE);
	run(&d, "write", "choice-codes", &code);
	assert_int_equal(code, EXIT_SUCCESS);
	assert_string_equal(run(&d, "check", "choice-codes", &code), "");
	assert_int_equal(code, EXIT_SUCCESS);
	f = fopen(d.file, "re");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	assert_begins(text, "before\n# printed: begin choice-codes\n/* Printed");
	assert_non_null(strstr(text, "\tLIST_A,\n"));
	assert_string_equal(strstr(text, "# printed: end"),
	    "# printed: end choice-codes\nafter\n");
	remove_folder(&d);
}

static void what_is_compiled_in_is_the_table_of_the_tree(void **state)
{
	struct choice_rows c;
	size_t at = 0;

	(void)state;
	assert_true(choice_rows_read(&c, SOURCE_DIR "/config/data"));
	for (size_t i = 0; i < LISTS; i++) {
		for (size_t k = 0; k < choice_lists[i].n; k++, at++) {
			const struct choice *r = &choice_lists[i].rows[k];

			assert_true(at < c.n);
			assert_string_equal(c.rows[at].list, choice_lists[i].name);
			assert_string_equal(c.rows[at].code, r->code);
			assert_string_equal(c.rows[at].zh, r->zh);
			assert_string_equal(c.rows[at].definition_en, r->definition_en);
			assert_string_equal(c.rows[at].spellings, r->spellings);
			assert_int_equal(choice_find((enum code_list)i, r->code), k);
			assert_int_equal(choice_find_word((enum code_list)i, r->zh), k);
			assert_int_equal(choice_find_word((enum code_list)i, r->en), k);
		}
	}
	assert_int_equal(at, c.n);
	assert_int_equal(choice_find(LIST_SHIFTS, "夜班"), -1);
	assert_int_equal(choice_find(LIST_SHIFTS, "night"), SHIFTS_NIGHT);
	assert_int_equal(choice_find_word(LIST_SHIFTS, "NIGHT"), SHIFTS_NIGHT);
	assert_int_equal(choice_find_word(LIST_SHIFTS, "Night Shift"), SHIFTS_NIGHT);
	assert_null(choice_code(LIST_SHIFTS, -1));
	choice_rows_free(&c);
}

static void the_matcher_has_the_same_rules_and_the_same_education(void **state)
{
	const struct choice_list *rules = &choice_lists[LIST_MATCHING_RULES];
	const struct choice_list *education = &choice_lists[LIST_EDUCATION];
	education_t rank;

	(void)state;
	assert_int_equal(rules->n, RULES - 1);
	for (size_t i = 0; i < rules->n; i++) {
		char zh[200], en[200];

		assert_string_equal(rule_name((enum rule)(i + 1)), rules->rows[i].code);
		explain_rule((enum rule)(i + 1), true, zh, sizeof(zh));
		explain_rule((enum rule)(i + 1), false, en, sizeof(en));
		assert_string_equal(zh, rules->rows[i].definition_zh);
		assert_int_equal(strcasecmp(en, rules->rows[i].definition_en), 0);
	}
	for (size_t i = 0; i < education->n; i++)
		assert_int_equal(education_parse(education->rows[i].code, &rank), CODE_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_row_is_refused_with_its_line_and_what_to_do),
		cmocka_unit_test(one_word_may_mean_different_things_in_two_lists),
		cmocka_unit_test(a_heading_means_one_column_of_its_kind),
		cmocka_unit_test(printed_lines_are_compared_and_written_and_others_stay),
		cmocka_unit_test(the_matcher_has_the_same_rules_and_the_same_education),
		cmocka_unit_test(what_is_compiled_in_is_the_table_of_the_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
