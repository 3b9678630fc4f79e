/*
 * Headings: which column of the table each of them means.
 *
 * Blanks, stars, colons and brackets do not count, and what stands in brackets counts only
 * when the heading is known with it: "最低薪酬（分）" is one column, "最低薪酬（元/月）"
 * another with its unit.
 */
#include "daemon/codec/columns.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/count.h"
#include "daemon/base/utf8.h"
#include "daemon/codec/codec.h"
#include "daemon/codec/rules.h"
#include "daemon/sheet/fold.h"
#include "daemon/sheet/sheet.h"
#include "daemon/tables/tsv.h"

static const struct column_row table[] = {
#include "daemon/tables/column_rows.inc"
};

/* Of every kind. */
static const struct column_row refusal = { "", "", false, AS_IGNORED, NO_LIST,
	"退回原因|refusal_reason" };

enum { HEADING_MAX = 96 };

struct heading {
	char all[HEADING_MAX], base[HEADING_MAX], unit[HEADING_MAX];
};

bool columns_pass_over(enum cell_reading as)
{
	return as == AS_IGNORED || as == AS_SHOWN;
}

const struct column_row *columns_row(const char *kind, size_t i)
{
	for (size_t k = 0; k < COUNT(table); k++)
		if (strcmp(table[k].kind, kind) == 0 && i-- == 0)
			return &table[k];
	return NULL;
}

static void list_row(const struct column_row *row, code_visitor *each, void *arg)
{
	const char *first = row->headers + strcspn(row->headers, "|");
	char name[HEADING_MAX];
	struct code code = { .level = 2, .zh = name };
	int n;

	/* A member in another unit is called by its first heading: pay_min_yuan. */
	snprintf(name, sizeof(name), "%.*s", (int)(first - row->headers), row->headers);
	n = snprintf(code.text, sizeof(code.text), "%s.%s", row->kind,
	    row->as == AS_IGNORED         ? "ignored"
	    : row->as == AS_SHOWN         ? "shown"
	    : (unsigned char)*name < 0x80 ? name
					  : row->member);
	assert((size_t)n < sizeof(code.text));
	if (row->as != AS_SHOWN && (unsigned char)*name < 0x80 && *first) {
		const char *zh = first + 1;

		first = zh + strcspn(zh, "|");
		snprintf(name, sizeof(name), "%.*s%s", (int)(first - zh), zh,
		    row->as == AS_YUAN ? "（元）" : "");
	}
	code.spellings = *first ? first + 1 : first;
	snprintf(code.parent, sizeof(code.parent), "%s", row->kind);
	each(arg, &code);
}

void columns_list(code_visitor *each, void *arg)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		struct code kind = { .level = 1 };

		snprintf(kind.text, sizeof(kind.text), "%s", table[i].kind);
		if (!i || strcmp(table[i - 1].kind, table[i].kind) != 0)
			each(arg, &kind);
		list_row(&table[i], each, arg);
	}
}

static void put(char *to, const char *bytes, size_t n)
{
	size_t len = strlen(to);

	if (len + n < HEADING_MAX) {
		memcpy(to + len, bytes, n);
		to[len + n] = '\0';
	}
}

static bool is_one_of(const char *at, const char *const *of, size_t n, size_t *len)
{
	for (size_t i = 0; i < n; i++)
		if (strncmp(at, of[i], strlen(of[i])) == 0) {
			*len = strlen(of[i]);
			return true;
		}
	return false;
}

static void take_apart(struct arena *a, const char *text, struct heading *out)
{
	static const char *const dropped[] = { " ", "\t", "*", ":", "\"", "#", "※", "★" };
	static const char *const opening[] = { "(", "[", "{", "【", "《", "「", "〔" };
	static const char *const closing[] = { ")", "]", "}", "】", "》", "」", "〕" };
	size_t depth = 0, len;

	*out = (struct heading){ 0 };
	for (const char *at = fold(a, text); *at; at += len) {
		if (is_one_of(at, dropped, COUNT(dropped), &len))
			continue;
		if (is_one_of(at, opening, COUNT(opening), &len)) {
			depth++;
		} else if (is_one_of(at, closing, COUNT(closing), &len)) {
			depth -= depth > 0;
		} else {
			uint32_t c;

			len = utf8_character(at, strlen(at), &c);
			len = len ? len : 1;
			put(out->all, at, len);
			put(depth ? out->unit : out->base, at, len);
		}
	}
}

/* "hukou/type", as lists have it, is hukou.type. */
static bool is_member(const char *member, const char *name)
{
	while (*member &&
	       (tolower((unsigned char)*name) == *member || (*name == '/' && *member == '.'))) {
		member++;
		name++;
	}
	return !*member && !*name;
}

static bool is_of(const struct column_row *row, const char *kind, const char *name)
{
	return strcmp(row->kind, kind) == 0 && *name &&
	       (is_member(row->member, name) || tsv_has_word(row->headers, name, strlen(name)));
}

const char *columns_refusal(bool is_zh)
{
	return is_zh ? "退回原因" : "refusal_reason";
}

bool columns_is_refusal(const char *heading)
{
	return tsv_has_word(refusal.headers, heading, strlen(heading));
}

static const struct column_row *find(const char *kind, const struct heading *h)
{
	const char *const names[] = { h->all, h->base };

	for (size_t k = 0; k < COUNT(names); k++)
		for (size_t i = 0; i < COUNT(table); i++)
			if (is_of(&table[i], kind, names[k]))
				return &table[i];
	return columns_is_refusal(h->all) ? &refusal : NULL;
}

size_t columns_known(const char *kind, struct arena *scratch, const struct sheet_row *row)
{
	size_t n = 0;

	for (size_t i = 0; i < row->n; i++) {
		struct heading h;

		if (row->cells[i].kind == CELL_EMPTY)
			continue;
		take_apart(scratch, row->cells[i].text, &h);
		n += find(kind, &h) != NULL;
	}
	return n;
}

/* The heading that was probably meant, and what it is a heading of. */
static void offer(const char *kind, const char *name, char *out, size_t n)
{
	size_t best = utf8_length(name) / 2 + 1;

	snprintf(out, n, "one of these: vacancyctl codes show headings");
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *words = table[i].headers;

		if (strcmp(table[i].kind, kind) != 0)
			continue;
		for (size_t len; *words; words += len + (words[len] == '|')) {
			char word[HEADING_MAX];
			size_t d;

			len = strcspn(words, "|");
			snprintf(word, sizeof(word), "%.*s", (int)len, words);
			d = utf8_distance(name, word, best);
			if (d >= best)
				continue;
			best = d;
			snprintf(out, n, "%s", word);
		}
	}
}

static void fault(const struct codec *c, size_t i, enum broken b, const char *found,
    const char *expected)
{
	const struct broken_rule *r = broken_rule(b);
	char where[32];

	snprintf(where, sizeof(where), "/header/%zu", i + 1);
	fault_add(c->faults, where, r->name, found, expected, r->en, r->zh);
}

/* Both say the same member, or the one cell of pay and a part of it. */
static bool say_the_same(const struct column_row *a, const struct column_row *b)
{
	if (columns_pass_over(a->as) || columns_pass_over(b->as))
		return false;
	if (strcmp(a->member, b->member) == 0)
		return true;
	return (a->as == AS_PAY && strncmp(b->member, "pay_m", 5) == 0) ||
	       (b->as == AS_PAY && strncmp(a->member, "pay_m", 5) == 0);
}

bool columns_read(const struct codec *c, const char *kind, struct arena *memory,
    const struct sheet_row *row, struct columns *out)
{
	size_t before = c->faults->n;

	*out = (struct columns){ .n = row->n };
	if (row->n > COLUMNS_MAX) {
		char found[32];

		snprintf(found, sizeof(found), "%zu columns", row->n);
		out->n = 0;
		fault(c, COLUMNS_MAX, BROKEN_COUNT, found, "at most 64 columns");
		return false;
	}
	for (size_t i = 0; i < row->n; i++) {
		struct column *column = &out->at[i];
		const char *text = row->cells[i].text;
		struct heading h;
		char meant[96];

		column->heading = column->unit = "";
		if (row->cells[i].kind == CELL_EMPTY)
			continue;
		take_apart(memory, text, &h);
		column->row = find(kind, &h);
		column->heading = arena_strdup(memory, text);
		column->unit = arena_strdup(memory, h.unit);
		if (!column->row) {
			offer(kind, h.base, meant, sizeof(meant));
			fault(c, i, BROKEN_UNKNOWN_MEMBER, text, meant);
		}
		for (size_t k = 0; column->row && k < i; k++)
			if (out->at[k].row && say_the_same(out->at[k].row, column->row))
				fault(c, i, BROKEN_DUPLICATE, text, "each column once");
	}
	return c->faults->n == before;
}
