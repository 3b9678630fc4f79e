/*
 * Where one listens or connects, as settings name it: "127.0.0.1:8080", "[::1]:8080",
 * "cache.example:6379", "unix:/run/redis.sock".  Pure.
 */
#ifndef DAEMON_BASE_ENDPOINT_H
#define DAEMON_BASE_ENDPOINT_H

#include <stdbool.h>

#include "daemon/base/piece.h"

struct endpoint {
	char path[108]; /* of a unix socket; else "" */
	char host[256];
	int port;
};

/* False: it is none. */
bool endpoint_read(struct piece text, struct endpoint *out);
/* Its host is an address, or it is a unix socket: nobody need be asked for it. */
bool endpoint_is_plain(const struct endpoint *e);
/* This machine alone reaches it. */
bool endpoint_is_local(const struct endpoint *e);

#endif
