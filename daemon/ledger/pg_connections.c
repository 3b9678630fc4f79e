/*
 * The connections as a set: how many are up, and who tries which host when.
 *
 * It knows no queue, and of a call only that one can be a ping.
 */
#include "daemon/ledger/pg_connections.h"

#include <stdlib.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/hosts.h"
#include "daemon/ledger/pg_connection.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"

#define BACKOFF_FIRST_MS 50
#define BACKOFF_SOON_MS  250   /* the most while it is back any moment, after a crash */
#define SOON_MS          30000 /* for so long */
#define BACKOFF_MAX_MS   2000

struct pg_connections {
	struct pg_connections_owner owner;
	struct pg_connection_owner each; /* what a connection tells us */
	struct hosts hosts;
	struct pg_connection **list;
	size_t n, n_for_reports; /* these are the last of the list */
	struct event *reconnect;
	size_t failures;       /* attempts in a row that came to nothing */
	int64_t down_since_ms; /* 0: something is up */
	bool is_closing;
};

bool pg_connections_are_up(const struct pg_connections *cs)
{
	for (size_t i = 0; i < cs->n; i++)
		if (pg_connection_is_up(cs->list[i]))
			return true;
	return false;
}

static void note_state(struct pg_connections *cs)
{
	bool is_up = pg_connections_are_up(cs);

	if (cs->owner.is_shown)
		metric_set(M_LEDGER_UP, is_up);
	if (is_up)
		cs->down_since_ms = 0;
	else if (!cs->down_since_ms)
		cs->down_since_ms = clock_ms();
}

static bool somebody_is_trying(const struct pg_connections *cs)
{
	for (size_t i = 0; i < cs->n; i++)
		if (!pg_connection_is_down(cs->list[i]) && !pg_connection_is_up(cs->list[i]))
			return true;
	return false;
}

static void connect_some(struct pg_connections *cs)
{
	if (cs->is_closing || evtimer_pending(cs->reconnect, NULL))
		return;
	for (size_t i = 0; i < cs->n; i++) {
		struct pg_connection *c = cs->list[i];

		if (!pg_connection_is_down(c))
			continue;
		/* While none is up, one tries for all: no storm on a server that is starting.
		 */
		if (cs->down_since_ms && somebody_is_trying(cs))
			return;
		metric_add(M_LEDGER_RECONNECTS, 1);
		pg_connection_start(c, &cs->hosts.list[cs->hosts.current]);
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
	struct pg_connections *cs = arg;

	log_event(LOG_LEVEL_INFO, "ledger.connected", "host", pg_connection_host(c)->label,
	    NULL);
	note_state(cs);
	connect_some(cs);
	cs->owner.changed(cs->owner.arg);
}

/* An attempt came to nothing: the next host, and after a round of all of them a pause. */
static void back_off(struct pg_connections *cs, const struct pg_connection *c)
{
	int64_t most = BACKOFF_FIRST_MS, limit = BACKOFF_MAX_MS;
	struct timeval pause;

	hosts_pass_over(&cs->hosts, pg_connection_host(c));
	if (++cs->failures < cs->hosts.n)
		return;
	if (cs->down_since_ms && clock_ms() - cs->down_since_ms < SOON_MS)
		limit = BACKOFF_SOON_MS;
	for (size_t i = cs->hosts.n; i < cs->failures && most < limit; i++)
		most *= 2;
	pause = clock_span(clock_jitter(most < limit ? most : limit));
	if (!evtimer_pending(cs->reconnect, NULL))
		event_add(cs->reconnect, &pause);
}

/* One connection died: are the others alive?  A Sync each; silence ends them. */
static void ask_the_idle(struct pg_connections *cs)
{
	for (size_t i = 0; i < cs->n; i++)
		if (pg_connection_is_up(cs->list[i]) && !pg_connection_load(cs->list[i]))
			pg_connection_send(cs->list[i], call_new_ping());
}

static void on_lost(void *arg, struct pg_connection *c, const char *why)
{
	struct pg_connections *cs = arg;

	log_event(LOG_LEVEL_WARN, "ledger.lost", "host", pg_connection_host(c)->label, "why",
	    why, NULL);
	cs->owner.lost(cs->owner.arg, c);
	note_state(cs);
	if (pg_connection_has_worked(c))
		ask_the_idle(cs);
	else
		back_off(cs, c);
	connect_some(cs);
	cs->owner.changed(cs->owner.arg);
}

static void on_finished(void *arg, struct pg_connection *c, struct call *call)
{
	struct pg_connections *cs = arg;

	if (!pg_connection_has_worked(c))
		cs->failures = 0;
	cs->owner.finished(cs->owner.arg, c, call);
}

struct pg_connections *pg_connections_new(struct event_base *base, size_t n,
    size_t n_for_reports, const struct pg_connections_owner *owner)
{
	struct pg_connections *cs = must_alloc(sizeof(*cs));

	cs->owner = *owner;
	cs->each = (struct pg_connection_owner){ .up = on_up,
		.finished = on_finished,
		.lost = on_lost,
		.arg = cs,
		.connect_timeout_ms = owner->connect_timeout_ms,
		.call_timeout_ms = owner->call_timeout_ms };
	cs->n = n;
	cs->n_for_reports = n_for_reports;
	hosts_init(&cs->hosts, owner->hosts, owner->as);
	cs->reconnect = evtimer_new(base, on_reconnect, cs);
	if (!cs->reconnect)
		abort();
	cs->list = must_alloc(n * sizeof(struct pg_connection *));
	for (size_t i = 0; i < n; i++)
		cs->list[i] = pg_connection_new(base, &cs->each);
	note_state(cs);
	connect_some(cs);
	return cs;
}

void pg_connections_stop(struct pg_connections *cs)
{
	cs->is_closing = true;
}

void pg_connections_free(struct pg_connections *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		pg_connection_close(cs->list[i]);
		cs->owner.lost(cs->owner.arg, cs->list[i]);
		pg_connection_drop(cs->list[i]);
	}
	free(cs->list);
	event_free(cs->reconnect);
	hosts_release(&cs->hosts);
	free(cs);
}

size_t pg_connections_number(const struct pg_connections *cs)
{
	return cs->n;
}

int64_t pg_connections_down_since_ms(const struct pg_connections *cs)
{
	return cs->down_since_ms;
}

struct pg_connection *pg_connections_least_loaded(const struct pg_connections *cs,
    bool for_reports, size_t most)
{
	size_t others = cs->n > 1 ? cs->n - cs->n_for_reports : 1;
	size_t first = for_reports && cs->n > 1 ? others : 0;
	size_t end = for_reports ? cs->n : others;
	struct pg_connection *best = NULL;

	for (size_t i = first; i < end; i++) {
		struct pg_connection *c = cs->list[i];

		if (pg_connection_is_up(c) && pg_connection_load(c) < most &&
		    !pg_connection_is_slow(c) &&
		    (!best || pg_connection_load(c) < pg_connection_load(best)))
			best = c;
	}
	return best;
}

const struct host *pg_connections_host(const struct pg_connections *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (pg_connection_is_up(cs->list[i]))
			return pg_connection_host(cs->list[i]);
	}
	return &cs->hosts.list[cs->hosts.current];
}

int pg_connections_timeline(const struct pg_connections *cs)
{
	return cs->each.timeline;
}
