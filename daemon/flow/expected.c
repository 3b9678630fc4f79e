/*
 * What would be right, in Chinese: the row whose own words are most of the text, with the
 * values of the text in it.
 *
 * It knows no rule, and of codes what the short lists call them.  A value may be such a text
 * itself ("12 digits, as 410105001003") and is then put into Chinese too.
 */
#include "daemon/flow/expected.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/tables/choices.h"

enum { VALUES_MAX = 3, NESTED_MAX = 3 };

static const struct {
	const char *en, *zh;
} rows[] = {
#include "daemon/tables/expected_rows.inc"
};

struct value {
	const char *at;
	size_t n;
};

/* How many bytes of the text are the row's own; -1: it is not this row.  Values are as short as
 * can be. */
static int match(const char *row, const char *text, const char *end, struct value *values)
{
	int own = 0;

	for (; *row && *row != '{'; row++, text++, own++) {
		if (text == end || *text != *row)
			return -1;
	}
	if (!*row)
		return text == end ? own : -1;
	for (const char *to = text + 1; to <= end; to++) {
		int rest = match(row + strlen("{1}"), to, end, values);

		if (rest < 0)
			continue;
		values[row[1] - '1'] = (struct value){ text, (size_t)(to - text) };
		return own + rest;
	}
	return -1;
}

static void put(struct buf *b, const char *text, size_t n, int depth)
{
	struct value values[VALUES_MAX], best_values[VALUES_MAX];
	const char *zh = NULL;
	int best = -1;

	for (size_t i = 0; i < COUNT(rows) && depth < NESTED_MAX; i++) {
		int own = match(rows[i].en, text, text + n, values);

		if (own > best) {
			best = own;
			zh = rows[i].zh;
			memcpy(best_values, values, sizeof(values));
		}
	}
	if (!zh) {
		buf_put(b, text, n);
		return;
	}
	for (; *zh; zh++) {
		if (zh[0] == '{' && zh[2] == '}') {
			const struct value *v = &best_values[zh[1] - '1'];

			put(b, v->at, v->n, depth + 1);
			zh += 2;
		} else {
			buf_putc(b, *zh);
		}
	}
}

/* All codes of a list are what is expected; or the first of them, which is said. */
static const struct choice_list *list_of(const char *text, size_t n, bool is_cut)
{
	for (size_t i = 0; memchr(text, ',', n) && i < LISTS; i++) {
		const char *codes = choice_lists[i].codes;

		if (strncmp(codes, text, n) == 0 && (!codes[n] || (is_cut && codes[n] == ',')))
			return &choice_lists[i];
	}
	return NULL;
}

/* Of so many bytes of its codes, each with its name. */
static void put_names(struct buf *b, const struct choice_list *l, size_t n)
{
	for (size_t i = 0, at = 0; i < l->n && at < n; i++) {
		const struct choice *c = &l->rows[i];

		buf_printf(b, "%s%s %s", i ? "、" : "", c->code, c->zh);
		at += strlen(c->code) + strlen(", ");
	}
}

void expected_put_zh(struct buf *b, const char *en)
{
	static const char left_out[] = ", …";
	size_t len = strlen(en), tail = strlen(left_out);
	bool is_cut = len > tail && strcmp(en + len - tail, left_out) == 0;
	const struct choice_list *l = list_of(en, is_cut ? len - tail : len, is_cut);

	if (l) {
		put_names(b, l, is_cut ? len - tail : len);
		buf_puts(b, is_cut ? "、…" : "");
	} else {
		put(b, en, len, 0);
	}
}
