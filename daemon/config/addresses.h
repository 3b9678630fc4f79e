/*
 * Addresses to listen on, as settings name them.  Pure.
 */
#ifndef DAEMON_CONFIG_ADDRESSES_H
#define DAEMON_CONFIG_ADDRESSES_H

#include <stddef.h>

/* The first of a list by comma that others than this machine can reach: neither a loopback
 * address nor a unix socket.  NULL: none; else of `*n` bytes. */
const char *addresses_open(const char *list, size_t *n);

/* The first that is not one as of a client: "192.0.2.1", "2001:db8::1", "unix".  NULL: none. */
const char *addresses_without_port(const char *list, size_t *n);

#endif
