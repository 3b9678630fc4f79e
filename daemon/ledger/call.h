/*
 * One call of one statement, from the time it is asked until its connection
 * has got past it.
 *
 * A call is answered once, and that may be before its results come: a call
 * whose time is over is answered, and stays in its connection's pipe so that
 * what the server says about it finds its place.
 */
#ifndef DAEMON_LEDGER_CALL_H
#define DAEMON_LEDGER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <libpq-fe.h>

#include "daemon/base/status.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/statements.h"

enum { CALL_MAX_PARAMS = 6 + LEDGER_MAX_ARGS };

struct pg_connection;
struct event;
struct owner;
struct pool;

/* `rows` is NULL unless OK, and goes when this returns. */
typedef void call_done(void *arg, enum status st, const PGresult *rows);

TAILQ_HEAD(call_list, call);

struct call {
	TAILQ_ENTRY(call) queue; /* the pool's queue, a connection's pipe, or a batch */
	TAILQ_ENTRY(call) age;   /* everything unanswered, oldest first */
	const struct statement
	    *what; /* NULL: nothing but a Sync, to hear whether anybody is there */
	int number;
	uint64_t
	    organisation;    /* whose it is (accounts.h); 0 of a batch and of work of our own */
	struct owner *owner; /* the same while it waits: lanes.c */
	struct pool *pool;
	struct pg_connection *on; /* in whose pipe */
	struct event *rest;       /* the moment between two tries */
	bool is_waiting;          /* in the pool's queue */
	size_t in_lane;           /* how many calls it is in one of the pool's lanes, or 0 */
	bool is_alone;            /* in no batch any more: one failed that it was in */
	struct call *batch;       /* in which one it travels */
	int64_t deadline_ms;
	int tries, stale_tries;
	bool was_sent; /* and may have been done, for all we know */
	bool was_lost; /* once, on a connection that died: nobody said what became of it */

	/* Of the present try. */
	bool is_preparing; /* PREPARE went ahead of it and is not answered yet */
	bool is_doubtful;  /* committed here, perhaps not on the standby */
	int64_t held_us;   /* so long it was the one that its connection worked at */
	char sqlstate[6];
	PGresult *rows;

	struct call_list members; /* of a batch */
	size_t n_members;

	call_done *done; /* NULL once answered */
	void *arg;

	int n;
	const char *values[CALL_MAX_PARAMS];
	int lengths[CALL_MAX_PARAMS];
	int formats[CALL_MAX_PARAMS];
	char bytes[];
};

/* Copies the parameters. */
struct call *call_new(int number, const struct ledger_arg *params, size_t n,
    uint64_t organisation, call_done *done, void *arg);
struct call *call_new_ping(void);
void call_free(struct call *c);
/* Its connection is lost, and nobody said what became of it: the function is told, should it
 * come again. */
void call_lost(struct call *c);
/* The id of the request that it is of, for the log; "" for a batch and for work of our own. */
void call_request(const struct call *c, char id[static 33]);
/* Forget what an earlier try brought. */
void call_again(struct call *c);
/* For so long it was worked at, and the organisation's account says so; of a batch each has an
 * equal part. */
void call_note_held(const struct call *c);
/* Calls `done` unless that has been.  Keeps `c`. */
void call_complete(struct call *c, enum status st);

#endif
