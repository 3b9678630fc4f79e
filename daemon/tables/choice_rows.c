/*
 * Reading choices.tsv, and refusing what would make two readers of it disagree.
 *
 * It knows no list by name.  Within a list a word (code, name or spelling) means
 * one code; between lists the same word may mean different things.
 */
#include "daemon/tables/choice_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"

#define CODE_MAX 31 /* what an answer has room for */

/* "<what>, line 12; <mend>" on the current row. */
static bool refuse(struct tsv *t, const char *what, size_t line, const char *mend,
    const char *value)
{
	char text[200];

	if (line)
		snprintf(text, sizeof(text), "%s, line %zu; %s", what, line, mend);
	else
		snprintf(text, sizeof(text), "%s; %s", what, mend);
	return tsv_refuse(t, text, value);
}

static bool is_name(const char *s, const char *marks)
{
	size_t n = 0;

	for (; s[n]; n++)
		if (!(s[n] >= 'a' && s[n] <= 'z') && !(s[n] >= 'A' && s[n] <= 'Z') &&
		    !(s[n] >= '0' && s[n] <= '9') && !strchr(marks, s[n]))
			return false;
	return n > 0;
}

static bool is_trimmed(const char *s)
{
	return *s != ' ' && (!*s || s[strlen(s) - 1] != ' ');
}

/* The row before this one of the list that has this word. */
static const struct choice_row *find_word(const struct choice_rows *c, const char *list,
    const char *word, size_t n)
{
	const struct choice_row *r = choice_rows_list(c, list, &(size_t){ 0 });

	for (; r && r < c->rows + c->n; r++)
		if (tsv_has_word(r->code, word, n) || tsv_has_word(r->zh, word, n) ||
		    tsv_has_word(r->en, word, n) || tsv_has_word(r->spellings, word, n))
			return r;
	return NULL;
}

static bool check_words(struct tsv *t, const struct choice_rows *c, const char *list,
    const char *words)
{
	while (*words) {
		size_t n = strcspn(words, "|");
		const struct choice_row *other = find_word(c, list, words, n);

		if (!n)
			return refuse(t, "an empty spelling", 0, "take the | away", words);
		if (other)
			return refuse(t, "this word already means another code of the list",
			    other->line, "leave it to one of the two", words);
		words += n + (words[n] == '|');
	}
	return true;
}

static bool check_row(struct tsv *t, const struct choice_rows *c, const struct choice_row *r)
{
	const struct choice_row *last = c->n ? &c->rows[c->n - 1] : NULL;
	const struct choice_row *twin = choice_rows_find(c, r->list, r->code);

	if (!is_name(r->list, "-"))
		return refuse(t, "a list's name is letters, digits and -", 0, "rename it",
		    r->list);
	if (!is_name(r->code, "-_") || strlen(r->code) > CODE_MAX)
		return refuse(t, "a code is 1 to 31 letters, digits, - and _", 0, "rename it",
		    r->code);
	for (int i = 2; i < t->columns; i++)
		if (!is_trimmed(t->field[i]))
			return refuse(t, "a space at an end", 0, "take it away", t->field[i]);
	if (!*r->zh || !*r->en)
		return refuse(t, "a name is missing", 0, "state both zh and en", r->code);
	if (!*r->definition_zh || !*r->definition_en)
		return refuse(t, "a definition is missing", 0,
		    "say what it means in both languages", r->code);
	if (twin)
		return refuse(t, "the code stands twice in its list", twin->line,
		    "take one away", r->code);
	if (last && strcmp(last->list, r->list) != 0 &&
	    choice_rows_list(c, r->list, &(size_t){ 0 }))
		return refuse(t, "the rows of a list stand together", 0,
		    "move it to the others", r->list);
	if (*r->parent && !choice_rows_find(c, r->list, r->parent))
		return refuse(t, "no such parent in the rows above", 0,
		    "state the parent before, or leave it empty", r->parent);
	return check_words(t, c, r->list, r->code) && check_words(t, c, r->list, r->zh) &&
	       check_words(t, c, r->list, r->en) && check_words(t, c, r->list, r->spellings);
}

bool choice_rows_read(struct choice_rows *out, const char *data_dir)
{
	struct tsv t;

	*out = (struct choice_rows){ 0 };
	if (!tsv_open(&t, data_dir, "choices.tsv",
		"list\tcode\tzh\ten\tparent\tdefinition_zh\tdefinition_en\tspellings"))
		return false;
	out->text = t.text;
	out->rows = must_alloc(t.lines * sizeof(*out->rows));
	while (tsv_next(&t)) {
		struct choice_row r = { t.field[0], t.field[1], t.field[2], t.field[3],
			t.field[4], t.field[5], t.field[6], t.field[7], t.line };

		if (!check_row(&t, out, &r))
			break;
		out->rows[out->n++] = r;
	}
	if (!t.is_broken)
		return true;
	choice_rows_free(out);
	return false;
}

void choice_rows_free(struct choice_rows *c)
{
	free(c->rows);
	free(c->text);
	*c = (struct choice_rows){ 0 };
}

const struct choice_row *choice_rows_list(const struct choice_rows *c, const char *list,
    size_t *n)
{
	const struct choice_row *first = NULL;

	*n = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->rows[i].list, list) != 0)
			continue;
		first = first ? first : &c->rows[i];
		++*n;
	}
	return first;
}

const struct choice_row *choice_rows_find(const struct choice_rows *c, const char *list,
    const char *code)
{
	size_t n;
	const struct choice_row *r = choice_rows_list(c, list, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(r[i].code, code) == 0)
			return &r[i];
	return NULL;
}
