/*
 * Lines that do not come inside a whole return: one patched, or one of a file.
 */
#ifndef DAEMON_CODEC_SINGLE_LINE_H
#define DAEMON_CODEC_SINGLE_LINE_H

#include "daemon/codec/return.h"

struct buf;
struct rows;

/*
 * A JSON merge patch (RFC 7396) laid over a line as it was filed: `stands` is the ledger's
 * {"line": {...}}, `contact` its interview contact.  {"closed": {"reason"}} closes it instead.
 */
struct patched_line {
	struct filed_line line;
	const char *closing; /* JSON, or NULL; then `line` says nothing */
};
enum read_result codec_read_line_patch(const struct codec *c, const char *body, size_t len,
    const char *district, const char *stands, const char *contact, struct patched_line *out);

/* A line that comes by itself, in a file of many: whose it is, and of which quarter.  One that
 * is closed has only ref and place beside them; its members say "closing". */
struct single_line {
	struct filed_line line;
	const char *employer, *quarter;
	char district[7]; /* from the place */
};
/* The record that the rows gave last.  `employer` is whose it is when the line does not say so;
 * NULL: it must. */
enum read_result codec_read_single_line(const struct codec *c, const struct rows *rows,
    const char *employer, struct single_line *out);
/* Adds it to a list for the ledger; `sealed` is its contact in hex. */
void codec_write_single_line(struct buf *list, size_t n, const struct single_line *l,
    const char *sealed, const char *contact_key);

#endif
