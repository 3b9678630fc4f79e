/*
 * Values out of binary rows: big-endian integers and bytes as they are.
 *
 * It knows PostgreSQL's type numbers, which have been the same since 1996, and
 * believes no length that it has not checked.
 */
#include "daemon/ledger/rows.h"

#include <string.h>

#include "daemon/base/arena.h"

static const struct {
	char letter;
	Oid type;
	int len; /* -1: any */
} types_known[] = {
	{ 'q', 20, 8 },
	{ 'i', 23, 4 },
	{ 'c', 18, 1 },
	{ 'o', 16, 1 },
	{ 't', 25, -1 },
	{ 'b', 17, -1 },
};

static bool column_is(const PGresult *rows, int column, char letter)
{
	size_t k = 0;

	while (
	    k < sizeof(types_known) / sizeof(*types_known) && types_known[k].letter != letter)
		k++;
	if (k == sizeof(types_known) / sizeof(*types_known) ||
	    PQftype(rows, column) != types_known[k].type || PQfformat(rows, column) != 1)
		return false;
	for (int i = 0; i < PQntuples(rows); i++)
		if (types_known[k].len >= 0 && !PQgetisnull(rows, i, column) &&
		    PQgetlength(rows, i, column) != types_known[k].len)
			return false;
	return true;
}

bool rows_are(const PGresult *rows, const char *types)
{
	int n = (int)strlen(types);

	if (!rows || PQnfields(rows) != n)
		return false;
	for (int i = 0; i < n; i++)
		if (!column_is(rows, i, types[i]))
			return false;
	return true;
}

bool row_has(const PGresult *rows, int row, int column)
{
	return !PQgetisnull(rows, row, column);
}

static uint64_t big_endian(const PGresult *rows, int row, int column, int n)
{
	const unsigned char *p = (const unsigned char *)PQgetvalue(rows, row, column);
	uint64_t v = 0;

	if (PQgetisnull(rows, row, column))
		return 0;
	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

int64_t row_i64(const PGresult *rows, int row, int column)
{
	return (int64_t)big_endian(rows, row, column, 8);
}

int row_i32(const PGresult *rows, int row, int column)
{
	return (int)(int32_t)big_endian(rows, row, column, 4);
}

char row_char(const PGresult *rows, int row, int column)
{
	return (char)big_endian(rows, row, column, 1);
}

bool row_bool(const PGresult *rows, int row, int column)
{
	return big_endian(rows, row, column, 1) != 0;
}

const char *row_text(const PGresult *rows, int row, int column)
{
	return PQgetvalue(rows, row,
	    column); /* "" for NULL; libpq ends each value with a NUL */
}

struct blob row_blob(const PGresult *rows, int row, int column, struct arena *a)
{
	size_t n = (size_t)PQgetlength(rows, row, column);

	if (PQgetisnull(rows, row, column) || !n)
		return (struct blob){ 0 };
	return (
	    struct blob){ .data = arena_memdup(a, PQgetvalue(rows, row, column), n), .len = n };
}
