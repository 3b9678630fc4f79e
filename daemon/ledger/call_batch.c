/*
 * A batch: each parameter an array of what its calls brought, one row of the answer for
 * one of them.
 *
 * It knows the form of an array literal and no meaning of any parameter.  The first
 * parameter, the city, is not an array, and the first column of an answer says whose row
 * it is, counted from 1.
 */
#include "daemon/ledger/call_batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/rows.h"

bool batch_may_join(const struct call *a, const struct call *b)
{
	return a->number == b->number && a->what->takes_many && !a->is_alone && !b->is_alone &&
	       strcmp(a->values[0], b->values[0]) == 0;
}

bool call_is_batch(const struct call *c)
{
	return c->n_members > 0;
}

/* As an element of an array: in quotes, bytes as hex. */
static void write_element(struct buf *b, const struct call *c, int i)
{
	const unsigned char *p = (const unsigned char *)c->values[i];

	if (!p) {
		buf_puts(b, "NULL");
		return;
	}
	buf_puts(b, c->formats[i] ? "\"\\\\x" : "\"");
	if (c->formats[i]) {
		buf_hex(b, p, (size_t)c->lengths[i]);
	} else {
		for (; *p; p++) {
			if (*p == '"' || *p == '\\')
				buf_putc(b, '\\');
			buf_putc(b, (char)*p);
		}
	}
	buf_putc(b, '"');
}

static void write_array(struct buf *b, const struct call_list *members, int i)
{
	const struct call *m;
	char before = '{';

	TAILQ_FOREACH(m, members, queue)
	{
		buf_putc(b, before);
		write_element(b, m, i);
		before = ',';
	}
	buf_putc(b, '}');
}

struct call *batch_new(struct call_list *members)
{
	struct ledger_arg params[CALL_MAX_PARAMS];
	struct buf arrays[CALL_MAX_PARAMS] = { 0 };
	struct call *first = TAILQ_FIRST(members), *batch, *m;
	size_t n = (size_t)first->n;

	params[0] = ARG_TEXT(first->values[0]);
	for (size_t i = 1; i < n; i++) {
		write_array(&arrays[i], members, (int)i);
		params[i] = ARG_TEXT(arrays[i].data);
	}
	batch = call_new(first->number, params, n, 0, NULL, NULL);
	for (size_t i = 1; i < n; i++)
		buf_free(&arrays[i]);
	TAILQ_INIT(&batch->members);
	while ((m = TAILQ_FIRST(members))) {
		TAILQ_REMOVE(members, m, queue);
		TAILQ_INSERT_TAIL(&batch->members, m, queue);
		m->batch = batch;
		batch->n_members++;
	}
	assert(batch->n_members > 0 && batch->n_members <= BATCH_MAX);
	return batch;
}

struct call *batch_take(struct call *batch)
{
	struct call *m = batch->n_members ? TAILQ_FIRST(&batch->members) : NULL;

	if (!m)
		return NULL;
	TAILQ_REMOVE(&batch->members, m, queue);
	batch->n_members--;
	m->batch = NULL;
	return m;
}

/* Nothing yet, with the columns of `rows` but the first. */
static PGresult *rows_like(const PGresult *rows)
{
	PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[16] = { { 0 } };
	int n = PQnfields(rows) - 1;

	for (int i = 0; i < n; i++)
		columns[i] = (PGresAttDesc){ .name = PQfname(rows, i + 1),
			.format = PQfformat(rows, i + 1),
			.typid = PQftype(rows, i + 1),
			.typlen = PQfsize(rows, i + 1),
			.atttypmod = PQfmod(rows, i + 1) };
	if (!r || !PQsetResultAttrs(r, n, columns))
		abort();
	return r;
}

static void copy_row(PGresult *to, const PGresult *rows, int i)
{
	int row = PQntuples(to);

	for (int k = 1; k < PQnfields(rows); k++) {
		bool is_null = PQgetisnull(rows, i, k);

		if (!PQsetvalue(to, row, k - 1, is_null ? NULL : PQgetvalue(rows, i, k),
			is_null ? -1 : PQgetlength(rows, i, k)))
			abort();
	}
}

bool batch_deal(struct call *batch)
{
	struct call *of[BATCH_MAX], *m;
	int n = 0;

	if (!rows_are(batch->rows, "icittqqbt"))
		return false;
	TAILQ_FOREACH(m, &batch->members, queue)
	of[n++] = m;
	for (int i = 0; i < PQntuples(batch->rows); i++) {
		int whose = row_i32(batch->rows, i, 0) - 1;

		if (whose < 0 || whose >= n)
			return false;
		if (!of[whose]->rows)
			of[whose]->rows = rows_like(batch->rows);
		copy_row(of[whose]->rows, batch->rows, i);
	}
	return true;
}
