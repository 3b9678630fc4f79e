/*
 * CSV (RFC 4180), gathered and written in pieces.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/sheet/guard.h"
#include "daemon/sheet/writers.h"

#define PIECE 65536

struct csv {
	int fd;
	struct buf text;
	bool is_full; /* the disk */
};

static void *open_csv(int fd, const char *dir, const char *name)
{
	struct csv *c = must_alloc(sizeof(*c));

	(void)dir;
	(void)name;
	c->fd = fd;
	buf_puts(&c->text, "\xef\xbb\xbf");
	return c;
}

static void close_csv(void *state)
{
	struct csv *c = state;

	buf_free(&c->text);
	free(c);
}

static void write_out(struct csv *c)
{
	for (size_t at = 0; at < c->text.len && !c->is_full;) {
		ssize_t n = write(c->fd, c->text.data + at, c->text.len - at);

		c->is_full = n <= 0;
		at += n > 0 ? (size_t)n : 0;
	}
	buf_clear(&c->text);
}

/* Those that a cell has only inside quotes; ours divides by commas, other readers guess. */
static bool needs_quotes(const char *text, size_t *len)
{
	static const bool quoted[256] = { [','] = true,
		[';'] = true,
		['\t'] = true,
		['"'] = true,
		['\r'] = true,
		['\n'] = true };
	const char *at = text;
	bool found = *text == ' ';

	for (; *at; at++)
		found |= quoted[(unsigned char)*at];
	*len = (size_t)(at - text);
	return found;
}

static void put_cell(void *state, size_t row, size_t column, enum cell_kind kind, bool is_head,
    const char *text)
{
	struct csv *c = state;
	size_t len;
	bool is_quoted = needs_quotes(text, &len);
	char *to = buf_room(&c->text, 2 * len + 4);

	(void)row;
	(void)kind;
	(void)is_head;
	if (column)
		*to++ = ',';
	if (is_quoted)
		*to++ = '"';
	if (guard_is_needed(text))
		*to++ = '\'';
	if (!is_quoted) {
		memcpy(to, text, len);
		buf_upto(&c->text, to + len);
		return;
	}
	for (; *text; text++) {
		if (*text == '"')
			*to++ = '"';
		*to++ = *text;
	}
	*to++ = '"';
	buf_upto(&c->text, to);
}

static void end_row(void *state)
{
	struct csv *c = state;

	buf_puts(&c->text, "\r\n");
	if (c->text.len >= PIECE)
		write_out(c);
}

static bool end_csv(void *state)
{
	struct csv *c = state;

	write_out(c);
	return !c->is_full;
}

const struct sheet_writer csv_writer = {
	.open = open_csv,
	.close = close_csv,
	.cell = put_cell,
	.row_end = end_row,
	.end = end_csv,
};
