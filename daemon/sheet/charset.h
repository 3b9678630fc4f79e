/*
 * Charsets of files: which one bytes are, and bytes as UTF-8; inside sheet only.
 */
#ifndef DAEMON_SHEET_CHARSET_H
#define DAEMON_SHEET_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

enum charset {
	CHARSET_NONE, /* not said, or not decided: ASCII is the same in the first two */
	CHARSET_UTF8,
	CHARSET_GB18030,
	CHARSET_UTF16LE,
	CHARSET_UTF16BE
};

/* GBK and GB2312 are parts of GB18030; "utf-16" is either.  False: none that we read. */
bool charset_named(const char *name, enum charset *out);
const char *charset_name(enum charset c);
/* Whether bytes that are `is` are what was said. */
bool charset_agrees(enum charset said, enum charset is);

/* By the first bytes of a file: a mark (*mark: its bytes), or the NULs of UTF-16; else NONE. */
enum charset charset_at_start(const char *bytes, size_t n, size_t *mark);
/* By bytes of which the first is not ASCII: UTF-8 or GB18030, as more of their lines are.
 * `said` decides about lines that are both and hold no character of Chinese. */
enum charset charset_of(const char *bytes, size_t n, enum charset said);

#define CHARSET_BROKEN '\xff' /* in the place of each byte that is no character of it */
struct decoder;
struct decoder *decoder_new(enum charset c);
void decoder_free(struct decoder *d); /* NULL is fine */
/* Adds them as UTF-8; how many were taken: fewer when they end inside a character. */
size_t decoder_take(struct decoder *d, const char *bytes, size_t n, bool is_last,
    struct buf *out);

#endif
