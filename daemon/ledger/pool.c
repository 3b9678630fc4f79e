/*
 * The pool: how long a call may take, and who waits for whom.
 *
 * It owns every call, and knows no statement; whether a call that did not come through is made
 * again call_fate.c decides.
 */
#include "daemon/ledger/pool.h"

#include <stdlib.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/call_batch.h"
#include "daemon/ledger/call_fate.h"
#include "daemon/ledger/lanes.h"
#include "daemon/ledger/pg_connection.h"
#include "daemon/ledger/pg_connections.h"
#include "daemon/ledger/pool_size.h"
#include "daemon/ledger/sqlstate.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"

#define DEPTH        4 /* calls in one pipe: each waits behind those ahead of it */
#define REST_MIN_MS  5
#define REST_SPAN_MS 15

struct pool {
	struct event_base *base;
	struct pg_connections *connections;
	struct lanes lanes;
	size_t queue_limit;
	int call_timeout_ms;
	struct call_list
	    alive; /* unanswered; all have the same time, so the oldest ends first */
	struct event *deadline;
	bool is_closing;
};

static bool is_report(const struct call *call)
{
	return call->what->work == WORK_REPORT;
}

/* Nothing is sent behind a report, which may take long. */
static struct pg_connection *connection_for(const struct pool *p, bool report)
{
	return pg_connections_least_loaded(p->connections, report, report ? 1 : DEPTH);
}

static void dispatch(struct pool *p)
{
	struct call *call;

	for (;;) {
		struct pg_connection *for_reports = connection_for(p, true);
		struct pg_connection *for_others = connection_for(p, false);

		call = lanes_next(&p->lanes, (struct room){ for_reports, for_others });
		if (!call)
			return;
		pg_connection_send(is_report(call) ? for_reports : for_others,
		    lanes_take(&p->lanes, call));
	}
}

/* --- how a call ends --- */

static void answer(struct pool *p, struct call *call, enum status st)
{
	if (!call->done)
		return;
	TAILQ_REMOVE(&p->alive, call, age);
	call_complete(call, st);
}

static void settle(struct pool *p, struct call *call, enum status st)
{
	lanes_remove(&p->lanes, call);
	answer(p, call, st);
	/* Else what the server still says about it must find it there. */
	if (!call->on && !call->batch)
		call_free(call);
}

static void arm_deadline(struct pool *p)
{
	struct call *oldest = TAILQ_FIRST(&p->alive);
	struct timeval span;

	if (!oldest || evtimer_pending(p->deadline, NULL))
		return;
	span = clock_span(oldest->deadline_ms - clock_ms());
	event_add(p->deadline, &span);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct pool *p = arg;
	struct call *oldest;

	(void)fd;
	(void)what;
	while ((oldest = TAILQ_FIRST(&p->alive)) && oldest->deadline_ms <= clock_ms())
		settle(p, oldest,
		    call_status_when_late(oldest,
			pg_connections_down_since_ms(p->connections) != 0));
	arm_deadline(p);
}

/* --- trying again --- */

static void repeat(struct pool *p, struct call *call)
{
	if (!call->done) { /* answered meanwhile */
		call_free(call);
		return;
	}
	call_again(call);
	lanes_add(&p->lanes, call, true);
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
	struct call *call = arg;
	struct pool *p = call->pool;

	(void)fd;
	(void)what;
	repeat(p, call);
	dispatch(p);
}

/* Another transaction was in the way: let it pass, and not all at the same moment. */
static void rest(struct pool *p, struct call *call)
{
	struct timeval span = clock_span(REST_MIN_MS + clock_jitter(REST_SPAN_MS));

	if (!call->rest)
		call->rest = evtimer_new(p->base, on_rested, call);
	if (!call->rest)
		abort();
	event_add(call->rest, &span);
}

/* What becomes of a call that is back, of itself or out of a batch. */
static void conclude(struct pool *p, struct call *call, enum verdict verdict)
{
	struct call_fate fate;

	if (!call->done) { /* too late, or a ping */
		call_free(call);
		return;
	}
	fate = call_fate(call, verdict, pg_connections_number(p->connections));
	switch (fate.next) {
	case CALL_ENDS:
		settle(p, call, fate.status);
		break;
	case CALL_RESTS:
		rest(p, call);
		break;
	case CALL_REPEATS:
		repeat(p, call);
		break;
	}
}

/*
 * One transaction, so one fate; but whose fault it was does not show: an error makes each
 * of several go again, alone.  So does an answer that has nothing for it: what was done is
 * found under its key.
 */
static void conclude_batch(struct pool *p, struct call *batch, enum verdict verdict)
{
	bool is_dealt = verdict == VERDICT_FINE && batch->rows && batch_deal(batch);
	bool is_one = batch->n_members == 1;
	struct call *call;

	if (verdict == VERDICT_FINE && !is_dealt)
		log_event(LOG_LEVEL_ERROR, "ledger.bad-reply", "call", batch->what->name, NULL);
	while ((call = batch_take(batch))) {
		if (!is_dealt)
			call_again(call);
		call->is_doubtful = batch->is_doubtful;
		call->is_alone = call->is_alone || !call->rows;
		if (!is_one &&
		    (verdict == VERDICT_DEFECT ||
			(verdict == VERDICT_FINE && !call->rows && !call->is_doubtful)))
			repeat(p, call);
		else
			conclude(p, call, verdict);
	}
	call_free(batch);
}

static void on_finished(void *arg, struct pg_connection *c, struct call *call)
{
	struct pool *p = arg;
	enum verdict verdict = sqlstate_verdict(call->sqlstate);
	size_t in_lane = call->in_lane;
	int number = call->number;
	uint64_t organisation = call->organisation;

	if (call->what)
		call_note_held(call);

	if (verdict == VERDICT_AWAY || verdict == VERDICT_STALE)
		pg_connection_fail(c, "the server no longer serves us");
	if (call_is_batch(call))
		conclude_batch(p, call, verdict);
	else
		conclude(p, call, verdict);
	/* Only now: who asks again upon an answer gathers with the others. */
	lanes_leave(&p->lanes, number, in_lane, organisation);
	dispatch(p);
}

/* Takes back what a dead connection had in its pipe, oldest last. */
static void take_back(struct pool *p, struct pg_connection *c, struct call_list *back)
{
	struct call *call, *member;

	while ((call = pg_connection_take_back(c))) {
		lanes_leave(&p->lanes, call->number, call->in_lane, call->organisation);
		if (!call_is_batch(call)) {
			TAILQ_INSERT_HEAD(back, call, queue);
			continue;
		}
		while ((member = batch_take(call)))
			TAILQ_INSERT_HEAD(back, member, queue);
		call_free(call);
	}
}

static void on_lost(void *arg, struct pg_connection *c)
{
	struct pool *p = arg;
	struct call_list back = TAILQ_HEAD_INITIALIZER(back);
	struct call *call;

	take_back(p, c, &back);
	while (
	    (call = TAILQ_FIRST(&back))) { /* youngest first, so the oldest ends up in front */
		TAILQ_REMOVE(&back, call, queue);
		call_lost(call);
		repeat(p, call);
	}
}

static void on_changed(void *arg)
{
	dispatch(arg);
}

/* --- the pool itself --- */

struct pool *pool_new(struct event_base *base, const struct ledger_config *config,
    enum ledger_role role)
{
	const struct pool_size size = pool_size_of(config, role);
	struct pool *p = must_alloc(sizeof(*p));
	struct pg_connections_owner owner = { .finished = on_finished,
		.lost = on_lost,
		.changed = on_changed,
		.arg = p,
		.hosts = config->hosts,
		.as = config->as[role],
		.is_shown = role == LEDGER_REQUEST,
		.connect_timeout_ms = size.connect_timeout_ms,
		.call_timeout_ms = size.call_timeout_ms };

	p->base = base;
	p->queue_limit = size.queue;
	p->call_timeout_ms = size.call_timeout_ms;
	lanes_init(&p->lanes, size.reports, size.of_an_owner);
	TAILQ_INIT(&p->alive);
	p->deadline = evtimer_new(base, on_deadline, p);
	if (!p->deadline)
		abort();
	p->connections = pg_connections_new(base, size.connections, size.reports, &owner);
	return p;
}

void pool_free(struct pool *p)
{
	struct call *call;

	if (!p)
		return;
	p->is_closing = true;
	pg_connections_stop(p->connections);
	while ((call = TAILQ_FIRST(&p->alive)))
		settle(p, call, call->was_sent ? E_UNKNOWN : E_UNAVAILABLE);
	pg_connections_free(
	    p->connections); /* what comes back is answered: repeat() frees it */
	event_free(p->deadline);
	free(p);
}

bool pool_is_up(const struct pool *p)
{
	return pg_connections_are_up(p->connections);
}

const struct host *pool_host(const struct pool *p)
{
	return pg_connections_host(p->connections);
}

int pool_timeline(const struct pool *p)
{
	return pg_connections_timeline(p->connections);
}

size_t pool_waiting(const struct pool *p)
{
	return p->lanes.n_waiting;
}

static bool is_full(const struct pool *p, const struct call *call)
{
	if (lanes_have_no_place(&p->lanes, call, p->queue_limit))
		return true;
	return p->lanes.n_waiting >= p->queue_limit && !connection_for(p, is_report(call));
}

/* Down for longer than a call may last: waiting would only make the refusal late. */
static bool is_hopeless(const struct pool *p)
{
	int64_t since = pg_connections_down_since_ms(p->connections);

	return p->is_closing || (since && clock_ms() - since > p->call_timeout_ms);
}

static void admit(struct pool *p, struct call *call, bool is_urgent)
{
	call->pool = p;
	if (!is_urgent && is_full(p, call)) {
		metric_add(M_LEDGER_BUSY, 1);
		call_complete(call,
		    pg_connections_down_since_ms(p->connections) ? E_UNAVAILABLE : E_BUSY);
		call_free(call);
		return;
	}
	call->deadline_ms = clock_ms() + p->call_timeout_ms;
	TAILQ_INSERT_TAIL(&p->alive, call, age);
	arm_deadline(p);
	lanes_add(&p->lanes, call, is_urgent);
	/* Else nothing has changed for anybody, and hundreds may be waiting. */
	if (!lanes_are_full(&p->lanes, call))
		dispatch(p);
}

void pool_call(struct pool *p, int number, const struct ledger_arg *params, size_t n,
    uint64_t organisation, call_done *done, void *arg)
{
	metric_add(M_LEDGER_CALLS, 1);
	if (is_hopeless(p))
		done(arg, E_UNAVAILABLE, NULL);
	else
		admit(p, call_new(number, params, n, organisation, done, arg), false);
}

void pool_call_urgent(struct pool *p, int number, const struct ledger_arg *params, size_t n,
    call_done *done, void *arg)
{
	metric_add(M_LEDGER_CALLS, 1);
	if (is_hopeless(p))
		done(arg, E_UNAVAILABLE, NULL);
	else
		admit(p, call_new(number, params, n, 0, done, arg), true);
}
