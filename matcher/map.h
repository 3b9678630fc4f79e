/*
 * A hash map from a 64-bit key to a small number, eight bytes a slot, inside
 * matcher only.
 *
 * A slot holds the number and 38 bits of the hashed key, so what is found
 * under a key may, once in very many times, be another key's: whoever asks
 * looks at what the number names, and goes on if it is not the one.
 */
#ifndef MATCHER_MAP_H
#define MATCHER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAP_VALUE_BITS 26
#define MAP_NONE       ((UINT32_C(1) << MAP_VALUE_BITS) - 1) /* no value */

struct map {
	uint64_t *slots;
	size_t used, size;
};

void map_free(struct map *m);
bool map_is_full(const struct map *m);     /* with one more it grows */
void map_reserve(struct map *m, size_t n); /* so many more are to come */
void map_fit(struct map *m);               /* no more are to come for now */

/* Brings into the cache where a search for this key begins. */
void map_fetch(const struct map *m, uint64_t key);

/* A number kept under this key: begin with *at = MAP_BEGIN; MAP_NONE: no more. */
#define MAP_BEGIN SIZE_MAX
uint32_t map_next(const struct map *m, uint64_t key, size_t *at);

void map_add(struct map *m, uint64_t key, uint32_t value);
/* The number must be there under the key. */
void map_drop(struct map *m, uint64_t key, uint32_t value);
void map_change(struct map *m, uint64_t key, uint32_t from, uint32_t to);

/* Room for one more element: half as much again when full.  Out of memory ends the process. */
void *grown(void *items, size_t used, size_t *room, size_t item_size);

#endif
