/*
 * The ledger's clock, and whether its keys or its horizon changed.
 */
#ifndef DAEMON_LEDGER_HEARTBEAT_H
#define DAEMON_LEDGER_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/status.h"

struct event_base;
struct heartbeat;
struct pool;

/* Before the workers are forked: a clock that was moved, they have in common. */
void heartbeat_share_moves(void);

struct heartbeat_config {
	int city;
	bool sandbox;
	int process;
	/* At every beat, whether the version is another or not.  Asked at that time (clock_ms),
	 * or 0: not by a beat. */
	void (*keys_changed)(void *arg, int64_t version, int64_t asked_ms);
	void *arg;
};

struct heartbeat *heartbeat_new(struct event_base *base, struct pool *pool,
    const struct heartbeat_config *config);
void heartbeat_free(struct heartbeat *h);
void heartbeat_hurry(struct heartbeat *h); /* beat now */
/* Ask where the clock stands now; by then all workers go by it. */
void heartbeat_follow(struct heartbeat *h, struct done done);
/* Microseconds since 1970 on the ledger's clock; false before the first beat. */
bool heartbeat_now(const struct heartbeat *h, int64_t *now_us, bool *fixed);
/* What the last beat told, and when (clock_ms); false before the first. */
bool heartbeat_heard(const struct heartbeat *h, int64_t *ledger_us, bool *fixed,
    int64_t *heard_ms);
/* Goes by that until the first beat. */
void heartbeat_restore(struct heartbeat *h, int64_t now_us, bool fixed);
/* The last beat told of a sandbox where none is wanted, or the other way round; it is logged,
 * and nothing else is taken from such a beat. */
bool heartbeat_is_of_other_kind(const struct heartbeat *h);
void heartbeat_horizon(const struct heartbeat *h, int64_t *age_ms, int *pid);

#endif
