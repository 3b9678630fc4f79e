/*
 * How much an organisation's keys may ask for; how many connections one address may hold, and
 * how often it may agree on TLS.
 */
#ifndef DAEMON_HTTP_LIMITS_H
#define DAEMON_HTTP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/network.h"

struct limits;
struct principal;
struct sockaddr;

/* What a key of it has left; quota 0: it has no limit. */
struct allowance {
	unsigned quota, window_s; /* so many requests in so many seconds */
	unsigned remaining, reset_s;
	unsigned retry_s; /* when refused: until the next is taken */
};

/* `work_us`: work of one request's worth; what took more counts as so many.  0: not counted. */
struct limits *limits_new(int64_t work_us);
void limits_free(struct limits *l);

/* One request of that key, and the work of those before; false: too many. */
bool limits_take(struct limits *l, const struct principal *who, int64_t now_us,
    struct allowance *out);

/* Whether its organisation has had more of the processor lately than leaves others theirs: what
 * it asks next comes after what they ask. */
bool limits_is_late(const struct principal *who, int64_t now_us);

/* An address, of which a connection keeps the key; how many it holds now.  A unix socket has
 * none: 0. */
int limits_enter(struct limits *l, const struct sockaddr *from, struct network *out);
void limits_leave(struct limits *l, const struct network *a);

/* Whether that address may agree on TLS once more, which costs a signature: as often a second
 * as it may hold connections, `most`, and twice that at once.  0: as often as it likes. */
bool limits_may_agree(const struct network *a, int most, int64_t now_us);

#endif
