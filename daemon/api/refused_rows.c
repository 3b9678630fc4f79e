/*
 * Refused rows in a file of receipts of its own: boxes, the length of each before it.
 */
#include "daemon/api/refused_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/api/import_receipts.h"
#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/vault/vault.h"

#define KEPT_MAX ((size_t)32 << 20) /* of one import */

struct refused_rows {
	const struct vault *vault;
	struct receipts *file;
	char name[64];
	bool is_full; /* of this import nothing more is kept */
};

static void put_length(struct buf *b, size_t n)
{
	uint32_t length = (uint32_t)n;

	buf_put(b, &length, sizeof(length));
}

void refused_row_put(struct buf *batch, const struct refused_row *row)
{
	struct buf one = { 0 };

	buf_putu(&one, row->line);
	buf_putc(&one, '\0');
	buf_puts(&one, row->sheet ? row->sheet : "");
	buf_putc(&one, '\0');
	buf_put(&one, row->said, row->n);
	put_length(batch, one.len);
	buf_put(batch, one.data, one.len);
	buf_wipe(&one);
	buf_free(&one);
}

static void name_rows(char *out, size_t n, const char *name)
{
	snprintf(out, n, "%s.rows", name);
}

/* A box opens only in its own place. */
static void about(char *out, size_t n, const char *name, size_t at)
{
	snprintf(out, n, "refused rows|%s|%zu", name, at);
}

/* The length that stands there, if so much does. */
static bool read_length(const char *from, size_t left, size_t *n)
{
	uint32_t length;

	if (left < sizeof(length))
		return false;
	memcpy(&length, from, sizeof(length));
	*n = length;
	return left - sizeof(length) >= length;
}

/* The end of the box that begins there; 0: it is not whole. */
static size_t end_of_box(int file, size_t at, size_t len)
{
	char length[sizeof(uint32_t)];
	size_t n;

	if (len - at < sizeof(length) ||
	    pread(file, length, sizeof(length), (off_t)at) != (ssize_t)sizeof(length) ||
	    !read_length(length, SIZE_MAX, &n) || n < VAULT_BOX_MORE ||
	    n > len - at - sizeof(length))
		return 0;
	return at + sizeof(length) + n;
}

/* Whoever wrote before may have died in the middle of a box; what came behind it would be read
 * as a part of it. */
static bool cut_half(struct refused_rows *r, const char *dir)
{
	size_t len, at = 0, end = 0;
	int file = receipts_read(dir, r->name, &len);

	if (file < 0)
		return true; /* empty */
	while (at < len && (end = end_of_box(file, at, len)))
		at = end;
	close(file);
	return at == len || receipts_cut(r->file, at);
}

struct refused_rows *refused_rows_open(const struct vault *v, const char *dir, const char *name,
    bool is_first)
{
	struct refused_rows *r = must_alloc(sizeof(*r));

	r->vault = v;
	name_rows(r->name, sizeof(r->name), name);
	r->file = receipts_open(dir, r->name);
	if (r->file && receipts_append(r->file, is_first) && cut_half(r, dir))
		return r;
	refused_rows_free(r);
	return NULL;
}

void refused_rows_free(struct refused_rows *r)
{
	if (!r)
		return;
	receipts_free(r->file);
	free(r);
}

bool refused_rows_keep(struct refused_rows *r, const struct buf *batch)
{
	struct buf out = { 0 };
	char what[128], *box;
	size_t before;
	bool is_kept;

	if (!r || !batch->len || r->is_full)
		return true;
	before = receipts_bytes(r->file);
	r->is_full = before + batch->len + VAULT_BOX_MORE > KEPT_MAX;
	if (r->is_full)
		return true;
	put_length(&out, batch->len + VAULT_BOX_MORE);
	about(what, sizeof(what), r->name, receipts_bytes(r->file));
	box = buf_room(&out, batch->len + VAULT_BOX_MORE);
	vault_box(r->vault, what, batch->data, batch->len, (uint8_t *)box);
	buf_upto(&out, box + batch->len + VAULT_BOX_MORE);
	is_kept = receipts_put(r->file, out.data, out.len);
	if (!is_kept)
		r->is_full = !receipts_cut(r->file, before);
	buf_free(&out);
	return is_kept;
}

static void give_rows(const char *at, size_t left, refused_row_fn *each, void *arg)
{
	size_t n;

	while (read_length(at, left, &n) && n) {
		const char *line = at + sizeof(uint32_t), *end = line + n;
		const char *sheet = memchr(line, 0, n);
		const char *said =
		    sheet ? memchr(sheet + 1, 0, (size_t)(end - sheet - 1)) : NULL;

		if (said)
			each(arg, &(struct refused_row){ strtoull(line, NULL, 10), sheet + 1,
				      said + 1, (size_t)(end - said - 1) });
		at = end;
		left -= sizeof(uint32_t) + n;
	}
}

/* The box at a place of the file; its end, or 0. */
static size_t read_box(const struct vault *v, const char *name, int file, size_t at, size_t len,
    refused_row_fn *each, void *arg)
{
	size_t end = end_of_box(file, at, len), from = at + sizeof(uint32_t);
	char what[128], *plain;
	uint8_t *box;

	if (!end)
		return 0;
	box = must_alloc(end - from);
	plain = must_alloc(end - from);
	about(what, sizeof(what), name, at);
	if (pread(file, box, end - from, (off_t)from) == (ssize_t)(end - from) &&
	    vault_unbox(v, what, box, end - from, plain))
		give_rows(plain, end - from - VAULT_BOX_MORE, each, arg);
	explicit_bzero(plain, end - from);
	free(plain);
	free(box);
	return end;
}

void refused_rows_read(const struct vault *v, const char *dir, const char *name,
    refused_row_fn *each, void *arg)
{
	char own[64];
	size_t len, at = 0;
	int file;

	name_rows(own, sizeof(own), name);
	file = receipts_read(dir, own, &len);
	if (file < 0)
		return;
	do {
		at = read_box(v, own, file, at, len, each, arg);
	} while (at && at < len);
	close(file);
}
