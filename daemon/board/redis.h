/*
 * One connection to Redis that comes back by itself.
 *
 * Calls are answered in order.  Each completes exactly once, possibly before
 * redis_call returns: OK with a reply that lives until the callback
 * returns, or another status without one.  Nothing is sent twice, and nothing
 * is queued while Redis is away: that call completes with E_UNAVAILABLE.
 */
#ifndef DAEMON_BOARD_REDIS_H
#define DAEMON_BOARD_REDIS_H

#include "daemon/base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct redis;
struct event_base;

/* Where it is, and as whom we come. */
struct redis_server {
	const char *address;
	const char *user;     /* NULL: the default one */
	const char *password; /* NULL: it asks for none */
};
struct redisReply;

typedef void redis_done(void *arg, enum status st, const struct redisReply *r);
/* up, or why not.  Do not free the connection while it says up. */
typedef void redis_change(void *arg, bool up, const char *why);

/* What `server` points to must stay. */
struct redis *redis_new(struct event_base *base, const struct redis_server *server,
    unsigned timeout_ms, redis_change *change, void *arg);
/* Outstanding calls complete with E_UNAVAILABLE first; safe inside any callback but `up`. */
void redis_free(struct redis *c);
bool redis_is_up(const struct redis *c);

/* `blocks_ms`: how long the command may block, beyond the ordinary time-out.
 * `lens` may be NULL: the arguments are texts.  Arguments are copied. */
void redis_call(struct redis *c, unsigned blocks_ms, size_t argc, const char **argv,
    const size_t *lens, redis_done *fn, void *arg);

#endif
