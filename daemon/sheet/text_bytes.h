/*
 * The bytes of a text file, as UTF-8, a piece at a time; inside sheet only.
 */
#ifndef DAEMON_SHEET_TEXT_BYTES_H
#define DAEMON_SHEET_TEXT_BYTES_H

#include "daemon/sheet/sheet.h"

struct buf;
struct text_bytes;

/* `charset` as in sheet_new; NULL: there is no such charset. */
struct text_bytes *text_bytes_new(const char *charset);
void text_bytes_free(struct text_bytes *t);
/* As sheet_put. */
size_t text_bytes_put(struct text_bytes *t, const char *bytes, size_t n, bool is_last);
/* Moves what has come to the end of the text.  SHEET_ROW: there is more of it now; SHEET_MORE:
 * more bytes are needed; SHEET_END: all of it is there; SHEET_BAD_FILE: `why`. */
enum sheet_step text_bytes_take(struct text_bytes *t, struct buf *text,
    struct sheet_fault *why);
bool text_bytes_are_all(const struct text_bytes *t);   /* and all are taken */
uint64_t text_bytes_lines(const struct text_bytes *t); /* as sheet_lines */
/* Whether they are the text as it came, and what they are else. */
bool text_bytes_are_utf8(const struct text_bytes *t);
const char *text_bytes_charset(const struct text_bytes *t);

#endif
