/*
 * Bytes out of base64 text (RFC 4648, section 4), as a file stands in JSON.
 */
#ifndef DAEMON_BASE_BASE64_H
#define DAEMON_BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* How many bytes n characters can be. */
#define BASE64_ROOM(n) ((n) / 4 * 3 + 3)

/* Line ends are passed over.  False: it is none, or was cut. */
bool base64_read(const char *text, size_t n, char *out, size_t *len);

#endif
