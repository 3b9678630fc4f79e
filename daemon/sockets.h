/*
 * The listening sockets: bound once by the parent or handed over to it, shared by all workers,
 * and still there while a worker is replaced.
 */
#ifndef DAEMON_SOCKETS_H
#define DAEMON_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/status.h"

struct config;

#define SOCKETS_MAX 16

struct socket_list {
	int fds[SOCKETS_MAX];
	size_t n;
};

struct sockets {
	struct socket_list clients, secure, probes; /* secure: where clients speak TLS */
	int admin;
	char paths[3 * SOCKETS_MAX + 1][108]; /* of unix sockets, to be removed at the end */
	size_t n_paths;
};

/* False: the reason went to stderr, and what was bound is released. */
MUST_CHECK bool sockets_bind(struct sockets *s, const struct config *c);
/* The parent's end: closes them and removes the files of unix sockets. */
void sockets_release(struct sockets *s);

#endif
