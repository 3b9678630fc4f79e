/*
 * The items of a list as a table: columns in the order in which members first appear, a member
 * of a member as `evidence/kind`, a cell of its type.
 *
 * Items are noted first, all of them, and then written, so that a member that only the last one
 * has is a column too.
 */
#ifndef DAEMON_CODEC_TABLE_H
#define DAEMON_CODEC_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;
struct table;
struct writer;

#define TABLE_COLUMNS_MAX 128

/* `thing`: what an item is, as the last word of its list's path ("skills", "returns"): its own
 * headings come first.  Texts live in `memory`. */
struct table *table_new(struct arena *memory, const char *thing, bool is_zh);
/* The items of a list's body, each put into `out` as a line; how many.  False: it has none. */
bool table_note(struct table *t, const char *body, struct buf *out, size_t *n);
void table_write_headings(const struct table *t, struct writer *w);
void table_write_item(const struct table *t, struct writer *w, const char *line);

#endif
