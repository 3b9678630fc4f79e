/*
 * Origins of web pages as settings name them.  Pure.
 */
#ifndef DAEMON_CONFIG_ORIGINS_H
#define DAEMON_CONFIG_ORIGINS_H

#include <stddef.h>

/* What keeps the first `n` bytes from being an origin as every browser sends it
 * ("https://desk.example:8443"); NULL: nothing. */
const char *origin_fault(const char *text, size_t n);

#endif
