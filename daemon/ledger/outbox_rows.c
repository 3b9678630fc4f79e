/*
 * Reading the outbox and the records behind it, and the jobs of the timetable.
 *
 * The order of the rows, and what is below the horizon, is ops' business; here
 * they are only carried over.
 */
#include "daemon/ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/ledger_parts.h"
#include "daemon/ledger/pool.h"
#include "daemon/ledger/rows.h"
#include "daemon/log/log.h"

#define NUMBER_LEN 24

enum { XID, ID, ENTITY, ENTITY_ID, VERSION, RECORD, LABEL };

static enum status bad_rows(const char *call)
{
	log_event(LOG_LEVEL_ERROR, "ledger.bad-rows", "call", call, NULL);
	return E_INTERNAL;
}

struct reading {
	int city;
	struct arena *arena;
	struct outbox_batch *out;
	struct done done;
};

static void read_row(const PGresult *rows, int i, const struct reading *r)
{
	r->out->rows[i] = (struct outbox_row){
		.xid = (uint64_t)row_i64(rows, i, XID),
		.id = (uint64_t)row_i64(rows, i, ID),
		.city = r->city,
		.change = {
			.entity = row_text(rows, i, ENTITY)[0],
			.id = (uint64_t)row_i64(rows, i, ENTITY_ID),
			.version = (uint64_t)row_i64(rows, i, VERSION),
			.record = row_blob(rows, i, RECORD, r->arena),
			.label = arena_strdup(r->arena, row_text(rows, i, LABEL)),
		},
	};
}

static void on_batch(void *arg, enum status st, const PGresult *rows)
{
	struct reading *r = arg;

	if (st == OK && !rows_are(rows, "qqtqqbt"))
		st = bad_rows("read_outbox");
	if (st == OK && PQntuples(rows) == 1 && strcmp(row_text(rows, 0, ENTITY), "gap") == 0)
		st = E_NOT_FOUND;
	if (st == OK) {
		r->out->n = (size_t)PQntuples(rows);
		r->out->rows = arena_alloc(r->arena, r->out->n * sizeof(*r->out->rows));
		for (int i = 0; i < PQntuples(rows); i++)
			read_row(rows, i, r);
	}
	done_call(r->done, st);
}

static void read_batch(struct ledger *l, int statement, int city, const char *first,
    const char *second, int limit, struct arena *arena, struct outbox_batch *out,
    struct done done)
{
	struct reading *r = arena_alloc(arena, sizeof(*r));
	char city_text[NUMBER_LEN], limit_text[NUMBER_LEN];
	struct ledger_arg params[] = { ARG_TEXT(city_text), ARG_TEXT(first), ARG_TEXT(second),
		ARG_TEXT(limit_text) };

	snprintf(city_text, sizeof(city_text), "%d", city);
	snprintf(limit_text, sizeof(limit_text), "%d", limit);
	*r = (struct reading){ .city = city, .arena = arena, .out = out, .done = done };
	*out = (struct outbox_batch){ 0 };
	pool_call(ledger_pool_of(l, statement), statement, params, 4, 0, on_batch, r);
}

void ledger_read_outbox(struct ledger *l, int city, uint64_t after_xid, uint64_t after_id,
    int limit, struct arena *arena, struct outbox_batch *out, struct done done)
{
	char xid[NUMBER_LEN], id[NUMBER_LEN];

	snprintf(xid, sizeof(xid), "%llu", (unsigned long long)after_xid);
	snprintf(id, sizeof(id), "%llu", (unsigned long long)after_id);
	read_batch(l, STATEMENT_READ_OUTBOX, city, xid, id, limit, arena, out, done);
}

/* A call without an arena of its own. */
struct asking {
	uint64_t *xid, *id;
	int *n;
	struct done done;
};

static void finish(struct asking *a, enum status st)
{
	struct done done = a->done;

	free(a);
	done_call(done, st);
}

static void on_horizon(void *arg, enum status st, const PGresult *rows)
{
	struct asking *a = arg;

	if (st == OK && (!rows_are(rows, "qq") || PQntuples(rows) != 1))
		st = bad_rows("horizon");
	if (st == OK) {
		*a->xid = (uint64_t)row_i64(rows, 0, 0);
		*a->id = (uint64_t)row_i64(rows, 0, 1);
	}
	finish(a, st);
}

void ledger_read_horizon(struct ledger *l, int city, uint64_t *xid, uint64_t *id,
    struct done done)
{
	struct asking *a = must_alloc(sizeof(*a));

	(void)city; /* all cities of a database have one horizon */
	*a = (struct asking){ .xid = xid, .id = id, .done = done };
	pool_call(ledger_pool_of(l, STATEMENT_HORIZON), STATEMENT_HORIZON, NULL, 0, 0,
	    on_horizon, a);
}

static void on_count(void *arg, enum status st, const PGresult *rows)
{
	struct asking *a = arg;

	if (st == OK && (!rows_are(rows, "i") || PQntuples(rows) != 1))
		st = bad_rows("a count");
	if (st == OK)
		*a->n = row_i32(rows, 0, 0);
	finish(a, st);
}

void ledger_do(struct ledger *l, int city, enum ledger_job job, int limit, uint64_t passed_xid,
    int *n, struct done done)
{
	struct asking *a = must_alloc(sizeof(*a));
	char city_text[NUMBER_LEN], limit_text[NUMBER_LEN], xid[NUMBER_LEN];
	struct ledger_arg params[] = { ARG_TEXT(city_text), ARG_TEXT(limit_text),
		ARG_TEXT(xid) };
	int statement = STATEMENT_JOBS + (int)job;

	snprintf(city_text, sizeof(city_text), "%d", city);
	snprintf(limit_text, sizeof(limit_text), "%d", limit);
	snprintf(xid, sizeof(xid), "%llu", (unsigned long long)passed_xid);
	*a = (struct asking){ .n = n, .done = done };
	pool_call(ledger_pool_of(l, statement), statement, params,
	    statement_of(statement)->n_params, 0, on_count, a);
}

void ledger_read_lag(struct ledger *l, int city, uint64_t xid, uint64_t id, int *n,
    struct done done)
{
	struct asking *a = must_alloc(sizeof(*a));
	char city_text[NUMBER_LEN], xid_text[NUMBER_LEN], id_text[NUMBER_LEN];
	struct ledger_arg params[] = { ARG_TEXT(city_text), ARG_TEXT(xid_text),
		ARG_TEXT(id_text) };

	snprintf(city_text, sizeof(city_text), "%d", city);
	snprintf(xid_text, sizeof(xid_text), "%llu", (unsigned long long)xid);
	snprintf(id_text, sizeof(id_text), "%llu", (unsigned long long)id);
	*a = (struct asking){ .n = n, .done = done };
	pool_call(ledger_pool_of(l, STATEMENT_LAG), STATEMENT_LAG, params, 3, 0, on_count, a);
}
