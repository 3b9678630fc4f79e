/*
 * Characters of UTF-8, and which of them a text of the exchange may hold.
 */
#ifndef DAEMON_BASE_UTF8_H
#define DAEMON_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The character that begins there, and its bytes; 0: none of UTF-8 does. */
size_t utf8_character(const char *s, size_t left, uint32_t *out);
/* Its bytes at `to`, which has room for four; how many. */
size_t utf8_write(char *to, uint32_t c);
size_t utf8_length(const char *s);
/* Characters to be put in, taken out or exchanged between two short texts; at most far + 1. */
size_t utf8_distance(const char *a, const char *b, size_t far);
/* The first byte that is not part of valid UTF-8, or len. */
size_t utf8_valid(const char *s, size_t len);
/* The first character that no text of ours may hold, or 0. */
uint32_t utf8_unwanted(const char *s);
/* Nothing to be seen: empty, or spaces of any width. */
bool utf8_blank(const char *s);
/* Copies at most n - 1 bytes, never half a character. */
void utf8_cut(char *out, size_t n, const char *s);

#endif
