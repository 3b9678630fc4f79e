/*
 * What is left out of a file, or hidden in it.  It knows names, and nothing of what stands
 * there.
 */
#include "daemon/codec/left_out.h"

#include <stdio.h>
#include <string.h>

#include "daemon/codec/columns.h"
#include "daemon/sheet/sheet.h"

#define NAMES_MAX 8192 /* bytes of a list; what does not fit is many */
#define ROWS_MAX  1024 /* bytes of a list of rows */

void left_out_release(struct left_out *l)
{
	buf_free(&l->worksheets);
	buf_free(&l->columns);
	buf_free(&l->hidden);
	for (size_t i = 0; i < PASSED_KINDS; i++)
		buf_free(&l->rows[i]);
}

/* Each once: worksheets may have the same columns. */
static void put_name(struct buf *list, const char *name, size_t most)
{
	struct buf one = { 0 };

	buf_json(&one, name);
	if (list->len + one.len + 1 <= most && !(list->len && strstr(list->data, one.data))) {
		buf_puts(list, list->len ? "," : "");
		buf_puts(list, one.data);
	}
	buf_free(&one);
}

void left_out_worksheet(struct left_out *l, const char *name)
{
	put_name(&l->worksheets, name, NAMES_MAX);
}

void left_out_columns(struct left_out *l, const struct columns *columns, const struct sheet *s)
{
	for (size_t i = 0; i < columns->n; i++) {
		const struct column *c = &columns->at[i];

		if (!c->row)
			continue;
		if (columns_pass_over(c->row->as))
			put_name(&l->columns, c->heading, NAMES_MAX);
		else if (sheet_hides_column(s, i))
			put_name(&l->hidden, c->heading, NAMES_MAX);
	}
}

void left_out_row(struct left_out *l, enum passed_over what, const struct sheet_row *row)
{
	char place[192];

	snprintf(place, sizeof(place), "%s%s%llu", row->sheet ? row->sheet : "",
	    row->sheet ? "!" : "", (unsigned long long)row->line);
	put_name(&l->rows[what], place, ROWS_MAX);
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
	static const char *const passed[] = { "example_rows", "heading_rows", "sum_rows",
		"footer_rows" };
	bool has_rows = false;
	struct buf hidden = { 0 };
	uint64_t rows = sheet_hidden_rows(s);
	const char *name;

	for (size_t i = 0; (name = sheet_hidden_name(s, i)); i++)
		put_name(&hidden, name, NAMES_MAX);
	for (size_t i = 0; i < PASSED_KINDS; i++)
		has_rows |= l->rows[i].len > 0;
	if (hidden.len || l->worksheets.len || l->columns.len || has_rows) {
		buf_key(out, "not_read");
		buf_putc(out, '{');
		put_list(out, "hidden_worksheets", &hidden);
		put_list(out, "worksheets_without_headings", &l->worksheets);
		put_list(out, "columns", &l->columns);
		for (size_t i = 0; i < PASSED_KINDS; i++)
			put_list(out, passed[i], &l->rows[i]);
		buf_putc(out, '}');
	}
	if (rows || l->hidden.len) {
		buf_key(out, "hidden_read");
		buf_putc(out, '{');
		if (rows) {
			buf_key(out, "rows");
			buf_putu(out, rows);
		}
		put_list(out, "columns", &l->hidden);
		buf_putc(out, '}');
	}
	buf_free(&hidden);
}
