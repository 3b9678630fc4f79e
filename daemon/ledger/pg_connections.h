/*
 * The pool's connections: made, lost, and tried again.
 *
 * While none is up, one tries for all, host after host, with pauses that grow.
 */
#ifndef DAEMON_LEDGER_PG_CONNECTIONS_H
#define DAEMON_LEDGER_PG_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/call.h"

struct pg_connection;
struct pg_connections;
struct event_base;
struct host;

/* Called from the loop only. */
struct pg_connections_owner {
	/* A call is back, with its rows or its SQLSTATE.  The owner takes it. */
	void (*finished)(void *arg, struct pg_connection *c, struct call *call);
	/* A connection died: what is in its pipe can be taken back. */
	void (*lost)(void *arg, struct pg_connection *c);
	/* One came up, or one that died was dealt with: calls that wait may go. */
	void (*changed)(void *arg);
	void *arg;
	int connect_timeout_ms, call_timeout_ms;
	const char *hosts, *as; /* of hosts_init */
	bool is_shown;          /* by the metric ledger_up */
};

/* Begins to connect.  So many of the `n` are for reports; of one connection alone, that one for
 * everything. */
struct pg_connections *pg_connections_new(struct event_base *base, size_t n,
    size_t n_for_reports, const struct pg_connections_owner *owner);
/* No connection is made any more; those there are stay. */
void pg_connections_stop(struct pg_connections *cs);
/* Closes them one by one; what was in the pipe of each is taken back by `lost`. */
void pg_connections_free(struct pg_connections *cs);
size_t pg_connections_number(const struct pg_connections *cs);
bool pg_connections_are_up(const struct pg_connections *cs); /* one of them */
/* On the monotonic clock; 0: something is up. */
int64_t pg_connections_down_since_ms(const struct pg_connections *cs);
/* Of those for reports, or of the others: the one with the fewest calls in its pipe; NULL when
 * all that are up have `most` or are slow: what waits then goes by the first that answers. */
struct pg_connection *pg_connections_least_loaded(const struct pg_connections *cs,
    bool for_reports, size_t most);
/* A server that one of them is connected to, or would try next. */
const struct host *pg_connections_host(const struct pg_connections *cs);
int pg_connections_timeline(const struct pg_connections *cs); /* the highest that was seen */

#endif
