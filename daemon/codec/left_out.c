/*
 * What is left out of a file, or hidden in it.  It knows names, and nothing of what stands
 * there.
 */
#include "daemon/codec/left_out.h"

#include <stdio.h>
#include <string.h>

#include "daemon/codec/columns.h"
#include "daemon/sheet/sheet.h"

#define NAMED_MAX 64 /* worksheets; the others are many */
#define NAMES_MAX 8192

void left_out_release(struct left_out *l)
{
	buf_free(&l->worksheets);
	buf_free(&l->columns);
	buf_free(&l->hidden);
}

static void put_worksheet(struct buf *b, const char *name, const char *why)
{
	buf_puts(b, b->len ? ",{" : "{");
	buf_key(b, "name");
	buf_json(b, name);
	buf_key(b, "why");
	buf_json(b, why);
	buf_putc(b, '}');
}

void left_out_worksheet(struct left_out *l, const char *name, const char *why)
{
	if (l->n_worksheets++ < NAMED_MAX)
		put_worksheet(&l->worksheets, name, why);
}

/* Each once: worksheets may have the same. */
static void put_name(struct buf *b, const char *name)
{
	struct buf one = { 0 };

	buf_json(&one, name);
	if (b->len + one.len < NAMES_MAX && !(b->len && strstr(b->data, one.data))) {
		buf_puts(b, b->len ? "," : "");
		buf_puts(b, one.data);
	}
	buf_free(&one);
}

void left_out_columns(struct left_out *l, const struct columns *columns, const struct sheet *s)
{
	for (size_t i = 0; i < columns->n; i++) {
		const struct column *c = &columns->at[i];

		if (!c->row)
			continue;
		if (c->row->as == AS_IGNORED)
			put_name(&l->columns, c->heading);
		else if (sheet_hides_column(s, i))
			put_name(&l->hidden, c->heading);
	}
}

static void put_list(struct buf *out, const char *key, const struct buf *list)
{
	if (!list->len)
		return;
	buf_key(out, key);
	buf_putc(out, '[');
	buf_puts(out, list->data);
	buf_putc(out, ']');
}

void left_out_write(const struct left_out *l, const struct sheet *s, struct buf *out)
{
	struct buf worksheets = { 0 };
	uint64_t rows = sheet_hidden_rows(s);
	const char *name;

	for (size_t i = 0; i < NAMED_MAX && (name = sheet_hidden_name(s, i)); i++)
		put_worksheet(&worksheets, name, "hidden");
	if (l->worksheets.len) {
		buf_puts(&worksheets, worksheets.len ? "," : "");
		buf_puts(&worksheets, l->worksheets.data);
	}
	if (worksheets.len || l->columns.len) {
		buf_key(out, "passed_over");
		buf_putc(out, '{');
		put_list(out, "worksheets", &worksheets);
		put_list(out, "columns", &l->columns);
		buf_putc(out, '}');
	}
	if (rows || l->hidden.len) {
		buf_key(out, "hidden");
		buf_putc(out, '{');
		if (rows) {
			buf_key(out, "rows");
			buf_putu(out, rows);
		}
		put_list(out, "columns", &l->hidden);
		buf_putc(out, '}');
	}
	buf_free(&worksheets);
}
