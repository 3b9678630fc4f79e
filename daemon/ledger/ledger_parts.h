/*
 * What the files of this folder share of a ledger.
 */
#ifndef DAEMON_LEDGER_LEDGER_PARTS_H
#define DAEMON_LEDGER_LEDGER_PARTS_H

#include "daemon/base/accounts.h"
#include "daemon/ledger/ledger.h"

#include <sys/queue.h>

struct heartbeat;
struct keys;
struct pool;

LIST_HEAD(ledger_copies, ledger_copy);
TAILQ_HEAD(key_waits, key_wait);

struct ledger {
	struct event_base *base;
	struct pool
	    *pools[LEDGER_ROLES]; /* one without connections of its own: the requests' */
	struct heartbeat *heartbeat;
	struct keys *keys;
	int64_t keys_version; /* as of the last beat */
	void (*on_commit)(void *arg);
	void *on_commit_arg;
	struct ledger_copies copies;
	int process;
	struct account_terms report_terms; /* none: times is 0 */
	struct key_waits key_waits;        /* answers that go out when all workers know of it */
	struct event *key_timer;
};

/* Whose statement it is; see pool_call. */
struct pool *ledger_pool_of(const struct ledger *l, int statement);

/* Completes with E_UNAVAILABLE, now. */
void ledger_copy_stop(struct ledger_copy *c);

/* Of calls that changed keys: those that all workers know of, or all that are left. */
void ledger_end_key_waits(struct ledger *l, bool all);

#endif
