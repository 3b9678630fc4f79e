/*
 * What comes on a connection: results and errors for the calls in its pipe, each in its turn.
 *
 * It opens and closes nothing.  What cannot be, a server that speaks nonsense, is the
 * connection's failure.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/clock.h"
#include "daemon/ledger/pg_connection_parts.h"
#include "daemon/log/log.h"

void pg_flush(struct pg_connection *c)
{
	int left = PQflush(c->pg);

	if (left < 0)
		pg_connection_fail(c, "sending failed");
	else if (left > 0)
		event_add(c->writable, NULL);
}

/* The Sync of the oldest call has come: whatever it did is committed, or undone. */
static void finish_head(struct pg_connection *c)
{
	struct call *call = pg_connection_take_back(c);

	assert(call); /* take() has it from the pipe */
	call->held_us = clock_us() - c->head_since_us;
	c->head_since_us += call->held_us;
	if (c->state == CHECKING) {
		pg_connection_checked(c, call);
		return;
	}
	c->owner->finished(c->owner->arg, c, call);
	c->has_worked = true;
}

static void note_error(struct pg_connection *c, struct call *call, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *table = PQresultErrorField(r, PG_DIAG_TABLE_NAME);
	const char *constraint = PQresultErrorField(r, PG_DIAG_CONSTRAINT_NAME);
	char request[33];
	bool ours; /* class 42, our SQL is wrong: its text names no values */

	if (!state || PQstatus(c->pg) == CONNECTION_BAD) {
		pg_connection_fail(c, "the server closed the connection");
		return;
	}
	snprintf(call->sqlstate, sizeof(call->sqlstate), "%s", state);
	if (call->is_preparing)
		c->prepared[call->number] = false;
	ours = strncmp(state, "42", 2) == 0;
	call_request(call, request);
	log_event(LOG_LEVEL_WARN, "ledger.error", "call",
	    call->what ? call->what->name : "check", "sqlstate", state, "table",
	    table ? table : "", "constraint", constraint ? constraint : "", "text",
	    ours ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : "", "request", request,
	    NULL);
}

static void take(struct pg_connection *c, PGresult *r)
{
	struct call *head = TAILQ_FIRST(&c->pipe);

	switch (PQresultStatus(r)) {
	case PGRES_TUPLES_OK:
		PQclear(head->rows);
		head->rows = r;
		return;
	case PGRES_COMMAND_OK: /* the PREPARE */
		head->is_preparing = false;
		break;
	case PGRES_FATAL_ERROR:
		note_error(c, head, r);
		break;
	case PGRES_PIPELINE_ABORTED: /* the call behind a PREPARE that failed */
		break;
	case PGRES_PIPELINE_SYNC:
		finish_head(c);
		break;
	case PGRES_EMPTY_QUERY:
	case PGRES_COPY_OUT:
	case PGRES_COPY_IN:
	case PGRES_COPY_BOTH:
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
	case PGRES_SINGLE_TUPLE:
		pg_connection_fail(c, "the server speaks nonsense");
		break;
	}
	PQclear(r);
}

void pg_receive(evutil_socket_t fd, short what, void *arg)
{
	struct pg_connection *c = arg;
	bool is_open = PQconsumeInput(c->pg) == 1, was_end = false;

	(void)fd;
	(void)what;
	/* What came before the end counts: a Sync in it is a commit. */
	while (!c->failure && !TAILQ_EMPTY(&c->pipe) && !PQisBusy(c->pg)) {
		PGresult *r = PQgetResult(c->pg);

		if (r)
			take(c, r);
		else if (was_end) /* NULL ends one statement's results, never two in a row */
			pg_connection_fail(c, "the server speaks out of turn");
		was_end = !r;
	}
	if (!is_open)
		pg_connection_fail(c, "the server closed the connection");
	else if (!c->failure)
		pg_flush(c);
}
