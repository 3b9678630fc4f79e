/*
 * One connection: connecting, asking, sending, closing; what comes is pg_receive.c's.
 *
 * It knows libpq's asynchronous rules and no call's meaning.  It never closes
 * itself while a callback of its owner may be above it on the stack.  It is
 * marked as failed, and the loop closes it.
 */
#include "daemon/ledger/pg_connection.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/hosts.h"
#include "daemon/ledger/pg_connection_parts.h"
#include "daemon/ledger/server_check.h"
#include "daemon/log/log.h"

#define SLOW_US 250000

static void on_connecting(evutil_socket_t fd, short what, void *arg);
static void on_writable(evutil_socket_t fd, short what, void *arg);

static void lose(struct pg_connection *c, const char *why)
{
	if (why != c->why)
		snprintf(c->why, sizeof(c->why), "%s", why);
	c->why[strcspn(c->why, "\n")] = '\0';
	/* Part of it may be what a stranger at the other end sent. */
	for (char *at = c->why; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	pg_connection_close(c);
	c->owner->lost(c->owner->arg, c, c->why);
}

static void on_failure(evutil_socket_t fd, short what, void *arg)
{
	struct pg_connection *c = arg;

	(void)fd;
	(void)what;
	if (c->failure)
		lose(c, c->failure);
}

/* Longer than the server's limit on a statement, shorter than a call's time: when nothing
 * has come by then the server is not there, and there is time to ask another. */
static int64_t answer_limit_ms(const struct pg_connection *c)
{
	return (int64_t)c->owner->call_timeout_ms * 7 / 8;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct pg_connection *c = arg;
	int64_t limit = answer_limit_ms(c);
	int64_t age = (clock_us() - c->head_since_us) / 1000;
	struct timeval rest;

	(void)fd;
	(void)what;
	if (c->state == CONNECTING || c->state == CHECKING) {
		lose(c, "connecting took too long");
	} else if (c->state == UP && c->load && age >= limit) {
		lose(c, "the oldest call is too old");
	} else if (c->state == UP && c->load) {
		rest = clock_span(limit - age);
		event_add(c->timer, &rest);
	}
}

/* WARNINGs are dropped but one: the text may carry values, its source does not. */
static void on_notice(void *arg, const PGresult *r)
{
	struct pg_connection *c = arg;
	struct call *head = TAILQ_FIRST(&c->pipe);
	const char *source = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);

	if (!head || !source || strcmp(source, "SyncRepWaitForLSN") != 0)
		return;
	head->is_doubtful = true;
	log_event(LOG_LEVEL_ERROR, "ledger.not-replicated", "host", c->host->label, NULL);
}

struct pg_connection *pg_connection_new(struct event_base *base,
    struct pg_connection_owner *owner)
{
	struct pg_connection *c = must_alloc(sizeof(*c));

	c->base = base;
	c->owner = owner;
	TAILQ_INIT(&c->pipe);
	c->timer = evtimer_new(base, on_timer, c);
	c->fail_event = evtimer_new(base, on_failure, c);
	if (!c->timer || !c->fail_event)
		abort();
	return c;
}

void pg_connection_drop(struct pg_connection *c)
{
	assert(TAILQ_EMPTY(&c->pipe));
	pg_connection_close(c);
	event_free(c->timer);
	event_free(c->fail_event);
	free(c);
}

void pg_connection_close(struct pg_connection *c)
{
	/* Events first: libpq closes the socket that they watch. */
	if (c->socket)
		event_free(c->socket);
	if (c->writable)
		event_free(c->writable);
	c->socket = c->writable = NULL;
	event_del(c->timer);
	event_del(c->fail_event);
	PQfinish(c->pg);
	c->pg = NULL;
	c->failure = NULL;
	if (c->state == CHECKING) {
		struct call *check = pg_connection_take_back(c);

		if (check)
			call_free(check);
	}
	c->state = DOWN;
}

void pg_connection_fail(struct pg_connection *c, const char *why)
{
	if (c->failure || c->state == DOWN)
		return;
	c->failure = why;
	event_active(c->fail_event, EV_TIMEOUT, 0);
}

bool pg_connection_is_down(const struct pg_connection *c)
{
	return c->state == DOWN;
}

bool pg_connection_is_up(const struct pg_connection *c)
{
	return c->state == UP && !c->failure;
}

bool pg_connection_has_worked(const struct pg_connection *c)
{
	return c->has_worked;
}

const struct host *pg_connection_host(const struct pg_connection *c)
{
	return c->host;
}

size_t pg_connection_load(const struct pg_connection *c)
{
	return c->load;
}

bool pg_connection_is_slow(const struct pg_connection *c)
{
	return c->load && clock_us() - c->head_since_us >= SLOW_US;
}

struct call *pg_connection_take_back(struct pg_connection *c)
{
	struct call *call = TAILQ_FIRST(&c->pipe);

	if (!call)
		return NULL;
	TAILQ_REMOVE(&c->pipe, call, queue);
	c->load--;
	call->on = NULL;
	return call;
}

static void watch(struct pg_connection *c, short what, event_callback_fn fn)
{
	/* Anew each time: libpq may have gone on to another socket. */
	if (c->socket)
		event_free(c->socket);
	c->socket = event_new(c->base, PQsocket(c->pg), what, fn, c);
	if (!c->socket)
		abort();
	event_add(c->socket, NULL);
}

void pg_connection_start(struct pg_connection *c, const struct host *host)
{
	struct timeval limit = clock_span(c->owner->connect_timeout_ms);
	/* What stands before dbname can be overruled by the conninfo, what follows cannot. */
	const char *const words[] = { "tcp_user_timeout", "keepalives_idle",
		"keepalives_interval", "keepalives_count", "dbname", "application_name",
		"client_encoding", NULL };
	char unheard_ms[16];
	const char *const values[] = { unheard_ms, "10", "5", "3", host->conninfo, "vacancyd",
		"UTF8", NULL };

	/* What no machine has taken by then is asked of another while there is time. */
	snprintf(unheard_ms, sizeof(unheard_ms), "%d", c->owner->call_timeout_ms * 3 / 8);
	assert(c->state == DOWN && TAILQ_EMPTY(&c->pipe));
	c->host = host;
	c->state = CONNECTING;
	c->has_worked = false;
	memset(c->prepared, 0, sizeof(c->prepared));
	c->pg = PQconnectStartParams(words, values, 1);
	if (!c->pg)
		abort();
	if (PQstatus(c->pg) == CONNECTION_BAD) {
		pg_connection_fail(c, "cannot begin to connect");
		return;
	}
	event_add(c->timer, &limit);
	watch(c, EV_WRITE, on_connecting);
}

static void begin_wait(struct pg_connection *c, struct call *call)
{
	struct timeval limit = clock_span(answer_limit_ms(c));

	TAILQ_INSERT_TAIL(&c->pipe, call, queue);
	call->on = c;
	if (c->load++)
		return;
	c->head_since_us = clock_us();
	if (!evtimer_pending(c->timer, NULL))
		event_add(c->timer, &limit);
}

void pg_connection_send(struct pg_connection *c, struct call *call)
{
	const struct statement *s = call->what;
	bool sent = true;

	assert(pg_connection_is_up(c));
	begin_wait(c, call);
	if (s && !c->prepared[call->number]) {
		sent = PQsendPrepare(c->pg, s->name, s->sql, 0, NULL);
		call->is_preparing = true;
		c->prepared[call->number] = true;
	}
	if (sent && s)
		sent = PQsendQueryPrepared(c->pg, s->name, call->n, call->values, call->lengths,
		    call->formats, 1);
	/* One Sync a call: what follows can neither undo it nor be undone with it. */
	if (!sent || !PQpipelineSync(c->pg))
		pg_connection_fail(c, "sending failed");
	else
		pg_flush(c);
}

/* Connected: ask whether we may write, and make the session's settings. */
static void begin_check(struct pg_connection *c)
{
	char statement_ms[16], lock_ms[16];
	const char *values[] = { statement_ms, lock_ms };

	/* The server gives up before we do: 1500 and 500 of 2000 ms. */
	snprintf(statement_ms, sizeof(statement_ms), "%d", c->owner->call_timeout_ms * 3 / 4);
	snprintf(lock_ms, sizeof(lock_ms), "%d", c->owner->call_timeout_ms / 4);
	c->state = CHECKING;
	PQsetNoticeReceiver(c->pg, on_notice, c);
	c->writable = event_new(c->base, PQsocket(c->pg), EV_WRITE, on_writable, c);
	if (!c->writable)
		abort();
	watch(c, EV_READ | EV_PERSIST, pg_receive);
	begin_wait(c, call_new_ping());
	if (PQsetnonblocking(c->pg, 1) != 0 || !PQenterPipelineMode(c->pg) ||
	    !PQsendQueryParams(c->pg, server_check_sql, 2, NULL, values, NULL, NULL, 0) ||
	    !PQpipelineSync(c->pg))
		pg_connection_fail(c, "sending failed");
	else
		pg_flush(c);
}

static void on_connecting(evutil_socket_t fd, short what, void *arg)
{
	struct pg_connection *c = arg;

	(void)fd;
	(void)what;
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_READING:
		watch(c, EV_READ, on_connecting);
		break;
	case PGRES_POLLING_WRITING:
	case PGRES_POLLING_ACTIVE:
		watch(c, EV_WRITE, on_connecting);
		break;
	case PGRES_POLLING_OK:
		begin_check(c);
		break;
	case PGRES_POLLING_FAILED:
		lose(c, PQerrorMessage(c->pg)); /* names hosts and users, no data */
		break;
	}
}

void pg_connection_checked(struct pg_connection *c, struct call *check)
{
	const char *refusal;

	assert(c && check);
	if (check->sqlstate[0]) {
		snprintf(c->why, sizeof(c->why), "the check failed: %s", check->sqlstate);
		refusal = c->why;
	} else {
		refusal =
		    server_check_refusal(check->rows, c->host->label, &c->owner->timeline);
	}
	call_free(check);
	if (refusal) {
		pg_connection_fail(c, refusal);
		return;
	}
	event_del(c->timer);
	c->state = UP;
	c->owner->up(c->owner->arg, c);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct pg_connection *c = arg;

	(void)fd;
	(void)what;
	if (!c->failure)
		pg_flush(c);
}
