/*
 * An image of the board: its records in an index, its display text beside it.
 */
#ifndef DAEMON_MIRROR_IMAGE_H
#define DAEMON_MIRROR_IMAGE_H

#include "daemon/base/change.h"
#include "daemon/mirror/labels.h"

#include <stdbool.h>

struct index;

struct image {
	int city;
	struct index *index; /* NULL: there is none */
	struct labels *labels;
};

struct image image_new(int city);
void image_free(struct image *i);

/* Copies; what is not newer changes nothing.  False: it cannot be read, and is in the log. */
bool image_put(struct image *i, const struct change *c);
/* Fetches into the cache what the putting of these will look at: together, as one after the
 * other each would wait for memory. */
void image_fetch(const struct image *i, const struct change *changes, size_t n);

#endif
