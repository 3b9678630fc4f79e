/*
 * One connection to PostgreSQL, non-blocking, in pipeline mode.
 *
 * It connects, asks the server whether it is one to write to, sends calls with
 * one Sync each, and hands them back when their Sync has come: only then is a
 * call committed.  Which call goes where, and what becomes of one that did not
 * come through, is the pool's.
 */
#ifndef DAEMON_LEDGER_PG_CONNECTION_H
#define DAEMON_LEDGER_PG_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/ledger/call.h"

struct pg_connection;
struct event_base;
struct host;

struct pg_connection_owner {
	void (*up)(void *arg, struct pg_connection *c);
	/* `call` is out of the pipe, with its rows or its SQLSTATE.  The owner takes it. */
	void (*finished)(void *arg, struct pg_connection *c, struct call *call);
	/* No longer connected, or never was; `why` is for the log.  Called from the loop only.
	 */
	void (*lost)(void *arg, struct pg_connection *c, const char *why);
	void *arg;
	int connect_timeout_ms, call_timeout_ms;
	int timeline; /* the highest seen: a server on a lower one was left behind */
};

struct pg_connection *pg_connection_new(struct event_base *base,
    struct pg_connection_owner *owner);
void pg_connection_drop(struct pg_connection *c); /* its pipe must be empty */
void pg_connection_start(struct pg_connection *c, const struct host *host);
bool pg_connection_is_down(const struct pg_connection *c);
bool pg_connection_is_up(const struct pg_connection *c);
bool pg_connection_has_worked(
    const struct pg_connection *c); /* a call came through it, before the present one */
const struct host *pg_connection_host(const struct pg_connection *c);
size_t pg_connection_load(const struct pg_connection *c);
/* Its oldest call waits longer than nearly any takes: another may be the better choice. */
bool pg_connection_is_slow(const struct pg_connection *c);

/* Takes the call into its pipe.  Only when up.  A failure to send shows as `lost`, later. */
void pg_connection_send(struct pg_connection *c, struct call *call);
/* The oldest call of a connection that is down, out of its pipe; NULL when empty. */
struct call *pg_connection_take_back(struct pg_connection *c);
/* Do not use it any more: `lost` is called from the loop. */
void pg_connection_fail(struct pg_connection *c, const char *why);
/* Closes at once; what is in its pipe can be taken back.  `lost` is not called. */
void pg_connection_close(struct pg_connection *c);

#endif
