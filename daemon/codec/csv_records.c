/*
 * CSV (RFC 4180, by libcsv): a header of Chinese or English names, and one
 * record as the object that the same line would be in JSON.
 *
 * A cell is text; its column says what it becomes: a number, a flag, a list
 * divided by semicolons, a word.  A cell that is not what its column wants stays
 * a text, so that the reader of lines refuses it with the member's own rule.
 */
#include "daemon/codec/csv_records.h"

#include <csv.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/count.h"
#include "daemon/codec/codec.h"
#include "daemon/codec/rules.h"
#include "daemon/base/utf8.h"
#include "daemon/tables/choices.h"
#include "daemon/tables/header_words.h" /* printed by the build */
#include "daemon/tables/tsv.h"

/* WORD and WORDS are of a short list, by code, name or spelling (choices.tsv). */
enum cell_kind { TEXT, NUMBER, FLAG, LIST, WORD, WORDS };

struct csv_column {
	const char *name, *headers; /* "编号|岗位编号" */
	enum cell_kind kind;
	enum code_list of;
};

static const struct csv_column known[] = {
	{ "employer", HEADERS_EMPLOYER, TEXT },
	{ "quarter", HEADERS_QUARTER, TEXT },
	{ "ref", HEADERS_REF, TEXT },
	{ "occupation", HEADERS_OCCUPATION, TEXT },
	{ "title", HEADERS_TITLE, TEXT },
	{ "duties", HEADERS_DUTIES, TEXT },
	{ "posts", HEADERS_POSTS, NUMBER },
	{ "place", HEADERS_PLACE, TEXT },
	{ "pay_min_fen", HEADERS_PAY_MIN_FEN, NUMBER },
	{ "pay_max_fen", HEADERS_PAY_MAX_FEN, NUMBER },
	{ "pay_period", HEADERS_PAY_PERIOD, WORD, LIST_PAY_PERIODS },
	{ "weekly_hours", HEADERS_WEEKLY_HOURS, NUMBER },
	{ "insurance", HEADERS_INSURANCE, WORDS, LIST_INSURANCES },
	{ "interview_contact", HEADERS_INTERVIEW_CONTACT, TEXT },
	{ "education_min", HEADERS_EDUCATION_MIN, WORD, LIST_EDUCATION },
	{ "skills_required", HEADERS_SKILLS_REQUIRED, LIST },
	{ "skills_wished", HEADERS_SKILLS_WISHED, LIST },
	{ "licences", HEADERS_LICENCES, LIST },
	{ "experience_months", HEADERS_EXPERIENCE_MONTHS, NUMBER },
	{ "shift", HEADERS_SHIFT, WORD, LIST_SHIFTS },
	{ "form", HEADERS_FORM, WORD, LIST_FORMS },
	{ "contract_months", HEADERS_CONTRACT_MONTHS, NUMBER },
	{ "vacant_since", HEADERS_VACANT_SINCE, TEXT },
	{ "valid_until", HEADERS_VALID_UNTIL, TEXT },
	{ "reserved", HEADERS_RESERVED, FLAG },
	{ "approval", HEADERS_APPROVAL, TEXT },
	{ "restrictions", HEADERS_RESTRICTIONS, WORDS, LIST_RESTRICTIONS },
	{ "benefits", HEADERS_BENEFITS, TEXT },
	{ "closed", HEADERS_CLOSED, WORD, LIST_CLOSING_REASONS },
	{ "filled_by", HEADERS_FILLED_BY, TEXT },
};

struct cells {
	struct arena *arena;
	char *at[CSV_COLUMNS_MAX];
	size_t n;
};

static void on_cell(void *bytes, size_t len, void *arg)
{
	struct cells *c = arg;

	if (c->n < CSV_COLUMNS_MAX)
		c->at[c->n] = arena_strndup(c->arena, bytes ? bytes : "", len);
	c->n++;
}

static void fault(const struct codec *c, const char *where, enum broken b, const char *found,
    const char *expected)
{
	const struct broken_rule *r = broken_rule(b);

	fault_add(c->faults, where, r->name, found, expected, r->en, r->zh);
}

/* False: not UTF-8, or not CSV. */
static bool cut(const struct codec *c, const char *text, size_t len, struct cells *out)
{
	struct csv_parser p;
	bool fine;

	if (memchr(text, 0, len)) {
		fault(c, "", BROKEN_NUL, "", "UTF-8 or GB18030, not UTF-16");
		return false;
	}
	if (utf8_valid(text, len) < len) {
		fault(c, "", BROKEN_UTF_8, "", "UTF-8; or say charset=gb18030");
		return false;
	}
	csv_init(&p, CSV_STRICT | CSV_STRICT_FINI);
	fine = csv_parse(&p, text, len, on_cell, NULL, out) == len &&
	       csv_fini(&p, on_cell, NULL, out) == 0;
	csv_free(&p);
	if (!fine)
		fault(c, "", BROKEN_FORMAT, "a quote inside a cell",
		    "cells with quotes in quotes, each doubled");
	return fine;
}

/* Without what stands in brackets and without spaces: "最低薪酬（分）" is "最低薪酬分". */
static const struct csv_column *find_column(const char *name)
{
	static const char *const dropped[] = { "（", "）", "(", ")", " ", "\t", "*" };
	char plain[128];
	size_t n = 0;

	while (*name && n < sizeof(plain) - 1) {
		size_t skip = 0;

		for (size_t i = 0; i < COUNT(dropped) && !skip; i++)
			if (strncmp(name, dropped[i], strlen(dropped[i])) == 0)
				skip = strlen(dropped[i]);
		if (skip)
			name += skip;
		else
			plain[n++] = *name++;
	}
	plain[n] = '\0';
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(plain, known[i].name) == 0 ||
		    tsv_has_word(known[i].headers, plain, n))
			return &known[i];
	return NULL;
}

bool csv_read_header(const struct codec *c, const char *text, size_t len,
    struct csv_header *out)
{
	struct cells cells = { .arena = c->arena };

	*out = (struct csv_header){ 0 };
	if (!cut(c, text, len, &cells))
		return false;
	if (cells.n > CSV_COLUMNS_MAX) {
		fault(c, "/header", BROKEN_COUNT, "", "at most 40 columns");
		return false;
	}
	for (size_t i = 0; i < cells.n; i++) {
		const struct csv_column *column = find_column(cells.at[i]);
		const char *where = arena_printf(c->arena, "/header/%zu", i);

		if (!column)
			fault(c, where, BROKEN_UNKNOWN_MEMBER, cells.at[i],
			    "a name of a line's member, as ref or 编号");
		for (size_t k = 0; column && k < i; k++)
			if (out->columns[k] == column)
				fault(c, where, BROKEN_DUPLICATE, cells.at[i],
				    "each column once");
		out->columns[i] = column;
	}
	out->n = cells.n;
	return c->faults->n == 0;
}

static json_t *read_number(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	return strlen(text) <= 18 && *text && !*end ? json_integer(n) : json_string(text);
}

static json_t *read_flag_cell(const char *text)
{
	int place = choice_find_word(LIST_YES_NO, text);

	return place < 0 ? json_string(text) : json_boolean(place == YES_NO_TRUE);
}

static json_t *read_word(const struct csv_column *column, const char *text)
{
	int place = column->kind == LIST ? -1 : choice_find_word(column->of, text);

	return json_string(place < 0 ? text : choice_code(column->of, place));
}

/* "K001;K002", with the semicolon of either width, or the comma of an enumeration. */
static json_t *read_cell_list(const struct csv_column *column, const char *text)
{
	static const char *const stops[] = { ";", "；", "、" };
	json_t *list = json_array();

	while (*text) {
		const char *end = text + strlen(text);
		const char *next = end;
		char word[64];
		size_t n;

		for (size_t i = 0; i < COUNT(stops); i++) {
			const char *stop = strstr(text, stops[i]);

			if (stop && stop < end) {
				end = stop;
				next = stop + strlen(stops[i]);
			}
		}
		while (*text == ' ')
			text++;
		n = text < end ? (size_t)(end - text) : 0;
		while (n && text[n - 1] == ' ')
			n--;
		if (n >= sizeof(word)) { /* none of the words, and to be refused whole */
			json_array_append_new(list, json_stringn(text, n));
		} else if (n) {
			memcpy(word, text, n);
			word[n] = '\0';
			json_array_append_new(list, read_word(column, word));
		}
		text = next;
	}
	return list;
}

static json_t *read_cell(const struct csv_column *column, const char *text)
{
	switch (column->kind) {
	case TEXT:
		break;
	case NUMBER:
		return read_number(text);
	case FLAG:
		return read_flag_cell(text);
	case LIST:
	case WORDS:
		return read_cell_list(column, text);
	case WORD:
		return read_word(column, text);
	}
	return json_string(text);
}

/* A line with a reason in its cell `closed` closes one, and its other cells say nothing. */
static json_t *only_closed(json_t *tree)
{
	static const char *const which[] = { "employer", "quarter", "ref", "place" };
	json_t *one = json_object(), *why = json_object();

	for (size_t i = 0; i < COUNT(which); i++)
		if (json_object_get(tree, which[i]))
			json_object_set(one, which[i], json_object_get(tree, which[i]));
	json_object_set(why, "reason", json_object_get(tree, "closed"));
	if (json_object_get(tree, "filled_by"))
		json_object_set(why, "filled_by", json_object_get(tree, "filled_by"));
	json_object_set_new(one, "closed", why);
	json_decref(tree);
	return one;
}

json_t *csv_read_record(const struct codec *c, const struct csv_header *h, const char *text,
    size_t len)
{
	struct cells cells = { .arena = c->arena };
	json_t *tree;

	if (!cut(c, text, len, &cells))
		return NULL;
	if (cells.n != h->n) {
		fault(c, "", BROKEN_COUNT, arena_printf(c->arena, "%zu cells", cells.n),
		    arena_printf(c->arena, "%zu cells, as in the header", h->n));
		return NULL;
	}
	tree = json_object();
	for (size_t i = 0; i < h->n; i++)
		if (*cells.at[i])
			json_object_set_new(tree, h->columns[i]->name,
			    read_cell(h->columns[i], cells.at[i]));
	return json_object_get(tree, "closed") ? only_closed(tree) : tree;
}
