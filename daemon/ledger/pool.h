/*
 * The pool: a few connections, one queue, a time limit for each call.
 *
 * A call goes to the least loaded connection, of those for reports or of the others, waits
 * when all of these are full, and is repeated on another when its connection dies, until its
 * time is over.  It is answered exactly once, possibly before pool_call returns.
 */
#ifndef DAEMON_LEDGER_POOL_H
#define DAEMON_LEDGER_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/call.h"
#include "daemon/ledger/ledger.h"

struct event_base;
struct host;
struct pool;

/* With connections as one role: of the requests as many as are configured, of another few. */
struct pool *pool_new(struct event_base *base, const struct ledger_config *config,
    enum ledger_role role);
void pool_free(struct pool *p); /* answers what is outstanding with E_UNAVAILABLE first */
bool pool_is_up(const struct pool *p);
size_t pool_waiting(const struct pool *p);
/* For a connection beside the pool: a server that it is connected to, or would try next. */
const struct host *pool_host(const struct pool *p);
int pool_timeline(const struct pool *p); /* the highest that was seen */

/*
 * For an organisation (accounts.h), or for ourselves: 0.  OK with rows; E_BUSY (the queue, or
 * the part of it that this one may have, is full, or the time went by in it: nothing was sent),
 * E_UNAVAILABLE, E_TIMEOUT (unknown), E_INTERNAL.
 */
void pool_call(struct pool *p, int number, const struct ledger_arg *params, size_t n,
    uint64_t organisation, call_done *done, void *arg);
/* Ours, at the head of the queue however full it is: heartbeats. */
void pool_call_urgent(struct pool *p, int number, const struct ledger_arg *params, size_t n,
    call_done *done, void *arg);

#endif
