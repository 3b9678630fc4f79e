/*
 * One connection as its own two files see it.
 */
#ifndef DAEMON_LEDGER_PG_CONNECTION_PARTS_H
#define DAEMON_LEDGER_PG_CONNECTION_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/util.h>

#include "daemon/ledger/pg_connection.h"

enum pg_state { DOWN, CONNECTING, CHECKING, UP };

struct pg_connection {
	struct event_base *base;
	struct pg_connection_owner *owner;
	const struct host *host;
	PGconn *pg;
	enum pg_state state;
	bool has_worked;
	struct event *socket;   /* connecting: what libpq waits for; later: readable */
	struct event *writable; /* when something is left to send */
	struct event *timer;    /* connecting: until then; up: the oldest call, until then */
	struct event *fail_event;
	const char *failure;
	char why[200];
	struct call_list pipe;
	size_t load;
	bool prepared[STATEMENTS];
	int64_t head_since_us; /* when the oldest call became the oldest */
};

/* Whatever libpq could not send at once. */
void pg_flush(struct pg_connection *c);
/* The socket is readable: an event's. */
void pg_receive(evutil_socket_t fd, short what, void *arg);

/* The first call, by which we ask who is there, has been answered.  Frees it. */
void pg_connection_checked(struct pg_connection *c, struct call *check);

#endif
