/*
 * What is counted over a whole city for the operator's metrics.
 *
 * What a figure means, and which there are, ops.city_figures says; here they are
 * only carried over.
 */
#include "daemon/ledger/ledger.h"

#include <stdio.h>

#include "daemon/base/arena.h"
#include "daemon/ledger/ledger_parts.h"
#include "daemon/ledger/pool.h"
#include "daemon/ledger/rows.h"
#include "daemon/log/log.h"

enum { NAME, LABEL, VALUE };

struct counting {
	struct arena *arena;
	struct ledger_figures *out;
	struct done done;
};

static void on_figures(void *arg, enum status st, const PGresult *rows)
{
	struct counting *c = arg;

	if (st == OK && !rows_are(rows, "ttq")) {
		log_event(LOG_LEVEL_ERROR, "ledger.bad-rows", "call", "city_figures", NULL);
		st = E_INTERNAL;
	}
	if (st == OK) {
		c->out->n = (size_t)PQntuples(rows);
		c->out->at = arena_alloc(c->arena, c->out->n * sizeof(*c->out->at));
		for (int i = 0; i < PQntuples(rows); i++)
			c->out->at[i] = (struct ledger_figure){
				.name = arena_strdup(c->arena, row_text(rows, i, NAME)),
				.label = arena_strdup(c->arena, row_text(rows, i, LABEL)),
				.value = row_i64(rows, i, VALUE),
			};
	}
	done_call(c->done, st);
}

void ledger_read_figures(struct ledger *l, int city, struct arena *arena,
    struct ledger_figures *out, struct done done)
{
	struct counting *c = arena_alloc(arena, sizeof(*c));
	char text[16];

	snprintf(text, sizeof(text), "%d", city);
	*c = (struct counting){ arena, out, done };
	*out = (struct ledger_figures){ 0 };
	pool_call(ledger_pool_of(l, STATEMENT_FIGURES), STATEMENT_FIGURES, &ARG_TEXT(text), 1,
	    0, on_figures, c);
}
