/*
 * One connection to PostgreSQL, non-blocking, in pipeline mode.
 *
 * It connects, asks the server whether it is one to write to, sends calls with
 * one Sync each, and hands them back when their Sync has come: only then is a
 * call committed.  Which call goes where, and what becomes of one that did not
 * come through, is the pool's.
 */
#ifndef DAEMON_LEDGER_CONNECTION_H
#define DAEMON_LEDGER_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/ledger/call.h"

struct connection;
struct event_base;
struct host;

struct connection_owner {
	void (*up)(void *arg, struct connection *c);
	/* `call` is out of the pipe, with its rows or its SQLSTATE.  The owner takes it. */
	void (*finished)(void *arg, struct connection *c, struct call *call);
	/* No longer connected, or never was; `why` is for the log.  Called from the loop only.
	 */
	void (*lost)(void *arg, struct connection *c, const char *why);
	void *arg;
	int connect_timeout_ms, call_timeout_ms;
	int timeline; /* the highest seen: a server on a lower one was left behind */
};

struct connection *connection_new(struct event_base *base, struct connection_owner *owner);
void connection_drop(struct connection *c); /* its pipe must be empty */
void connection_start(struct connection *c, const struct host *host);
bool connection_is_down(const struct connection *c);
bool connection_is_up(const struct connection *c);
bool connection_has_worked(
    const struct connection *c); /* a call came through it, before the present one */
const struct host *connection_host(const struct connection *c);
size_t connection_load(const struct connection *c);

/* Takes the call into its pipe.  Only when up.  A failure to send shows as `lost`, later. */
void connection_send(struct connection *c, struct call *call);
/* The oldest call of a connection that is down, out of its pipe; NULL when empty. */
struct call *connection_take_back(struct connection *c);
/* Do not use it any more: `lost` is called from the loop. */
void connection_condemn(struct connection *c, const char *why);
/* Closes at once; what is in its pipe can be taken back.  `lost` is not called. */
void connection_close(struct connection *c);

#endif
