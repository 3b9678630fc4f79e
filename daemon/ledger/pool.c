/*
 * The pool: which call goes where and when, and what becomes of one that did
 * not come through.
 *
 * It owns the connections, the queue and every call, and knows no statement.
 * The surprising thing: a call may be repeated freely, even when it may have
 * been done.  All are reads, or carry a key under which the second time finds
 * the first (rules/idempotency).
 */
#include "daemon/ledger/pool.h"

#include <stdlib.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/batch.h"
#include "daemon/ledger/hosts.h"
#include "daemon/ledger/pg_connection.h"
#include "daemon/ledger/sqlstate.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"

#define DEPTH            4 /* calls in one pipe: each waits behind those ahead of it */
#define LANES            3 /* of calls that may go together: the others gather meanwhile */
#define TOGETHER_LEAST   8 /* so few are not shared out: each batch has its own price */
#define TRIES_MAX        3 /* the first and two more */
#define REST_MIN_MS      5
#define REST_SPAN_MS     15
#define BACKOFF_FIRST_MS 50
#define BACKOFF_MAX_MS   2000

/* Defaults of a configuration that leaves them out. */
#define CONNECTIONS        8
#define QUEUE_LIMIT        256
#define CONNECT_TIMEOUT_MS 1000
#define CALL_TIMEOUT_MS    2000

struct pool {
	struct event_base *base;
	struct pg_connection_owner owner;
	struct hosts hosts;
	struct pg_connection **connections;
	size_t n, queue_limit;

	struct call_list queue; /* admitted, in no pipe */
	size_t n_queue;
	size_t lanes_used, n_in_lanes;
	struct call_list
	    alive; /* unanswered; all have the same time, so the oldest ends first */
	struct event *deadline;

	struct event *reconnect;
	size_t failures;       /* attempts in a row that came to nothing */
	int64_t down_since_ms; /* 0: something is up */
	bool is_closing;
};

/* --- where a call waits --- */

static void enqueue(struct pool *p, struct call *call, bool first)
{
	if (first)
		TAILQ_INSERT_HEAD(&p->queue, call, queue);
	else
		TAILQ_INSERT_TAIL(&p->queue, call, queue);
	call->is_waiting = true;
	p->n_queue++;
}

static void leave_queue(struct pool *p, struct call *call)
{
	if (!call->is_waiting)
		return;
	TAILQ_REMOVE(&p->queue, call, queue);
	call->is_waiting = false;
	p->n_queue--;
}

static struct pg_connection *least_loaded(const struct pool *p)
{
	struct pg_connection *best = NULL;

	for (size_t i = 0; i < p->n; i++) {
		struct pg_connection *c = p->connections[i];

		if (pg_connection_is_up(c) && pg_connection_load(c) < DEPTH &&
		    (!best || pg_connection_load(c) < pg_connection_load(best)))
			best = c;
	}
	return best;
}

/*
 * Every lane's share of those that are under way or wait.  A lane that took whoever waits
 * would leave the others to carry one call each, for ever: who is answered asks again, and
 * meets in the queue only those that were answered with it.
 */
static size_t fair_share(const struct pool *p)
{
	size_t n = (p->n_queue + p->n_in_lanes + LANES - 1) / LANES;

	if (n < TOGETHER_LEAST)
		return TOGETHER_LEAST;
	return n < BATCH_MAX ? n : BATCH_MAX;
}

/* Those that wait and may travel with this one, and it: one call. */
static struct call *gather(struct pool *p, struct call *first)
{
	size_t most = first->what->together ? fair_share(p) : 1;
	struct call_list together = TAILQ_HEAD_INITIALIZER(together);
	struct call *c = TAILQ_NEXT(first, queue), *next;
	size_t n = 1;

	leave_queue(p, first);
	TAILQ_INSERT_TAIL(&together, first, queue);
	for (; c && n < most; c = next) {
		next = TAILQ_NEXT(c, queue);
		if (!batch_may_join(first, c))
			continue;
		leave_queue(p, c);
		c->was_sent = true;
		TAILQ_INSERT_TAIL(&together, c, queue);
		n++;
	}
	first->was_sent = true;
	if (n > 1)
		return batch_new(&together);
	TAILQ_REMOVE(&together, first, queue);
	return first;
}

/*
 * Calls that may go together leave room for each other: few of them are under way, and
 * what comes meanwhile goes next, at once.  Nobody waits for a batch to fill.
 */
static bool must_gather(const struct pool *p, const struct call *call)
{
	return call->what->together && p->lanes_used >= LANES;
}

static void enter_lane(struct pool *p, struct call *sent)
{
	sent->in_lane = call_is_batch(sent) ? sent->n_members : 1;
	p->n_in_lanes += sent->in_lane;
	p->lanes_used++;
}

static void leave_lane(struct pool *p, size_t in_lane)
{
	p->n_in_lanes -= in_lane;
	p->lanes_used -= in_lane > 0;
}

static void dispatch(struct pool *p)
{
	struct pg_connection *c;
	struct call *call = TAILQ_FIRST(&p->queue), *sent;

	while (call) {
		if (must_gather(p, call)) {
			call = TAILQ_NEXT(call, queue);
			continue;
		}
		if (!(c = least_loaded(p)))
			return;
		sent = gather(p, call);
		if (call->what->together)
			enter_lane(p, sent);
		pg_connection_send(c, sent);
		call = TAILQ_FIRST(&p->queue);
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
	leave_queue(p, call);
	answer(p, call, st);
	/* Else what the server still says about it must find it there. */
	if (!call->on && !call->batch)
		call_free(call);
}

static enum status fate_when_late(const struct pool *p, const struct call *call)
{
	if (call->on || call->batch)
		return E_TIMEOUT;
	if (call->was_sent)
		return E_UNKNOWN;
	return p->down_since_ms ? E_UNAVAILABLE : E_BUSY;
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
		settle(p, oldest, fate_when_late(p, oldest));
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
	enqueue(p, call, true);
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
	if (!call->done) { /* too late, or a ping */
		call_free(call);
		return;
	}
	if (verdict == VERDICT_AGAIN || verdict == VERDICT_STALE)
		call->was_sent = call->was_lost; /* this try was undone, or never begun */
	switch (verdict) {
	case VERDICT_FINE:
		/* Committed, but a standby may lack it: to ask again is the way to know. */
		settle(p, call, call->is_doubtful ? E_UNKNOWN : call->rows ? OK : E_INTERNAL);
		break;
	case VERDICT_AGAIN:
		if (++call->tries < TRIES_MAX)
			rest(p, call);
		else
			settle(p, call, E_UNAVAILABLE);
		break;
	case VERDICT_STALE:
		/* Its connection goes: after as many as there are comes a fresh one. */
		if ((size_t)++call->stale_tries <= p->n)
			repeat(p, call);
		else
			settle(p, call, E_UNAVAILABLE);
		break;
	case VERDICT_AWAY:
		repeat(p, call);
		break;
	case VERDICT_LATE:
		settle(p, call, E_TIMEOUT);
		break;
	case VERDICT_FULL:
		settle(p, call, E_UNAVAILABLE);
		break;
	case VERDICT_DEFECT:
		settle(p, call, E_INTERNAL);
		break;
	}
}

/*
 * One transaction, so one fate; but whose fault it was does not show: an error makes each
 * of them go again, alone.  So does an answer that has nothing for it: what was done is found
 * under its key.
 */
static void conclude_batch(struct pool *p, struct call *batch, enum verdict verdict)
{
	bool is_dealt = verdict == VERDICT_FINE && batch->rows && batch_deal(batch);
	struct call *call;

	if (verdict == VERDICT_FINE && !is_dealt)
		log_event(LOG_LEVEL_ERROR, "ledger.bad-reply", "call", batch->what->name, NULL);
	while ((call = batch_take(batch))) {
		if (!is_dealt)
			call_again(call);
		call->is_doubtful = batch->is_doubtful;
		call->is_alone = call->is_alone || !call->rows;
		if (verdict == VERDICT_DEFECT ||
		    (verdict == VERDICT_FINE && !call->rows && !call->is_doubtful))
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

	call->in_lane = 0;
	if (!pg_connection_has_worked(c))
		p->failures = 0;
	if (verdict == VERDICT_AWAY || verdict == VERDICT_STALE)
		pg_connection_fail(c, "the server no longer serves us");
	if (call_is_batch(call))
		conclude_batch(p, call, verdict);
	else
		conclude(p, call, verdict);
	/* Only now: who asks again upon an answer gathers with the others. */
	leave_lane(p, in_lane);
	dispatch(p);
}

/* --- connections come and go --- */

static void note_state(struct pool *p)
{
	bool is_up = pool_is_up(p);

	metric_set(M_LEDGER_UP, is_up);
	if (is_up)
		p->down_since_ms = 0;
	else if (!p->down_since_ms)
		p->down_since_ms = clock_ms();
}

static bool somebody_is_trying(const struct pool *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!pg_connection_is_down(p->connections[i]) &&
		    !pg_connection_is_up(p->connections[i]))
			return true;
	return false;
}

static void connect_some(struct pool *p)
{
	if (p->is_closing || evtimer_pending(p->reconnect, NULL))
		return;
	for (size_t i = 0; i < p->n; i++) {
		struct pg_connection *c = p->connections[i];

		if (!pg_connection_is_down(c))
			continue;
		/* While none is up, one tries for all: no storm on a server that is starting.
		 */
		if (p->down_since_ms && somebody_is_trying(p))
			return;
		metric_add(M_LEDGER_RECONNECTS, 1);
		pg_connection_start(c, &p->hosts.list[p->hosts.current]);
	}
}

static void on_reconnect(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	connect_some(arg);
}

static void on_up(void *arg, struct pg_connection *c)
{
	struct pool *p = arg;

	log_event(LOG_LEVEL_INFO, "ledger.connected", "host", pg_connection_host(c)->label,
	    NULL);
	note_state(p);
	connect_some(p);
	dispatch(p);
}

/* An attempt came to nothing: the next host, and after a round of all of them a pause. */
static void back_off(struct pool *p, const struct pg_connection *c)
{
	int64_t most = BACKOFF_FIRST_MS;
	struct timeval pause;

	hosts_pass_over(&p->hosts, pg_connection_host(c));
	if (++p->failures < p->hosts.n)
		return;
	for (size_t i = p->hosts.n; i < p->failures && most < BACKOFF_MAX_MS; i++)
		most *= 2;
	pause = clock_span(clock_jitter(most < BACKOFF_MAX_MS ? most : BACKOFF_MAX_MS));
	if (!evtimer_pending(p->reconnect, NULL))
		event_add(p->reconnect, &pause);
}

/* One connection died: are the others alive?  A Sync each; silence ends them. */
static void ask_the_idle(struct pool *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (pg_connection_is_up(p->connections[i]) &&
		    !pg_connection_load(p->connections[i]))
			pg_connection_send(p->connections[i], call_new_ping());
}

static void on_lost(void *arg, struct pg_connection *c, const char *why)
{
	struct pool *p = arg;
	struct call_list back = TAILQ_HEAD_INITIALIZER(back);
	struct call *call, *member;

	log_event(LOG_LEVEL_WARN, "ledger.lost", "host", pg_connection_host(c)->label, "why",
	    why, NULL);
	while ((call = pg_connection_take_back(c))) {
		leave_lane(p, call->in_lane);
		call->in_lane = 0;
		if (!call_is_batch(call)) {
			TAILQ_INSERT_HEAD(&back, call, queue);
			continue;
		}
		while ((member = batch_take(call)))
			TAILQ_INSERT_HEAD(&back, member, queue);
		call_free(call);
	}
	while (
	    (call = TAILQ_FIRST(&back))) { /* youngest first, so the oldest ends up in front */
		TAILQ_REMOVE(&back, call, queue);
		call->was_lost = true;
		repeat(p, call);
	}
	note_state(p);
	if (pg_connection_has_worked(c))
		ask_the_idle(p);
	else
		back_off(p, c);
	connect_some(p);
	dispatch(p);
}

/* --- the pool itself --- */

static int or_default(int value, int otherwise)
{
	return value > 0 ? value : otherwise;
}

struct pool *pool_new(struct event_base *base, const struct ledger_config *config)
{
	struct pool *p = must_alloc(sizeof(*p));

	p->base = base;
	p->owner = (struct pg_connection_owner){ .up = on_up,
		.finished = on_finished,
		.lost = on_lost,
		.arg = p,
		.connect_timeout_ms =
		    or_default(config->connect_timeout_ms, CONNECT_TIMEOUT_MS),
		.call_timeout_ms = or_default(config->call_timeout_ms, CALL_TIMEOUT_MS) };
	p->queue_limit = (size_t)or_default(config->queue_limit, QUEUE_LIMIT);
	p->n = (size_t)or_default(config->connections, CONNECTIONS);
	TAILQ_INIT(&p->queue);
	TAILQ_INIT(&p->alive);
	hosts_init(&p->hosts, config->hosts);
	p->deadline = evtimer_new(base, on_deadline, p);
	p->reconnect = evtimer_new(base, on_reconnect, p);
	if (!p->deadline || !p->reconnect)
		abort();
	p->connections = must_alloc(p->n * sizeof(struct pg_connection *));
	for (size_t i = 0; i < p->n; i++)
		p->connections[i] = pg_connection_new(base, &p->owner);
	note_state(p);
	connect_some(p);
	return p;
}

void pool_free(struct pool *p)
{
	struct call *call, *member;

	if (!p)
		return;
	p->is_closing = true;
	while ((call = TAILQ_FIRST(&p->alive)))
		settle(p, call, call->was_sent ? E_UNKNOWN : E_UNAVAILABLE);
	for (size_t i = 0; i < p->n; i++) {
		pg_connection_close(p->connections[i]);
		while ((call = pg_connection_take_back(p->connections[i]))) {
			while ((member = batch_take(call)))
				call_free(member);
			call_free(call);
		}
		pg_connection_drop(p->connections[i]);
	}
	free(p->connections);
	event_free(p->deadline);
	event_free(p->reconnect);
	hosts_release(&p->hosts);
	free(p);
}

bool pool_is_up(const struct pool *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (pg_connection_is_up(p->connections[i]))
			return true;
	return false;
}

const struct host *pool_host(const struct pool *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (pg_connection_is_up(p->connections[i]))
			return pg_connection_host(p->connections[i]);
	}
	return &p->hosts.list[p->hosts.current];
}

int pool_timeline(const struct pool *p)
{
	return p->owner.timeline;
}

size_t pool_waiting(const struct pool *p)
{
	return p->n_queue;
}

/* Down for longer than a call may last: waiting would only make the refusal late. */
static bool is_hopeless(const struct pool *p)
{
	return p->is_closing ||
	       (p->down_since_ms && clock_ms() - p->down_since_ms > p->owner.call_timeout_ms);
}

void pool_call(struct pool *p, int number, const struct ledger_arg *params, size_t n,
    bool is_urgent, call_done *done, void *arg)
{
	struct call *call;

	metric_add(M_LEDGER_CALLS, 1);
	if (is_hopeless(p)) {
		done(arg, E_UNAVAILABLE, NULL);
		return;
	}
	if (!is_urgent && p->n_queue >= p->queue_limit && !least_loaded(p)) {
		metric_add(M_LEDGER_BUSY, 1);
		done(arg, p->down_since_ms ? E_UNAVAILABLE : E_BUSY, NULL);
		return;
	}
	call = call_new(number, params, n, done, arg);
	call->pool = p;
	call->deadline_ms = clock_ms() + p->owner.call_timeout_ms;
	TAILQ_INSERT_TAIL(&p->alive, call, age);
	arm_deadline(p);
	enqueue(p, call, is_urgent);
	/* Else nothing has changed for anybody, and hundreds may be waiting. */
	if (!must_gather(p, call))
		dispatch(p);
}
