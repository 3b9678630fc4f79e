/*
 * A hash map from a 64-bit key to a 32-bit number, inside matcher only.
 *
 * It grows and never forgets: nothing is ever removed from an index, only
 * closed, so there is no deletion and no tombstone.
 */
#ifndef MATCHER_MAP_H
#define MATCHER_MAP_H

#include <stddef.h>
#include <stdint.h>

#define MAP_NONE UINT32_MAX

struct map {
	struct map_entry *entries;
	size_t used;
	size_t size; /* a power of two, or 0 */
};

void map_free(struct map *m);
uint32_t map_get(const struct map *m, uint64_t key);       /* MAP_NONE when absent */
void map_put(struct map *m, uint64_t key, uint32_t value); /* the key must be absent */

/* Room for one more element: doubles when full.  Out of memory ends the process. */
void *grown(void *items, size_t used, size_t *room, size_t item_size);

#endif
