/*
 * Forms: of several columns that mean one member the one that people fill in (yuan, not fen;
 * lowest and highest, not both in one cell).
 *
 * A code stands as its name in Chinese and as itself in English; both are read.  Things of a
 * list stand in one cell each, or where rows are grouped on a row each.
 */
#include "daemon/codec/form.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/columns.h"
#include "daemon/codec/form_examples.h"
#include "daemon/codec/passed_over.h"
#include "daemon/codec/row_group.h"
#include "daemon/sheet/writer.h"
#include "daemon/tables/choices.h"

bool form_is_known(const char *kind)
{
	return columns_row(kind, 0) != NULL;
}

struct kinds {
	struct arena *arena;
	const char *names;
};

static void add_kind(void *arg, const struct code *code)
{
	struct kinds *k = arg;

	if (code->level == 1)
		k->names = arena_printf(k->arena, "%s%s%s", k->names, *k->names ? ", " : "",
		    code->text);
}

const char *form_kinds(struct arena *a)
{
	struct kinds k = { a, "" };

	columns_list(add_kind, &k);
	return k.names;
}

/* The i-th column that a form of the kind has; NULL past the last. */
static const struct column_row *form_column(const char *kind, size_t i)
{
	const struct column_row *row, *other;

	for (size_t k = 0; (row = columns_row(kind, k)); k++) {
		bool is_better = !columns_pass_over(row->as) && row->as != AS_PAY;

		for (size_t n = 0; row->as == AS_NUMBER && (other = columns_row(kind, n)); n++)
			is_better = is_better && (other->as != AS_YUAN ||
						     strcmp(other->member, row->member) != 0);
		if (is_better && i-- == 0)
			return row;
	}
	return NULL;
}

/* The first heading of the language. */
static const char *heading_of(struct arena *a, const struct column_row *row, bool is_zh)
{
	const char *at = row->headers, *name = row->as == AS_YUAN ? NULL : row->member;
	size_t n;

	for (; *at; at += n + (at[n] == '|')) {
		n = strcspn(at, "|");
		if ((*at & 0x80) && is_zh)
			return arena_printf(a, "%.*s%s", (int)n, at,
			    row->as == AS_YUAN ? "（元）" : "");
		if (!(*at & 0x80) && !is_zh && !name)
			name = arena_strndup(a, at, n);
	}
	return name ? name : row->member;
}

static const char *word_of(const struct column_row *row, bool is_zh, const char *code)
{
	int place = row->list == NO_LIST ? -1 : choice_find(row->list, code);

	return is_zh && place >= 0 ? choice_lists[row->list].rows[place].zh : code;
}

static const char *decimal_of(const struct column_row *row, long long n, char out[static 32])
{
	if (row->as != AS_YUAN || n % 100 == 0)
		snprintf(out, 32, "%lld", row->as == AS_YUAN ? n / 100 : n);
	else
		snprintf(out, 32, "%lld.%02lld", n / 100, n % 100);
	return out;
}

/* A value as it stands in a cell; "": none. */
static const char *text_of(const struct column_row *row, bool is_zh, const json_t *value,
    char number[static 32])
{
	if (json_is_boolean(value))
		return json_is_true(value) ? (is_zh ? "是" : "TRUE") : (is_zh ? "否" : "FALSE");
	if (json_is_integer(value))
		return decimal_of(row, json_integer_value(value), number);
	return json_is_string(value) ? word_of(row, is_zh, json_string_value(value)) : "";
}

static void write_words(struct writer *w, const struct column_row *row, bool is_zh,
    const json_t *array)
{
	struct buf b = { 0 };
	char number[32];

	for (size_t i = 0; i < json_array_size(array); i++) {
		buf_puts(&b, i ? ";" : "");
		buf_puts(&b, text_of(row, is_zh, json_array_get(array, i), number));
	}
	writer_text(w, b.data);
	buf_free(&b);
}

static void write_cell(struct writer *w, const struct column_row *row, bool is_zh,
    const json_t *value)
{
	char number[32];

	if (json_is_array(value))
		write_words(w, row, is_zh, value);
	else if (json_is_integer(value))
		writer_number(w, decimal_of(row, json_integer_value(value), number));
	else if (row->as == AS_DAY && json_is_string(value))
		writer_day(w, json_string_value(value));
	else
		writer_text(w, text_of(row, is_zh, value, number));
}

/* The member of a record, or of the thing when the column is of things. */
static json_t *member_of(json_t *in, const char *member)
{
	size_t n = strcspn(member, ".");
	char outer[64];

	if (!member[n])
		return json_object_get(in, member);
	snprintf(outer, sizeof(outer), "%.*s", (int)n, member);
	return json_object_get(json_object_get(in, outer), member + n + 1);
}

static json_t *things_of(json_t *record, const struct column_row *row)
{
	char outer[64];

	snprintf(outer, sizeof(outer), "%.*s", (int)strcspn(row->member, "."), row->member);
	return json_object_get(record, outer);
}

static json_t *of_thing(json_t *thing, const struct column_row *row)
{
	return json_object_get(thing, strchr(row->member, '.') + 1);
}

/* Divided by semicolons, or by line ends where a semicolon is in one of them; "-" is nothing.
 */
static void write_things(struct writer *w, const struct column_row *row, bool is_zh,
    json_t *things)
{
	bool by_line = false, has_any = false;
	struct buf b = { 0 };
	char number[32];
	json_t *thing;
	size_t i;

	if (json_array_size(things) == 1) {
		const char *one =
		    text_of(row, is_zh, of_thing(json_array_get(things, 0), row), number);

		if (!strchr(one, ';') && !strstr(one, "；")) {
			write_cell(w, row, is_zh, of_thing(json_array_get(things, 0), row));
			return;
		}
	}
	json_array_foreach(things, i, thing)
	{
		const char *one = text_of(row, is_zh, of_thing(thing, row), number);

		by_line |= strchr(one, ';') || strstr(one, "；");
		has_any |= *one != '\0';
	}
	json_array_foreach(things, i, thing)
	{
		const char *one = text_of(row, is_zh, of_thing(thing, row), number);

		buf_puts(&b, i ? (by_line ? "\n" : ";") : "");
		buf_puts(&b, *one ? one : "-");
	}
	if (by_line && json_array_size(things) == 1)
		buf_putc(&b, '\n');
	writer_text(w, has_any ? b.data : NULL);
	buf_free(&b);
}

/* `thing`: the one that the row is of, where rows are grouped; else NULL. */
static void write_row(struct writer *w, const char *kind, bool is_zh, json_t *record,
    json_t *thing)
{
	const struct column_row *row;

	for (size_t i = 0; (row = form_column(kind, i)); i++) {
		if (!row->is_each)
			write_cell(w, row, is_zh, member_of(record, row->member));
		else if (thing)
			write_cell(w, row, is_zh, of_thing(thing, row));
		else
			write_things(w, row, is_zh, things_of(record, row));
	}
	writer_row_end(w);
}

void form_write_record(struct writer *w, const char *kind, bool is_zh, json_t *record)
{
	const struct column_row *row;
	json_t *things = NULL, *thing;
	size_t n;

	for (size_t i = 0; row_group_is_of(kind) && !things && (row = form_column(kind, i));
	     i++)
		if (row->is_each)
			things = things_of(record, row);
	if (!things)
		write_row(w, kind, is_zh, record, NULL);
	json_array_foreach(things, n, thing) write_row(w, kind, is_zh, record, thing);
}

/* With a star behind each that must be filled in, where that is asked for. */
void form_write_headings(struct arena *a, struct writer *w, const char *kind, bool is_zh,
    bool has_stars)
{
	const struct column_row *row;

	for (size_t i = 0; (row = form_column(kind, i)); i++)
		if (row->as == AS_TEXT || row->as == AS_CODE || row->as == AS_COMMUNITY ||
		    row->as == AS_OCCUPATION || row->as == AS_GROUP || row->as == AS_DISTRICT ||
		    row->as == AS_PERIOD || row->is_each)
			writer_column_is_text(w, i);
	for (size_t i = 0; (row = form_column(kind, i)); i++)
		writer_head(w, arena_printf(a, "%s%s", heading_of(a, row, is_zh),
				   has_stars && form_needs(row) ? "*" : ""));
	writer_row_end(w);
}

bool form_write_lines(struct arena *a, struct writer *w, bool is_zh, const char *body)
{
	static const char *const of_all[] = { "employer", "quarter" };
	json_t *tree = json_loads(body, 0, NULL);
	json_t *lines = json_object_get(tree, "lines"), *line;
	size_t n;

	form_write_headings(a, w, "returns", is_zh, false);
	json_array_foreach(lines, n, line)
	{
		for (size_t i = 0; i < COUNT(of_all); i++)
			json_object_set(line, of_all[i], json_object_get(tree, of_all[i]));
		form_write_record(w, "returns", is_zh, line);
	}
	json_decref(tree);
	return lines != NULL;
}

/* What is written of an example, as the member would be in JSON. */
static json_t *example_value(const struct column_row *row, const char *text)
{
	json_t *list;

	switch (row->as) {
	case AS_NUMBER:
	case AS_YUAN:
	case AS_MONTHS:
		return json_integer(strtoll(text, NULL, 10));
	case AS_FLAG:
		return json_boolean(strcmp(text, "true") == 0);
	case AS_CHOICES:
	case AS_OCCUPATIONS:
		list = json_array();
		for (size_t n; *text; text += n + (text[n] == ';')) {
			n = strcspn(text, ";");
			json_array_append_new(list, json_stringn(text, n));
		}
		return list;
	default:
		return json_string(text);
	}
}

/* The column whose example says that the row is one, by whatever stands there: a text, or what
 * comes first. */
static size_t marked_column(struct arena *a, const char *kind, bool is_zh,
    const struct form_example *example)
{
	const struct column_row *row;
	size_t place = SIZE_MAX;

	for (size_t i = 0; (row = form_column(kind, i)); i++) {
		const char *text = form_example_of(a, row, is_zh, example);

		if (text && passed_over_is_example(a, text))
			return i;
		if (text && (place == SIZE_MAX || row->as == AS_TEXT))
			place = i;
	}
	return place;
}

static void write_example(struct arena *a, struct writer *w, const char *kind, bool is_zh,
    const struct form_example *example)
{
	const size_t marked = marked_column(a, kind, is_zh, example);
	const struct column_row *row;

	for (size_t i = 0; (row = form_column(kind, i)); i++) {
		const char *text = form_example_of(a, row, is_zh, example);
		json_t *value = i == marked ? json_string(passed_over_example(is_zh))
				: text      ? example_value(row, text)
					    : NULL;

		write_cell(w, row, is_zh, value);
		json_decref(value);
	}
	writer_row_end(w);
}

/* The words of a list; NULL-terminated. */
static const char *const *words_of(struct arena *a, const struct column_row *row, bool is_zh)
{
	const struct choice_list *list = &choice_lists[row->list];
	const char **words = arena_alloc(a, (list->n + 1) * sizeof(*words));

	for (size_t i = 0; i < list->n; i++)
		words[i] = is_zh ? list->rows[i].zh : list->rows[i].code;
	return words;
}

static const char *explain(struct arena *a, const struct column_row *row, bool is_zh)
{
	const char *text = form_explanation(a, row, is_zh);

	if (row->is_each && !row_group_is_of(row->kind))
		text = arena_printf(a,
		    is_zh ? "%s；多项的以分号隔开，或每行一项，与同组各列逐项对应，缺的填 -"
			  : "%s; several with semicolons between, or one a line, in the order "
			    "of the columns beside it, - for none",
		    text);
	if (form_needs(row))
		text = arena_printf(a, is_zh ? "必填。%s" : "Required. %s", text);
	if (row->as != AS_CHOICES)
		return text;
	for (const char *const *word = words_of(a, row, is_zh); *word; word++)
		text = arena_printf(a, "%s%s%s", text, word[0],
		    word[1] ? (is_zh ? "；" : "; ") : "");
	return text;
}

void form_write_template(struct arena *a, struct writer *w, const char *kind, bool is_zh,
    const struct form_example *example)
{
	static const char *const flags_zh[] = { "是", "否", NULL };
	static const char *const flags_en[] = { "TRUE", "FALSE", NULL };
	const struct column_row *row;

	form_write_headings(a, w, kind, is_zh, true);
	for (size_t i = 0; (row = form_column(kind, i)); i++) {
		writer_column_note(w, i, heading_of(a, row, is_zh), explain(a, row, is_zh));
		if (row->as == AS_CHOICE && (!row->is_each || row_group_is_of(kind)))
			writer_column_choices(w, i, words_of(a, row, is_zh));
		else if (row->as == AS_FLAG)
			writer_column_choices(w, i, is_zh ? flags_zh : flags_en);
	}
	write_example(a, w, kind, is_zh, example);
	if (!writer_sheet(w, is_zh ? "填表说明" : "How to fill it in"))
		return;
	for (size_t i = 0; (row = form_column(kind, i)); i++) {
		writer_head(w, heading_of(a, row, is_zh));
		writer_text(w, explain(a, row, is_zh));
		writer_row_end(w);
	}
}
