/*
 * columns.tsv, printed for C: a row a column that a file people send may have.
 *
 * A row that is unclear is refused: a heading means one column of its kind.  How a cell is
 * read and which list it is of are names for the compiler, which knows them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tables/print.h"
#include "daemon/tables/tsv.h"

enum { ROWS_MAX = 1000 };

struct column {
	const char *kind, *member, *headers;
};

static bool is_word(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-")] == '\0';
}

static bool judge(struct tsv *t, const struct column *before, size_t n)
{
	const char *words = t->field[4];

	if (n == ROWS_MAX)
		return tsv_refuse(t, "too many rows", t->field[0]);
	for (int i = 0; i < 3; i++)
		if (!is_word(t->field[i]))
			return tsv_refuse(t, "a plain word is expected", t->field[i]);
	if (!*words)
		return tsv_refuse(t, "a text is empty; every one is read by somebody",
		    t->field[1]);
	for (size_t len; *words; words += len + (words[len] == '|')) {
		len = strcspn(words, "|");
		for (size_t i = 0; i < n; i++)
			if (strcmp(before[i].kind, t->field[0]) == 0 &&
			    (tsv_has_word(before[i].headers, words, len) ||
				tsv_has_word(before[i].member, words, len)))
				return tsv_refuse(t,
				    "another row has this word; leave it to one of the two",
				    words);
	}
	return true;
}

static void print_name(FILE *out, const char *prefix, const char *name)
{
	fputs(prefix, out);
	for (; *name; name++)
		fputc(*name == '-' ? '_' : toupper((unsigned char)*name), out);
	fputs(", ", out);
}

bool print_column_rows(const char *data_dir, FILE *out)
{
	struct column before[ROWS_MAX];
	struct tsv t;
	size_t n = 0;

	if (!tsv_open(&t, data_dir, "columns.tsv", "kind\tmember\tcell\tlist\theaders"))
		return false;
	fputs("/* Printed from config/data/columns.tsv; change it there. */\n", out);
	while (tsv_next(&t) && judge(&t, before, n)) {
		before[n++] = (struct column){ t.field[0], t.field[1], t.field[4] };
		fputs("{ ", out);
		print_string(out, t.field[0], ", ");
		print_string(out, t.field[1], ", ");
		print_name(out, "AS_", t.field[2]);
		if (*t.field[3])
			print_name(out, "LIST_", t.field[3]);
		else
			fputs("NO_LIST, ", out);
		print_string(out, t.field[4], " },\n");
	}
	free(t.text);
	return !t.is_broken;
}
