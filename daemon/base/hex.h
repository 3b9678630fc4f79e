/*
 * Bytes as hex text, two lower-case digits a byte, and back.
 */
#ifndef DAEMON_BASE_HEX_H
#define DAEMON_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

struct arena;

#define HEX_DIGITS "0123456789abcdef"

/* The digits of n bytes at `to`; returns their end, and writes no NUL. */
static inline char *hex_put(char *to, const void *bytes, size_t n)
{
	for (const uint8_t *p = bytes; n; n--, p++) {
		*to++ = HEX_DIGITS[*p >> 4];
		*to++ = HEX_DIGITS[*p & 15];
	}
	return to;
}

char *hex_text(struct arena *a, const void *bytes, size_t n);

/* The value of a lower-case digit; -1: it is none. */
static inline int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads at most `max` bytes, as far as there are two digits of each; how many. */
size_t hex_read(const char *text, void *out, size_t max);

#endif
