/*
 * Owns one COPY of a city's records, on a connection of its own, as COPY is not
 * for pipelines and lasts longer than a call may.
 *
 * It refuses to know what the records are for.  It holds no transaction id, so
 * the outbox's horizon goes on meanwhile, and reads no faster than they are
 * taken: what libpq has not read waits in the server.  Each table is a snapshot
 * of its own; what changes in between comes from the outbox.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <libpq-fe.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/copied.h"
#include "daemon/ledger/hosts.h"
#include "daemon/ledger/ledger_parts.h"
#include "daemon/ledger/pool.h"
#include "daemon/ledger/server_check.h"
#include "daemon/log/log.h"

enum {
	CONNECT_MS = 5000,
	SILENCE_MS = 30000, /* nothing has come for so long, although we were reading */
	STATEMENT_MS = 3600000,
	LOCK_MS = 5000,
};

/* In this order. */
enum table { VACANCIES, SEEKERS, TABLES };

#define COPY(what, where)                                                                      \
	"COPY (SELECT " what " WHERE city = %d" where ") TO STDOUT (FORMAT binary)"
#define LATELY " AND (open OR closed_on >= (SELECT ops.tombstones_from(%d)))"
static const char vacancies_sql[] =
    COPY("id, version, record, label FROM ops.vacancy_record", LATELY);
static const char seekers_sql[] = COPY("id, version, record FROM ops.seeker_record", "");

enum copy_state { CONNECTING, CHECKING, STARTING, COPYING, ENDING, OVER };

struct ledger_copy {
	LIST_ENTRY(ledger_copy) link; /* of the ledger's */
	struct event_base *base;
	int city, timeline;
	const struct host *host;
	bool (*each)(void *arg, const struct change *c);
	void *arg;
	struct done done;
	PGconn *pg;
	enum copy_state state;
	int table;
	PGresult *result; /* of what was asked last */
	struct event *socket;
	struct event *silence;
	struct copied piece;
	bool is_paused;
	int refs;
	bool is_freed; /* freed: the last frame below frees the memory */
};

static void on_ready(evutil_socket_t fd, short what, void *arg);

static void disconnect(struct ledger_copy *c)
{
	if (c->socket)
		event_free(c->socket);
	if (c->silence)
		event_free(c->silence);
	c->socket = c->silence = NULL;
	PQfreemem(c->piece.data);
	c->piece.data = NULL;
	PQclear(c->result);
	c->result = NULL;
	PQfinish(c->pg);
	c->pg = NULL;
	c->state = OVER;
}

static void unref(struct ledger_copy *c)
{
	if (--c->refs == 0 && c->is_freed)
		free(c);
}

void ledger_copy_free(struct ledger_copy *c)
{
	if (!c)
		return;
	LIST_REMOVE(c, link);
	disconnect(c);
	c->is_freed = true;
	c->refs++;
	unref(c);
}

static void finish(struct ledger_copy *c, enum status st, const char *why)
{
	struct done done = c->done;
	char text[160];

	if (st != OK) {
		(void)snprintf(text, sizeof(text), "%s", why);
		text[strcspn(text, "\n")] = '\0';
		log_event(LOG_LEVEL_WARN, "ledger.copy-failed", "host", c->host->label, "why",
		    text, NULL);
	}
	ledger_copy_free(c);
	done_call(done, st);
}

void ledger_copy_stop(struct ledger_copy *c)
{
	finish(c, E_UNAVAILABLE, "the daemon is ending");
}

static void wait_for(struct ledger_copy *c, short what, int silence_ms)
{
	struct timeval tv = clock_span(silence_ms);

	/* Anew each time: libpq may have gone on to another socket. */
	if (c->socket)
		event_free(c->socket);
	c->socket = event_new(c->base, PQsocket(c->pg), what, on_ready, c);
	if (!c->socket)
		abort();
	event_add(c->socket, NULL);
	evtimer_add(c->silence, &tv);
}

/* --- the conversation --- */

static void ask(struct ledger_copy *c, enum copy_state state, bool sent)
{
	c->state = state;
	if (sent)
		wait_for(c, EV_READ | EV_PERSIST, SILENCE_MS);
	else
		finish(c, E_UNAVAILABLE, PQerrorMessage(c->pg));
}

static void begin_table(struct ledger_copy *c)
{
	char sql[256];

	/* Both numbers are ours; COPY takes no parameters. */
	if (c->table == VACANCIES)
		(void)snprintf(sql, sizeof(sql), vacancies_sql, c->city, c->city);
	else
		(void)snprintf(sql, sizeof(sql), seekers_sql, c->city);
	c->piece.has_head = false;
	ask(c, STARTING, PQsendQuery(c->pg, sql));
}

static void check_server(struct ledger_copy *c)
{
	char statement_ms[16], lock_ms[16];
	const char *values[] = { statement_ms, lock_ms };

	(void)snprintf(statement_ms, sizeof(statement_ms), "%d", STATEMENT_MS);
	(void)snprintf(lock_ms, sizeof(lock_ms), "%d", LOCK_MS);
	ask(c, CHECKING,
	    PQsendQueryParams(c->pg, server_check_sql, 2, NULL, values, NULL, NULL, 0));
}

static void go_on_connecting(struct ledger_copy *c)
{
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_READING:
		wait_for(c, EV_READ, CONNECT_MS);
		break;
	case PGRES_POLLING_WRITING:
	case PGRES_POLLING_ACTIVE:
		wait_for(c, EV_WRITE, CONNECT_MS);
		break;
	case PGRES_POLLING_FAILED:
		finish(c, E_UNAVAILABLE, PQerrorMessage(c->pg));
		break;
	case PGRES_POLLING_OK:
		check_server(c);
		break;
	}
}

/* True when the answer to what was asked is whole, or the pieces of a COPY come next. */
static bool has_answer(struct ledger_copy *c)
{
	while (!PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);

		if (!r)
			return true;
		PQclear(c->result);
		c->result = r;
		if (PQresultStatus(r) == PGRES_COPY_OUT)
			return true;
	}
	return false;
}

/* Never the server's own text, which may carry values. */
static void finish_refused(struct ledger_copy *c)
{
	const char *state = PQresultErrorField(c->result, PG_DIAG_SQLSTATE);
	char why[64];

	(void)snprintf(why, sizeof(why), "refused by the server: %s", state ? state : "-");
	finish(c, E_UNAVAILABLE, why);
}

static void end_check(struct ledger_copy *c)
{
	const char *refusal;

	if (PQresultStatus(c->result) != PGRES_TUPLES_OK) {
		finish_refused(c);
		return;
	}
	refusal = server_check_refusal(c->result, c->host->label, &c->timeline);
	if (refusal)
		finish(c, E_UNAVAILABLE, refusal);
	else
		begin_table(c);
}

static void end_table(struct ledger_copy *c)
{
	if (PQresultStatus(c->result) != PGRES_COMMAND_OK)
		finish_refused(c);
	else if (++c->table == TABLES)
		finish(c, OK, NULL);
	else
		begin_table(c);
}

enum taken { ROW_TAKEN, ROW_REFUSED, ROW_BAD };

static enum taken give_message(struct ledger_copy *c)
{
	struct change change;

	switch (copied_read(&c->piece, c->table == VACANCIES, &change)) {
	case PIECE_EMPTY:
		return ROW_TAKEN;
	case PIECE_BAD:
		return ROW_BAD;
	case PIECE_RECORD:
		break;
	}
	if (c->each(c->arg, &change))
		return ROW_TAKEN;
	c->piece.at = c->piece.row;
	return ROW_REFUSED;
}

/* Whatever libpq has by now; true when that was the table's last piece. */
static bool give_on(struct ledger_copy *c)
{
	for (;;) {
		enum taken taken;

		if (!c->piece.data) {
			int n = PQgetCopyData(c->pg, &c->piece.data, 1);

			if (n <= 0)
				return n < 0;
			c->piece.len = (size_t)n;
			c->piece.at = 0;
		}
		taken = give_message(c);
		if (c->is_freed)
			return false;
		if (taken == ROW_BAD) {
			finish(c, E_INTERNAL, "a record that cannot be read");
			return false;
		}
		if (taken == ROW_REFUSED) {
			c->is_paused = true;
			event_del(c->socket);
			evtimer_del(c->silence);
			return false;
		}
		PQfreemem(c->piece.data);
		c->piece.data = NULL;
	}
}

static void restart_silence(struct ledger_copy *c)
{
	struct timeval tv = clock_span(SILENCE_MS);

	evtimer_add(c->silence, &tv);
}

static void go_on(struct ledger_copy *c)
{
	if (c->state == CONNECTING) {
		go_on_connecting(c);
		return;
	}
	if (!PQconsumeInput(c->pg)) {
		finish(c, E_UNAVAILABLE, "the connection was lost");
		return;
	}
	restart_silence(c);
	if (c->state == COPYING && give_on(c))
		c->state = ENDING;
	/* The analyser does not count: our caller holds it, so it is gone and not yet freed.
	 * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	if (c->is_freed || c->state == COPYING || !has_answer(c))
		return;
	if (c->state == CHECKING) {
		end_check(c);
	} else if (c->state == ENDING) {
		end_table(c);
	} else if (PQresultStatus(c->result) != PGRES_COPY_OUT) {
		finish_refused(c);
	} else {
		c->state = COPYING;
		event_active(c->socket, EV_READ, 0);
	}
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct ledger_copy *c = arg;

	(void)fd;
	(void)what;
	c->refs++;
	go_on(c);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	unref(c);
}

static void on_silence(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finish(arg, E_TIMEOUT, "nothing came for too long");
}

void ledger_copy_resume(struct ledger_copy *c)
{
	if (!c->is_paused)
		return;
	c->is_paused = false;
	event_add(c->socket, NULL);
	restart_silence(c);
	/* From the loop: libpq may have more than the socket says. */
	event_active(c->socket, EV_READ, 0);
}

static void connect_to(struct ledger_copy *c)
{
	const char *const words[] = { "tcp_user_timeout", "dbname", "application_name",
		"client_encoding", NULL };
	const char *const values[] = { "5000", c->host->conninfo, "vacancyd-copy", "UTF8",
		NULL };
	const struct timeval now = { 0 };

	c->pg = PQconnectStartParams(words, values, 1);
	if (!c->pg)
		abort();
	if (PQstatus(c->pg) != CONNECTION_BAD) {
		wait_for(c, EV_WRITE, CONNECT_MS);
		return;
	}
	/* PQconnectPoll says so, from the loop. */
	c->socket = evtimer_new(c->base, on_ready, c);
	if (!c->socket)
		abort();
	evtimer_add(c->socket, &now);
}

struct ledger_copy *ledger_copy_records(struct ledger *l, int city,
    bool (*each)(void *arg, const struct change *c), void *arg, struct done done)
{
	struct ledger_copy *c = must_alloc(sizeof(*c));

	c->base = l->base;
	c->city = city;
	c->timeline = pool_timeline(l->pools[LEDGER_APPLIER]);
	c->host = pool_host(l->pools[LEDGER_APPLIER]);
	c->each = each;
	c->arg = arg;
	c->done = done;
	c->silence = evtimer_new(l->base, on_silence, c);
	if (!c->silence)
		abort();
	LIST_INSERT_HEAD(&l->copies, c, link);
	connect_to(c);
	return c;
}
