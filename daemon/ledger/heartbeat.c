/*
 * The heartbeat: one small call four times a second.
 *
 * Between beats the clock goes on by this machine's monotonic clock, never by
 * its wall clock, which may be wrong.  A fixed clock stands still; where it was moved to is
 * in memory that all workers share, so that none answers by the day before.
 */
#include "daemon/ledger/heartbeat.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/key_news.h"
#include "daemon/ledger/pool.h"
#include "daemon/ledger/rows.h"
#include "daemon/log/log.h"

#define BEAT_MS 250

static _Atomic int64_t alone;
static _Atomic int64_t *moved_us = &alone; /* 0: not since the daemon was started */

void heartbeat_share_moves(void)
{
	void *p = mmap(NULL, sizeof(*moved_us), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("heartbeat: mmap");
		exit(1);
	}
	moved_us = p;
}

struct heartbeat {
	struct pool *pool;
	struct heartbeat_config config;
	struct event *timer;
	bool is_out; /* a beat is under way */
	bool is_in_haste;
	bool is_strange; /* the last beat told nothing about our city */
	bool is_of_other_kind;

	bool is_known;
	bool fixed;
	int64_t ledger_us;
	int64_t heard_ms, asked_ms;
	int64_t horizon_age_ms;
	int horizon_pid;
};

static void wait_for_next(struct heartbeat *h)
{
	struct timeval span = clock_span(h->is_in_haste ? 0 : BEAT_MS);

	h->is_in_haste = false;
	event_add(h->timer, &span);
}

static void tell_other_kind(struct heartbeat *h)
{
	if (!h->is_of_other_kind)
		log_event(LOG_LEVEL_ERROR, "ledger.other-kind-of-city", "why",
		    h->config.sandbox ? "the database's city is no sandbox, and stays that: "
					"set sandbox = false, or give the sandbox a database "
					"of its own"
				      : "the database's city is a sandbox, and stays that: "
					"set sandbox = true, or give the city a database of "
					"its own",
		    NULL);
	h->is_of_other_kind = true;
}

static void take_beat(struct heartbeat *h, const PGresult *rows, int64_t asked_ms)
{
	if (!rows_are(rows, "qoqqio") || PQntuples(rows) != 1) {
		if (!h->is_strange) /* said once, not four times a second */
			log_event(LOG_LEVEL_ERROR, "ledger.no-such-city", NULL);
		h->is_strange = true;
		return;
	}
	h->is_strange = false;
	if (row_bool(rows, 0, 5) != h->config.sandbox) {
		tell_other_kind(h);
		return;
	}
	h->is_of_other_kind = false;
	h->ledger_us = row_i64(rows, 0, 0);
	h->fixed = row_bool(rows, 0, 1);
	h->heard_ms = clock_ms();
	h->is_known = true;
	h->horizon_age_ms = row_i64(rows, 0, 3);
	h->horizon_pid = row_i32(rows, 0, 4);
	h->config.keys_changed(h->config.arg, row_i64(rows, 0, 2), asked_ms);
}

static void on_beat(void *arg, enum status st, const PGresult *rows)
{
	struct heartbeat *h = arg;

	h->is_out = false;
	if (st == OK)
		take_beat(h, rows, h->asked_ms);
	wait_for_next(h);
}

struct following {
	struct heartbeat *heartbeat;
	struct done done;
};

static void on_followed(void *arg, enum status st, const PGresult *rows)
{
	struct following *w = arg;
	struct done done = w->done;

	if (st == OK) {
		take_beat(w->heartbeat, rows, 0);
		atomic_store(moved_us, w->heartbeat->ledger_us);
	}
	free(w);
	done_call(done, st);
}

static void ask(struct heartbeat *h, call_done *done, void *arg)
{
	char city[16];

	snprintf(city, sizeof(city), "%d", h->config.city);
	pool_call_urgent(h->pool, STATEMENT_HEARTBEAT, &ARG_TEXT(city), 1, done, arg);
}

void heartbeat_follow(struct heartbeat *h, struct done done)
{
	struct following *w = must_alloc(sizeof(*w));

	*w = (struct following){ h, done };
	ask(h, on_followed, w);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct heartbeat *h = arg;

	(void)fd;
	(void)what;
	h->is_out = true;
	h->asked_ms = clock_ms();
	key_news_alive(h->config.process);
	ask(h, on_beat, h);
}

struct heartbeat *heartbeat_new(struct event_base *base, struct pool *pool,
    const struct heartbeat_config *config)
{
	struct heartbeat *h = must_alloc(sizeof(*h));

	h->pool = pool;
	h->config = *config;
	h->timer = evtimer_new(base, on_timer, h);
	if (!h->timer)
		abort();
	heartbeat_hurry(h);
	return h;
}

void heartbeat_free(struct heartbeat *h)
{
	event_free(h->timer);
	free(h);
}

void heartbeat_hurry(struct heartbeat *h)
{
	h->is_in_haste = true;
	if (!h->is_out)
		wait_for_next(h);
}

bool heartbeat_now(const struct heartbeat *h, int64_t *now_us, bool *fixed)
{
	*fixed = h->fixed;
	*now_us = h->ledger_us;
	if (!h->fixed)
		*now_us += (clock_ms() - h->heard_ms) * 1000;
	else if (atomic_load(moved_us) > *now_us)
		*now_us = atomic_load(moved_us);
	return h->is_known;
}

bool heartbeat_heard(const struct heartbeat *h, int64_t *ledger_us, bool *fixed,
    int64_t *heard_ms)
{
	*ledger_us = h->ledger_us;
	*fixed = h->fixed;
	*heard_ms = h->heard_ms;
	return h->is_known;
}

void heartbeat_restore(struct heartbeat *h, int64_t now_us, bool fixed)
{
	if (h->is_known)
		return;
	h->ledger_us = now_us;
	h->fixed = fixed;
	h->heard_ms = clock_ms();
	h->is_known = true;
}

bool heartbeat_is_of_other_kind(const struct heartbeat *h)
{
	return h->is_of_other_kind;
}

void heartbeat_horizon(const struct heartbeat *h, int64_t *age_ms, int *pid)
{
	*age_ms = h->horizon_age_ms;
	*pid = h->horizon_pid;
}
