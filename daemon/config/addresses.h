/*
 * Addresses to listen on, as settings name them.  Pure.
 */
#ifndef DAEMON_CONFIG_ADDRESSES_H
#define DAEMON_CONFIG_ADDRESSES_H

#include <stddef.h>

/* The first of a list by comma that others than this machine can reach: neither a loopback
 * address nor a unix socket.  NULL: none; else of `*n` bytes. */
const char *addresses_open(const char *list, size_t *n);

#endif
