/*
 * What people read, printed for C: problems.tsv, wrong_states.tsv, faults.tsv, expected.tsv and
 * members.tsv, each as the rows of one array in the file's order, and an enumerator a fault.
 *
 * The texts mean nothing here.  A row with an empty text, or one whose first column
 * stands twice or is not a plain word where it has to be, is refused.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tables/print.h"
#include "daemon/tables/tsv.h"

enum { NO_COLUMN = -1, ROWS_MAX = 1000 };

struct texts {
	const char *file, *header;
	int number;   /* the column that is a number, or NO_COLUMN */
	int optional; /* the column that may be empty, which is NULL, or NO_COLUMN */
	bool is_text; /* the first column is a text, with {1} and {2} in both or in neither */
};

static const struct texts problems = { "problems.tsv",
	"slug\tstatus\tzh\ten\tmend_zh\tmend_en\trule", 1, 6 };
static const struct texts wrong_states = { "wrong_states.tsv",
	"reason\tzh\ten\tmend_zh\tmend_en\trule", NO_COLUMN, 5 };
static const struct texts faults = { "faults.tsv", "rule\tzh\ten", NO_COLUMN, NO_COLUMN };
static const struct texts expected = { "expected.tsv", "en\tzh", NO_COLUMN, NO_COLUMN,
	.is_text = true };
static const struct texts members = { "members.tsv", "member\tzh", NO_COLUMN, NO_COLUMN };

typedef void row_printer(const struct texts *x, const struct tsv *t, FILE *out);

static bool is_word(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

/* Rows before: their first columns. */
struct before {
	const char *first[ROWS_MAX];
	size_t n;
};

static bool same_values(const char *a, const char *b)
{
	size_t n = 0;

	for (char value[] = "{1}"; value[1] <= '3'; value[1]++) {
		const char *in_a = strstr(a, value), *in_b = strstr(b, value);

		if (!in_a != !in_b || (in_a && strstr(in_a + 1, value)) ||
		    (in_b && strstr(in_b + 1, value)))
			return false;
		n += in_a != NULL;
	}
	for (; *a; a++)
		n -= *a == '{';
	return n == 0;
}

static bool judge(const struct texts *x, struct tsv *t, const struct before *b)
{
	char *end;

	if (x->is_text && !same_values(t->field[0], t->field[1]))
		return tsv_refuse(t, "{1} and {2}, as values, each once in both or in neither",
		    t->field[0]);
	if (!x->is_text && !is_word(t->field[0]))
		return tsv_refuse(t, "the first column is a plain word, as not-found",
		    t->field[0]);
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->first[i], t->field[0]) == 0)
			return tsv_refuse(t, "stands twice; keep one of them", t->field[0]);
	for (int i = 1; i < t->columns; i++) {
		if (!*t->field[i] && i != x->optional)
			return tsv_refuse(t, "a text is empty; every one is read by somebody",
			    t->field[0]);
		if (i == x->number && (strtol(t->field[i], &end, 10) <= 0 || *end))
			return tsv_refuse(t, "a number is expected", t->field[i]);
	}
	return true;
}

static bool print_rows(const struct texts *x, const char *data_dir, row_printer *print,
    FILE *out)
{
	struct before before = { .n = 0 };
	struct tsv t;

	if (!tsv_open(&t, data_dir, x->file, x->header))
		return false;
	fprintf(out, "/* Printed from config/data/%s; change it there. */\n", x->file);
	while (tsv_next(&t)) {
		if (!judge(x, &t, &before) ||
		    (before.n == ROWS_MAX && !tsv_refuse(&t, "too many rows", t.field[0])))
			break;
		before.first[before.n++] = t.field[0];
		print(x, &t, out);
	}
	free(t.text);
	return !t.is_broken;
}

static void print_row(const struct texts *x, const struct tsv *t, FILE *out)
{
	fputs("{ ", out);
	for (int i = 0; i < t->columns; i++) {
		const char *end = i + 1 < t->columns ? ", " : " },\n";

		if (i == x->number || !*t->field[i])
			fprintf(out, "%s%s", *t->field[i] ? t->field[i] : "NULL", end);
		else
			print_string(out, t->field[i], end);
	}
}

static void print_upper(FILE *out, const char *prefix, const char *name)
{
	fputs(prefix, out);
	for (; *name; name++)
		fputc(*name == '-' ? '_' : toupper((unsigned char)*name), out);
}

/* "unknown-member" as BROKEN_UNKNOWN_MEMBER. */
static void print_enumerator(const struct texts *x, const struct tsv *t, FILE *out)
{
	(void)x;
	print_upper(out, "BROKEN_", t->field[0]);
	fputs(",\n", out);
}

bool print_problem_rows(const char *data_dir, FILE *out)
{
	return print_rows(&problems, data_dir, print_row, out);
}

bool print_wrong_state_rows(const char *data_dir, FILE *out)
{
	return print_rows(&wrong_states, data_dir, print_row, out);
}

bool print_fault_rows(const char *data_dir, FILE *out)
{
	return print_rows(&faults, data_dir, print_row, out);
}

bool print_fault_codes(const char *data_dir, FILE *out)
{
	return print_rows(&faults, data_dir, print_enumerator, out);
}

bool print_expected_rows(const char *data_dir, FILE *out)
{
	return print_rows(&expected, data_dir, print_row, out);
}

bool print_member_rows(const char *data_dir, FILE *out)
{
	return print_rows(&members, data_dir, print_row, out);
}
