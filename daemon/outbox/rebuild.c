/*
 * Owns one rebuild: horizon, new generation, pages, catch up, switch.
 *
 * It refuses to know who asked.  The horizon is taken before the first page, so
 * what changes while we read comes again from the outbox; a record that is in
 * both is told apart by its version.  Surprising: readers of the old generation
 * notice nothing until the switch, and the applier goes on feeding it.
 */
#include "daemon/outbox/inside.h"

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct rebuild {
	struct ledger *ledger;
	struct board *board;
	int city;
	struct rebuild_report *out;
	struct done done;
	int64_t started_ms;
	uint64_t xid, id; /* the horizon */
	struct board_position fresh;
	char entity; /* of the pages being read */
	uint64_t after;
	struct arena *arena; /* of one page */
	struct outbox_batch page;
	size_t applying;
};

static void finish(struct rebuild *r, enum status st)
{
	struct done done = r->done;
	char ms[24], vacancies[24], seekers[24];

	r->out->milliseconds = clock_ms() - r->started_ms;
	(void)snprintf(ms, sizeof(ms), "%" PRId64, r->out->milliseconds);
	(void)snprintf(vacancies, sizeof(vacancies), "%zu", r->out->vacancies);
	(void)snprintf(seekers, sizeof(seekers), "%zu", r->out->seekers);
	log_event(LOG_LEVEL_INFO, "outbox.rebuilt", "status", status_name(st), "vacancies",
	    vacancies, "seekers", seekers, "ms", ms, NULL);
	arena_free(r->arena);
	free(r);
	done_call(done, st);
}

static struct arena *next_arena(struct rebuild *r)
{
	arena_free(r->arena);
	r->arena = arena_new();
	r->page = (struct outbox_batch){ 0 };
	return r->arena;
}

static void on_switched(void *arg, enum status st)
{
	finish(arg, st);
}

static void catch_up(struct rebuild *r);

static void on_applied(void *arg, enum status st)
{
	struct rebuild *r = arg;

	if (st != OK) {
		finish(r, st);
		return;
	}
	r->out->caught_up += r->applying;
	/* A short page: the applier has the rest in a moment. */
	if (r->page.n < PAGE)
		board_switch(r->board, r->city, &r->fresh, (struct done){ on_switched, r });
	else
		catch_up(r);
}

static void on_rows(void *arg, enum status st)
{
	struct rebuild *r = arg;
	struct change *changes;
	uint64_t *xids;
	const struct outbox_row *last;

	if (st != OK) {
		finish(r, st);
		return;
	}
	if (r->page.n == 0) {
		board_switch(r->board, r->city, &r->fresh, (struct done){ on_switched, r });
		return;
	}
	changes = arena_alloc(r->arena, r->page.n * sizeof(*changes));
	xids = arena_alloc(r->arena, r->page.n * sizeof(*xids));
	r->applying = outbox_whole_transactions(&r->page, PAGE, changes, xids);
	last = &r->page.rows[r->applying - 1];
	board_apply(r->board, r->city, &r->fresh, changes, xids, r->applying, last->xid,
	    last->id, (struct done){ on_applied, r });
}

static void catch_up(struct rebuild *r)
{
	struct arena *a = next_arena(r);

	ledger_read_outbox(r->ledger, r->city, r->fresh.xid, r->fresh.id, PAGE, a, &r->page,
	    (struct done){ on_rows, r });
}

static void read_page(struct rebuild *r);

static void on_filled(void *arg, enum status st)
{
	struct rebuild *r = arg;

	if (st != OK)
		finish(r, st);
	else
		read_page(r);
}

static void on_page(void *arg, enum status st)
{
	struct rebuild *r = arg;
	struct change *changes;

	if (st != OK) {
		finish(r, st);
		return;
	}
	if (r->page.n == 0 && r->entity == 's') {
		catch_up(r);
		return;
	}
	if (r->page.n == 0) {
		r->entity = 's';
		r->after = 0;
		read_page(r);
		return;
	}
	changes = arena_alloc(r->arena, r->page.n * sizeof(*changes));
	for (size_t i = 0; i < r->page.n; i++)
		changes[i] = r->page.rows[i].change;
	r->after = changes[r->page.n - 1].id;
	*(r->entity == 'v' ? &r->out->vacancies : &r->out->seekers) += r->page.n;
	board_fill(r->board, r->city, &r->fresh, changes, r->page.n,
	    (struct done){ on_filled, r });
}

static void read_page(struct rebuild *r)
{
	struct arena *a = next_arena(r);

	ledger_read_records(r->ledger, r->city, r->entity, r->after, PAGE, a, &r->page,
	    (struct done){ on_page, r });
}

static void on_begun(void *arg, enum status st)
{
	struct rebuild *r = arg;

	if (st != OK) {
		finish(r, st);
		return;
	}
	r->out->generation = r->fresh.generation;
	read_page(r);
}

static void on_horizon(void *arg, enum status st)
{
	struct rebuild *r = arg;

	if (st != OK)
		finish(r, st);
	else
		board_begin(r->board, r->city, r->xid, r->id, &r->fresh,
		    (struct done){ on_begun, r });
}

void rebuild_start(struct ledger *l, struct board *b, int city, struct rebuild_report *out,
    struct done done)
{
	struct rebuild *r = must_alloc(sizeof(*r));

	r->ledger = l;
	r->board = b;
	r->city = city;
	r->out = out;
	r->done = done;
	r->started_ms = clock_ms();
	r->entity = 'v';
	*out = (struct rebuild_report){ 0 };
	ledger_read_horizon(l, city, &r->xid, &r->id, (struct done){ on_horizon, r });
}
