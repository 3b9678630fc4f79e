/*
 * What the refused rows of an import said, beside its receipts and for as long: for a sheet in
 * which they can be mended.
 *
 * They may hold whatever people write, citizen numbers too, so they are sealed, a box for each
 * batch; and bounded: of an import with more the receipts alone stay.
 */
#ifndef DAEMON_API_REFUSED_ROWS_H
#define DAEMON_API_REFUSED_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct refused_rows;
struct vault;

/* Where the record stood, and what it said (rows_said). */
struct refused_row {
	uint64_t line;
	const char *sheet; /* or NULL */
	const char *said;
	size_t n;
};
void refused_row_put(struct buf *batch, const struct refused_row *row);

/* `name` is that of the receipts, whose file is ours alone; `is_first`: nothing was kept before
 * that counts.  NULL: there is no room, and nothing is kept. */
struct refused_rows *refused_rows_open(const struct vault *v, const char *dir, const char *name,
    bool is_first);
void refused_rows_free(struct refused_rows *r); /* NULL is fine */
/* The rows of a batch, as refused_row_put put them; into NULL, nowhere.  False with errno. */
bool refused_rows_keep(struct refused_rows *r, const struct buf *batch);

/* Each row that was kept, in the order in which they were: the last of a line counts. */
typedef void refused_row_fn(void *arg, const struct refused_row *row);
void refused_rows_read(const struct vault *v, const char *dir, const char *name,
    refused_row_fn *each, void *arg);

#endif
