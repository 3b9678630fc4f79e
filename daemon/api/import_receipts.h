/*
 * The receipts of an import: a file of import_dir, a line a receipt, that can be
 * read again for 35 days.
 *
 * It knows lines and their numbers, and nothing of what a receipt says.  Nothing in it
 * is a secret but what the ledger answered the sender, and only the daemon's user reads it.
 */
#ifndef DAEMON_API_IMPORT_RECEIPTS_H
#define DAEMON_API_IMPORT_RECEIPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct receipts;

/* Opens the file, or makes it; it is ours alone until it is let go.  NULL with errno:
 * EWOULDBLOCK, an import of that name is under way here.  `name` NULL: one that nobody can read
 * again. */
struct receipts *receipts_open(const char *dir, const char *name);
void receipts_free(struct receipts *r); /* NULL is fine */

/*
 * What stands in it of an import of which `known` records have been taken, and whose last batch
 * began behind `before` of them: all receipts, all up to that batch, or too few, and then it is
 * emptied.  What stands behind that is cut off.  There may be much of it: RECEIPTS_SOUGHT, a
 * piece was read, and it is called again with the same.
 */
enum receipts_found { RECEIPTS_WHOLE, RECEIPTS_BEHIND, RECEIPTS_GONE, RECEIPTS_SOUGHT };
enum receipts_found receipts_find(struct receipts *r, size_t known, size_t before);

/* What is put stands behind all that is in it, or in place of it.  False: it is broken. */
bool receipts_append(struct receipts *r, bool is_empty);
/* What stands behind so many bytes is gone.  False: it is broken. */
bool receipts_cut(struct receipts *r, size_t size);
/* False with errno: it could not be written. */
bool receipts_put(struct receipts *r, const char *text, size_t len);
size_t receipts_bytes(const struct receipts *r);
/* One line in place of the receipts of so many records, which are not here. */
bool receipts_put_gone(struct receipts *r, uint64_t last_line, size_t records);
size_t receipts_count(const struct receipts *r); /* of records, that were found or put */
/* A descriptor of its own for whoever answers with it; after this it is no longer ours alone.
 * -1 with errno. */
int receipts_let_go(struct receipts *r);

/* The file of a name to read, and its length; -1: it is not here. */
int receipts_read(const char *dir, const char *name, size_t *len);

/* Whether behind the receipts of records stands the end, which is of all of them. */
bool receipts_have_end(int file, size_t len);

/* Removes what is older than 35 days, and the oldest beyond so many bytes of the disk, or 8,000
 * files.  Many are not looked at each time. */
void receipts_sweep(const char *dir, size_t most_bytes);

#endif
