/*
 * A growing buffer of text, and the one writer of JSON text.
 *
 * Every answer, log line and metric is written with it.  A buffer starts as
 * { 0 } and is always NUL-terminated once something was put in.
 */
#ifndef DAEMON_BASE_BUF_H
#define DAEMON_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct buf {
	char *data;
	size_t len;
	size_t cap;
};

void buf_free(struct buf *b);
void buf_wipe(struct buf *b);  /* buf_clear, and nothing of it can be read any more */
void buf_clear(struct buf *b); /* empties it, keeps the memory */
void buf_put(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_putu(struct buf *b, uint64_t n); /* decimal */
void buf_putd(struct buf *b, int64_t n);
void buf_hex(struct buf *b, const void *p, size_t n);
/* Where the text ends, with room for `n` bytes more; buf_upto makes what was written there
 * part of it. */
char *buf_room(struct buf *b, size_t n);
void buf_upto(struct buf *b, const char *end);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Moves what was written into the arena and frees the buffer. */
const char *buf_to_arena(struct arena *a, struct buf *b);

/* s as a JSON string with its quotes; NULL is written as null.  s is UTF-8. */
void buf_json(struct buf *b, const char *s);
/* The inside of such a string at `to`, which has room for JSON_TEXT_MAX(n); its end. */
#define JSON_TEXT_MAX(n) ((n)*6 + 8)
char *json_text(char *to, const char *s, size_t n);

/* "key": with a comma before it unless the object or array has just been opened. */
void buf_key(struct buf *b, const char *key);
/* The comma that an array element needs, by the same rule. */
void buf_comma(struct buf *b);

#endif
