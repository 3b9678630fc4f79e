/*
 * Records gathered hash by hash, so that a command carries many of them.
 *
 * A bundle is filled with records, and then emptied as the bytes of commands,
 * piece by piece.
 */
#ifndef DAEMON_BOARD_BUNDLE_H
#define DAEMON_BOARD_BUNDLE_H

#include "daemon/base/change.h"

#include <stdbool.h>

struct buf;

/* The hashes that a generation has by now: what its bundles have in common. */
struct hashes;
struct hashes *hashes_new(void);
void hashes_free(struct hashes *h); /* its bundles are freed before */

struct bundle;
struct bundle *bundle_new(int city, uint64_t generation, struct hashes *h);
void bundle_free(struct bundle *t);

void bundle_clear(struct bundle *t);
bool bundle_is_empty(const struct bundle *t);
bool bundle_is_full(const struct bundle *t); /* no more is to be put */
/* Copies.  What contradicts its own record is logged and left out. */
void bundle_put(struct bundle *t, const struct change *c);
/* Appends the next commands; returns how many, 0 when all have left. */
size_t bundle_commands(struct bundle *t, struct buf *out);

#endif
