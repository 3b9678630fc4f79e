/*
 * A table of rows, written down whole and read again.
 *
 * It knows no column: whether the rows are what somebody needs is asked of them as of rows
 * that have just come, so a list of another version's is told by its columns.  It believes no
 * length that it has not checked.
 */
#include "daemon/ledger/kept_list.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"

enum { COLUMNS_MOST = 32, BINARY = 1, NULL_LEN = -1 };

struct reader {
	const char *at;
	size_t left;
};

static void put_number(struct buf *b, int32_t n)
{
	buf_put(b, &n, sizeof(n));
}

static bool take(struct reader *r, void *to, size_t n)
{
	if (r->left < n)
		return false;
	memcpy(to, r->at, n);
	r->at += n;
	r->left -= n;
	return true;
}

static bool take_number(struct reader *r, int32_t *n)
{
	return take(r, n, sizeof(*n));
}

void kept_list_put(struct buf *b, const PGresult *rows)
{
	int columns = PQnfields(rows), n = PQntuples(rows);

	put_number(b, columns);
	put_number(b, n);
	for (int k = 0; k < columns; k++)
		put_number(b, (int32_t)PQftype(rows, k));
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < columns; k++) {
			int len = PQgetisnull(rows, i, k) ? NULL_LEN : PQgetlength(rows, i, k);

			put_number(b, len);
			if (len > 0)
				buf_put(b, PQgetvalue(rows, i, k), (size_t)len);
		}
	}
}

static bool take_value(struct reader *r, PGresult *rows, int i, int k)
{
	const char *value = r->at + sizeof(int32_t);
	int32_t len;

	if (!take_number(r, &len) || len < NULL_LEN || (len > 0 && r->left < (size_t)len))
		return false;
	/* libpq copies it; its parameter only forgot to say const. */
	if (!PQsetvalue(rows, i, k, len < 0 ? NULL : (char *)(uintptr_t)value, len))
		abort();
	r->at += len > 0 ? len : 0;
	r->left -= len > 0 ? (size_t)len : 0;
	return true;
}

PGresult *kept_list_rows(const char *bytes, size_t n)
{
	struct reader r = { bytes, n };
	PGresAttDesc column[COLUMNS_MOST] = { { 0 } };
	int32_t columns, n_rows, type;
	PGresult *rows;

	if (!take_number(&r, &columns) || !take_number(&r, &n_rows) || columns < 1 ||
	    columns > COLUMNS_MOST || n_rows < 0)
		return NULL;
	for (int k = 0; k < columns; k++) {
		if (!take_number(&r, &type))
			return NULL;
		column[k] = (PGresAttDesc){ .name = (char *)(uintptr_t) "",
			.format = BINARY,
			.typid = (Oid)type };
	}
	rows = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	if (!rows || !PQsetResultAttrs(rows, columns, column))
		abort();
	for (int i = 0; i < n_rows; i++) {
		for (int k = 0; k < columns; k++) {
			if (take_value(&r, rows, i, k))
				continue;
			PQclear(rows);
			return NULL;
		}
	}
	if (!r.left)
		return rows;
	PQclear(rows);
	return NULL;
}
