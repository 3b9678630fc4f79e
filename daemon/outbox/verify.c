/*
 * Owns one comparison of ledger and board, and its time limit.
 *
 * It refuses to stop the writers: it reads the position, everything, and the
 * position again, and what was read counts only if it did not move meanwhile
 * and the outbox had nothing beyond it.  A difference is looked at again before
 * it is believed, as a commit above the snapshot horizon is in the ledger's
 * tables a moment before it is in its outbox.
 */
#include "daemon/outbox/outbox_work.h"

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/ledger.h"
#include "daemon/outbox/tally.h"

#include <event2/event.h>

#include <stdlib.h>

enum {
	PATIENCE_MS = 15000,
	PAUSE_US = 30000,
	BELIEVE_AFTER = 5, /* this many quiet attempts in a row with differences */
};

struct verify {
	struct ledger *ledger;
	struct board *board;
	int city;
	struct verify_report *out;
	struct done done;
	int64_t started_ms;
	struct event *pause;
	int doubts; /* quiet attempts with differences so far */
	struct tally *tally;
	struct board_position at, as_of;
	bool given_up;
	bool before; /* the look at the outbox is the one before reading */
	struct ledger_copy *copy;
	struct arena *arena;
	struct outbox_batch page;
};

static void finish(struct verify *v, enum status st)
{
	struct done done = v->done;

	v->out->milliseconds = clock_ms() - v->started_ms;
	v->out->position = v->at;
	tally_free(v->tally);
	arena_free(v->arena);
	event_free(v->pause);
	free(v);
	done_call(done, st);
}

static struct arena *next_arena(struct verify *v)
{
	arena_free(v->arena);
	v->arena = arena_new();
	v->page = (struct outbox_batch){ 0 };
	return v->arena;
}

/* st: what to say when the time is over. */
static void again(struct verify *v, enum status st)
{
	const struct timeval tv = { .tv_usec = PAUSE_US };

	if (v->given_up)
		finish(v, E_UNAVAILABLE);
	else if (clock_ms() - v->started_ms > PATIENCE_MS)
		finish(v, st);
	else
		evtimer_add(v->pause, &tv);
}

static bool same_place(const struct board_position *a, const struct board_position *b)
{
	return a->generation == b->generation && a->xid == b->xid && a->id == b->id;
}

static void on_position_after(void *arg, enum status st)
{
	struct verify *v = arg;

	if (st != OK) {
		finish(v, st);
		return;
	}
	if (!same_place(&v->at, &v->as_of)) {
		again(v, E_CONFLICT);
		return;
	}
	tally_end(v->tally);
	if (v->out->n_differences == 0 || ++v->doubts == BELIEVE_AFTER)
		finish(v, OK);
	else
		again(v, OK);
}

static void on_loaded(void *arg, enum status st);
static void on_load_each(void *arg, const struct change *changes, size_t n);

/* Before reading and after: nothing may be waiting beyond the position. */
static void on_outbox(void *arg, enum status st)
{
	struct verify *v = arg;

	/* The board is about to be rebuilt. */
	if (st == E_NOT_FOUND) {
		again(v, E_CONFLICT);
		return;
	}
	if (st != OK) {
		finish(v, st);
		return;
	}
	if (v->page.n > 0) {
		again(v, E_CONFLICT);
		return;
	}
	if (!v->before) {
		board_read_position(v->board, v->city, &v->as_of,
		    (struct done){ on_position_after, v });
		return;
	}
	tally_free(v->tally);
	v->tally = tally_new(v->out);
	board_load(v->board, v->city, true, on_load_each, v, &v->as_of,
	    (struct done){ on_loaded, v });
}

static void look_at_outbox(struct verify *v, bool before)
{
	struct arena *a = next_arena(v);

	v->before = before;
	ledger_read_outbox(v->ledger, v->city, v->at.xid, v->at.id, 1, a, &v->page,
	    (struct done){ on_outbox, v });
}

static void on_copied(void *arg, enum status st)
{
	struct verify *v = arg;

	v->copy = NULL;
	if (st != OK)
		finish(v, st);
	else
		look_at_outbox(v, false);
}

static bool on_record(void *arg, const struct change *c)
{
	struct verify *v = arg;

	tally_ledger(v->tally, c);
	return true;
}

static void on_load_each(void *arg, const struct change *changes, size_t n)
{
	struct verify *v = arg;

	for (size_t i = 0; i < n; i++)
		tally_board(v->tally, &changes[i]);
}

static void on_loaded(void *arg, enum status st)
{
	struct verify *v = arg;

	if (st == E_CONFLICT || (st == OK && !same_place(&v->at, &v->as_of))) {
		again(v, E_CONFLICT);
		return;
	}
	if (st != OK) {
		finish(v, st);
		return;
	}
	v->copy = ledger_copy_records(v->ledger, v->city, on_record, v,
	    (struct done){ on_copied, v });
}

static void on_position_before(void *arg, enum status st)
{
	struct verify *v = arg;

	if (st == OK && v->at.generation == 0)
		st = E_NOT_FOUND;
	if (st != OK)
		finish(v, st);
	else
		look_at_outbox(v, true);
}

static void attempt(struct verify *v)
{
	v->out->attempts++;
	board_read_position(v->board, v->city, &v->at, (struct done){ on_position_before, v });
}

static void on_pause(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	attempt(arg);
}

void verify_give_up(struct verify *v)
{
	v->given_up = true;
	if (v->copy) {
		ledger_copy_free(v->copy);
		finish(v, E_UNAVAILABLE);
	} else if (event_pending(v->pause, EV_TIMEOUT, NULL))
		finish(v, E_UNAVAILABLE);
}

struct verify *verify_start(struct event_base *base, struct ledger *l, struct board *b,
    int city, struct verify_report *out, struct done done)
{
	struct verify *v = must_alloc(sizeof(*v));

	v->ledger = l;
	v->board = b;
	v->city = city;
	v->out = out;
	v->done = done;
	v->started_ms = clock_ms();
	v->pause = evtimer_new(base, on_pause, v);
	*out = (struct verify_report){ 0 };
	attempt(v);
	return v;
}
