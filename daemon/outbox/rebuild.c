/*
 * Owns one rebuild: horizon, new generation, copy, catch up, switch.
 *
 * It refuses to know who asked.  The horizon is taken before the copy begins, so
 * what changes while we read comes again from the outbox; a record that is in
 * both is told apart by its version.  The copy flows from the ledger into the
 * board, and the slower of them sets the pace.  Readers of the old generation
 * notice nothing until the switch, and the applier goes on feeding it.
 */
#include "daemon/outbox/outbox_work.h"

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
	struct ledger_copy *copy;
	struct board_filler *filler;
	enum status copied;
	bool is_given_up;
	struct arena *arena; /* of one page of the outbox */
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

static void on_abandoned(void *arg, enum status st)
{
	struct rebuild *r = arg;

	(void)st;
	finish(r, r->copied);
}

/* What was filled will not be read. */
static void fail(struct rebuild *r, enum status st)
{
	if (r->is_given_up || r->fresh.generation == 0) {
		finish(r, st);
		return;
	}
	r->copied = st;
	board_abandon(r->board, r->city, &r->fresh, (struct done){ on_abandoned, r });
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
	finish(arg, st); /* and has abandoned what was not switched to */
}

static void catch_up(struct rebuild *r);

static void on_applied(void *arg, enum status st)
{
	struct rebuild *r = arg;

	if (st != OK || r->is_given_up) {
		fail(r, st != OK ? st : E_UNAVAILABLE);
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

	if (st != OK || r->is_given_up) {
		fail(r, st != OK ? st : E_UNAVAILABLE);
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

static void on_filled(void *arg, enum status st)
{
	struct rebuild *r = arg;

	r->filler = NULL;
	if (r->copied != OK)
		st = r->copied;
	if (st != OK || r->is_given_up)
		fail(r, st != OK ? st : E_UNAVAILABLE);
	else
		catch_up(r);
}

static bool on_record(void *arg, const struct change *c)
{
	struct rebuild *r = arg;

	if (!board_filler_put(r->filler, c))
		return false;
	(*(c->entity == 'v' ? &r->out->vacancies : &r->out->seekers))++;
	return true;
}

static void on_copied(void *arg, enum status st)
{
	struct rebuild *r = arg;

	r->copy = NULL;
	r->copied = st;
	if (st == OK) {
		board_filler_end(r->filler, (struct done){ on_filled, r });
		return;
	}
	board_filler_free(r->filler);
	r->filler = NULL;
	fail(r, st);
}

static void on_room(void *arg)
{
	struct rebuild *r = arg;

	if (r->copy)
		ledger_copy_resume(r->copy);
}

static void on_begun(void *arg, enum status st)
{
	struct rebuild *r = arg;

	if (st != OK || r->is_given_up) {
		fail(r, st != OK ? st : E_UNAVAILABLE);
		return;
	}
	r->out->generation = r->fresh.generation;
	r->filler = board_filler_new(r->board, r->city, &r->fresh, on_room, r);
	r->copy = ledger_copy_records(r->ledger, r->city, on_record, r,
	    (struct done){ on_copied, r });
}

static void on_horizon(void *arg, enum status st)
{
	struct rebuild *r = arg;

	if (st != OK || r->is_given_up)
		finish(r, st != OK ? st : E_UNAVAILABLE);
	else
		board_begin(r->board, r->city, r->xid, r->id, &r->fresh,
		    (struct done){ on_begun, r });
}

void rebuild_give_up(struct rebuild *r)
{
	r->is_given_up = true;
	if (!r->copy)
		return; /* what is under way completes, and then it is over */
	ledger_copy_free(r->copy);
	board_filler_free(r->filler);
	finish(r, E_UNAVAILABLE);
}

struct rebuild *rebuild_start(struct ledger *l, struct board *b, int city,
    struct rebuild_report *out, struct done done)
{
	struct rebuild *r = must_alloc(sizeof(*r));

	r->ledger = l;
	r->board = b;
	r->city = city;
	r->out = out;
	r->done = done;
	r->started_ms = clock_ms();
	*out = (struct rebuild_report){ 0 };
	ledger_read_horizon(l, city, &r->xid, &r->id, (struct done){ on_horizon, r });
	return r;
}
