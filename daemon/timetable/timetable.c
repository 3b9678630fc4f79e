/*
 * Owns the table of the work and the timer that looks into it, one job at a time.
 *
 * It refuses to know what a day's turn is: that is SQL.  That two daemons never do one job
 * together is the ledger's to see to.
 */
#include "daemon/timetable/timetable.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"
#include "daemon/outbox/outbox.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

enum {
	MORE_MS = 200, /* when a job has done something: there may be more */
	RETRY_MS = 1000,
	LOOK_MS = 500,
};

static const struct job {
	const char *name;
	int64_t every_ms;
	bool at_midnight; /* of the ledger's clock, too */
	int limit;        /* of one call */
} jobs[LEDGER_JOBS] = {
	[LEDGER_TURN_DAY] = { "turn_day", MINUTE, .at_midnight = true, .limit = 500 },
	[LEDGER_EXPIRE_REFERRALS] = { "expire_referrals", MINUTE, .limit = 500 },
	[LEDGER_FORGET_ANSWERS] = { "forget_answers", 10 * MINUTE, .limit = 5000 },
	[LEDGER_SETTLE_LOTS] = { "settle_lots", 5 * SECOND, .limit = 40 },
	[LEDGER_TRIM_OUTBOX] = { "trim_outbox", MINUTE, .limit = 5000 },
};

struct timetable {
	struct ledger *ledger;
	struct outbox *outbox;
	int city;
	struct event *timer;
	int64_t due_ms[LEDGER_JOBS];
	bool has_failed[LEDGER_JOBS]; /* said once, not at each attempt */
	int day;                      /* the ledger's, when it was last looked at */
	enum ledger_job job;          /* under way, if `busy` */
	int n;                        /* how much it has done */
	bool busy, closing;
};

static void end(struct timetable *t)
{
	event_free(t->timer);
	free(t);
}

static void look_in(struct timetable *t, int64_t ms)
{
	struct timeval tv = clock_span(ms);

	evtimer_add(t->timer, &tv);
}

static void tell_failed(struct timetable *t, enum status st)
{
	if (!t->has_failed[t->job])
		log_event(LOG_LEVEL_WARN, "timetable.failed", "job", jobs[t->job].name, "why",
		    status_name(st), NULL);
	t->has_failed[t->job] = true;
}

static void tell_done(const struct timetable *t)
{
	char n[16];

	snprintf(n, sizeof(n), "%d", t->n);
	log_event(LOG_LEVEL_INFO, "timetable.done", "job", jobs[t->job].name, "n", n, NULL);
}

static void on_done(void *arg, enum status st)
{
	struct timetable *t = arg;
	int64_t again_ms = jobs[t->job].every_ms;

	if (t->closing) {
		end(t);
		return;
	}
	t->busy = false;
	if (st != OK) {
		tell_failed(t, st);
		again_ms = RETRY_MS;
	} else {
		t->has_failed[t->job] = false;
		if (t->n > 0) {
			tell_done(t);
			outbox_wake(t->outbox); /* it may have changed records */
			again_ms = MORE_MS;
		}
	}
	t->due_ms[t->job] = clock_ms() + again_ms;
	look_in(t, 0);
}

static void see_midnight(struct timetable *t)
{
	int64_t instant;
	bool fixed;
	int day;

	if (!ledger_clock(t->ledger, &day, &instant, &fixed) || day == t->day)
		return;
	t->day = day;
	for (int i = 0; i < LEDGER_JOBS; i++)
		if (jobs[i].at_midnight)
			t->due_ms[i] = 0;
}

static void begin(struct timetable *t, enum ledger_job job, uint64_t passed_xid)
{
	t->job = job;
	t->n = 0;
	t->busy = true;
	ledger_do(t->ledger, t->city, job, jobs[job].limit, passed_xid, &t->n,
	    (struct done){ on_done, t });
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct timetable *t = arg;
	int64_t now = clock_ms();
	uint64_t passed_xid = 0;

	(void)fd;
	(void)what;
	if (ledger_role_is_up(t->ledger, LEDGER_APPLIER)) {
		see_midnight(t);
		for (int i = 0; i < LEDGER_JOBS; i++) {
			/* Where the board is not known, nothing is behind it. */
			if (t->due_ms[i] > now ||
			    (i == LEDGER_TRIM_OUTBOX && !outbox_passed(t->outbox, &passed_xid)))
				continue;
			begin(t, (enum ledger_job)i, passed_xid);
			return;
		}
	}
	look_in(t, LOOK_MS);
}

struct timetable *timetable_new(struct event_base *base, struct ledger *l, struct outbox *o,
    int city)
{
	struct timetable *t = must_alloc(sizeof(*t));

	t->ledger = l;
	t->outbox = o;
	t->city = city;
	t->timer = evtimer_new(base, on_timer, t);
	if (!t->timer)
		abort();
	look_in(t, 0);
	return t;
}

void timetable_free(struct timetable *t)
{
	if (!t)
		return;
	event_del(t->timer);
	t->closing = true;
	if (!t->busy)
		end(t);
}
