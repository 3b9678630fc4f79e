/*
 * Owns the loop: position, read, apply, again.
 *
 * It refuses to know SQL and Redis.  Nothing is remembered that the board does
 * not know better: after a conflict, and twice a second while nothing happens,
 * the position is read again, so a board that was emptied or switched is seen.
 * When two appliers run, one of them always loses the compare-and- set; it
 * steps back for longer, and so the other leads.
 */
#include "daemon/outbox/outbox.h"

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/outbox/outbox_work.h"

#include <event2/event.h>

#include <stdlib.h>

enum {
	POLL_FIRST_MS = 1,
	POLL_MOST_MS = 20,
	GATHER_MS = 4, /* what comes within it costs one look instead of one each */
	AWAY_MS = 50,  /* between looks at a back-end that is away */
	REBUILD_RETRY_MS = 500,
	LOOK_AGAIN_MS = 500, /* a quiet position is read again */
};

struct outbox {
	struct event_base *base;
	struct ledger *ledger;
	struct board *board;
	int city;
	struct event *poll;
	long poll_ms;
	bool known; /* `at` is where the board was */
	int64_t known_ms;
	struct board_position at;
	int64_t level_ms;    /* when it had all of the ledger; 0: never */
	struct arena *arena; /* of the batch under way */
	struct outbox_batch batch;
	size_t applying;
	bool busy;      /* a step of the loop is under way */
	bool gathering; /* the next one is not before its time */
	bool woken;     /* a commit came meanwhile */
	bool rebuilding, verifying;
	bool closing;            /* free when nothing is under way */
	bool holding;            /* but not yet */
	struct rebuild *rebuild; /* the ones under way, if they were not over at once */
	struct verify *verify;
	struct done rebuild_done, verify_done;
	struct rebuild_report own_report; /* of a rebuild nobody asked for */
};

size_t outbox_whole_transactions(const struct outbox_batch *b, size_t limit,
    struct change *changes, uint64_t *xids)
{
	size_t n = b->n;

	if (n >= limit) {
		while (n > 0 && b->rows[n - 1].xid == b->rows[b->n - 1].xid)
			n--;
		if (n == 0)
			n = b->n;
	}
	for (size_t i = 0; i < n; i++) {
		changes[i] = b->rows[i].change;
		xids[i] = b->rows[i].xid;
	}
	return n;
}

/* True when the last thing under way is over and nobody waits for us. */
static bool free_if_over(struct outbox *o)
{
	if (!o->closing || o->holding || o->busy || o->rebuilding || o->verifying)
		return false;
	arena_free(o->arena);
	event_free(o->poll);
	free(o);
	return true;
}

static void schedule(struct outbox *o, long ms)
{
	struct timeval tv = clock_span(ms);

	o->busy = false;
	if (free_if_over(o) || o->closing)
		return;
	evtimer_add(o->poll, &tv);
}

static void schedule_soon(struct outbox *o)
{
	long ms = o->poll_ms;

	o->poll_ms = ms * 2 < POLL_MOST_MS ? ms * 2 : POLL_MOST_MS;
	schedule(o, o->woken ? 0 : ms);
}

/* There was nothing to read. */
static void rest(struct outbox *o)
{
	o->level_ms = clock_ms();
	schedule_soon(o);
}

static void on_applied(void *arg, enum status st)
{
	struct outbox *o = arg;

	if (st == OK) {
		metric_add(M_OUTBOX_APPLIED, (int64_t)o->applying);
		o->known_ms = clock_ms();
		o->poll_ms = POLL_FIRST_MS;
		o->gathering = o->batch.n < PAGE;
		if (o->gathering)
			o->level_ms = o->known_ms;
		schedule(o, o->gathering ? GATHER_MS : 0);
		return;
	}
	o->known = false;
	if (st == E_CONFLICT) {
		metric_add(M_OUTBOX_CONFLICTS, 1);
		schedule(o, POLL_MOST_MS / 2 + clock_jitter(POLL_MOST_MS));
		return;
	}
	schedule(o, AWAY_MS);
}

static void apply(struct outbox *o)
{
	struct change *changes = arena_alloc(o->arena, o->batch.n * sizeof(*changes));
	uint64_t *xids = arena_alloc(o->arena, o->batch.n * sizeof(*xids));
	const struct outbox_row *last;

	o->applying = outbox_whole_transactions(&o->batch, PAGE, changes, xids);
	last = &o->batch.rows[o->applying - 1];
	board_apply(o->board, o->city, &o->at, changes, xids, o->applying, last->xid, last->id,
	    (struct done){ on_applied, o });
}

static void rebuild_because(struct outbox *o, const char *why);

static void on_rows(void *arg, enum status st)
{
	struct outbox *o = arg;

	if (st == E_NOT_FOUND)
		rebuild_because(o,
		    "the ledger's outbox does not lead on from where the board is");
	else if (st != OK)
		schedule(o, AWAY_MS);
	else if (o->batch.n == 0)
		rest(o);
	else
		apply(o);
}

static void read_rows(struct outbox *o)
{
	arena_free(o->arena);
	o->arena = arena_new();
	o->batch = (struct outbox_batch){ 0 };
	ledger_read_outbox(o->ledger, o->city, o->at.xid, o->at.id, PAGE, o->arena, &o->batch,
	    (struct done){ on_rows, o });
}

static void on_rebuilt_by_itself(void *arg, enum status st)
{
	struct outbox *o = arg;

	if (st != OK && st != E_CONFLICT && st != E_BUSY)
		log_event(LOG_LEVEL_WARN, "outbox.rebuild_failed", "why", status_name(st),
		    NULL);
	o->known = false;
	schedule(o, st == OK ? 0 : REBUILD_RETRY_MS);
}

static void rebuild_because(struct outbox *o, const char *why)
{
	log_event(LOG_LEVEL_WARN, "outbox.rebuild", "why", why, NULL);
	outbox_rebuild(o, &o->own_report, (struct done){ on_rebuilt_by_itself, o });
}

static void on_position(void *arg, enum status st)
{
	struct outbox *o = arg;

	if (st != OK) {
		schedule(o, AWAY_MS);
		return;
	}
	if (o->at.generation == 0) {
		rebuild_because(o, "the board is empty");
		return;
	}
	o->known = true;
	o->known_ms = clock_ms();
	read_rows(o);
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
	struct outbox *o = arg;

	(void)fd;
	(void)what;
	if (o->busy)
		return;
	o->busy = true;
	o->woken = o->gathering = false;
	if (!ledger_role_is_up(o->ledger, LEDGER_APPLIER) || !board_is_up(o->board)) {
		o->known = false;
		schedule(o, AWAY_MS);
	} else if (!o->known || clock_ms() - o->known_ms > LOOK_AGAIN_MS) {
		board_read_position(o->board, o->city, &o->at, (struct done){ on_position, o });
	} else {
		read_rows(o);
	}
}

struct outbox *outbox_new(struct event_base *base, struct ledger *l, struct board *b, int city)
{
	const struct timeval now = { 0 };
	struct outbox *o = must_alloc(sizeof(*o));

	o->base = base;
	o->ledger = l;
	o->board = b;
	o->city = city;
	o->poll_ms = POLL_FIRST_MS;
	o->poll = evtimer_new(base, on_poll, o);
	evtimer_add(o->poll, &now);
	return o;
}

void outbox_free(struct outbox *o)
{
	if (!o)
		return;
	event_del(o->poll);
	o->closing = true;
	o->holding = true;
	if (o->rebuilding)
		rebuild_give_up(o->rebuild);
	if (o->verifying)
		verify_give_up(o->verify);
	o->holding = false;
	(void)free_if_over(o);
}

bool outbox_passed(const struct outbox *o, uint64_t *xid)
{
	*xid = o->at.xid;
	return o->known;
}

bool outbox_position(const struct outbox *o, uint64_t *xid, uint64_t *id)
{
	*xid = o->at.xid;
	*id = o->at.id;
	return o->at.generation != 0;
}

bool outbox_behind(const struct outbox *o, int64_t *ms)
{
	*ms = clock_ms() - o->level_ms;
	return o->level_ms != 0;
}

void outbox_wake(struct outbox *o)
{
	const struct timeval now = { 0 };

	if (o->closing)
		return;
	o->poll_ms = POLL_FIRST_MS;
	o->woken = true;
	if (!o->busy && !o->gathering)
		evtimer_add(o->poll, &now);
}

static void on_rebuild(void *arg, enum status st)
{
	struct outbox *o = arg;
	struct done done = o->rebuild_done;

	done_call(done, st);
	o->rebuilding = false;
	(void)free_if_over(o);
}

void outbox_rebuild(struct outbox *o, struct rebuild_report *out, struct done done)
{
	if (o->rebuilding) {
		done_call(done, E_BUSY);
		return;
	}
	o->rebuilding = true;
	o->rebuild_done = done;
	o->rebuild =
	    rebuild_start(o->ledger, o->board, o->city, out, (struct done){ on_rebuild, o });
}

static void on_verify(void *arg, enum status st)
{
	struct outbox *o = arg;
	struct done done = o->verify_done;

	done_call(done, st);
	o->verifying = false;
	(void)free_if_over(o);
}

void outbox_verify(struct outbox *o, struct verify_report *out, struct done done)
{
	if (o->verifying) {
		done_call(done, E_BUSY);
		return;
	}
	o->verifying = true;
	o->verify_done = done;
	o->verify = verify_start(o->base, o->ledger, o->board, o->city, out,
	    (struct done){ on_verify, o });
}
