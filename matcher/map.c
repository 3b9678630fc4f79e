/*
 * The map: open addressing, linear probing, at most two thirds full.
 *
 * It knows nothing of what its keys mean.  An allocation that fails ends the
 * process: a half-made index must not answer.
 */
#include "matcher/map.h"

#include <stdlib.h>

struct map_entry {
	uint64_t key;
	uint32_t value; /* MAP_NONE: free */
};

void *grown(void *items, size_t used, size_t *room, size_t item_size)
{
	if (used < *room)
		return items;
	*room = *room ? *room * 2 : 4;
	items = realloc(items, *room * item_size);
	if (!items)
		abort();
	return items;
}

void map_free(struct map *m)
{
	free(m->entries);
}

/* Fibonacci hashing: ids are dense, codes end in equal digits. */
static size_t home(const struct map *m, uint64_t key)
{
	key ^= key >> 32;
	return (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (m->size - 1);
}

static struct map_entry *find(const struct map *m, uint64_t key)
{
	size_t at = home(m, key);

	while (m->entries[at].value != MAP_NONE && m->entries[at].key != key)
		at = (at + 1) & (m->size - 1);
	return &m->entries[at];
}

uint32_t map_get(const struct map *m, uint64_t key)
{
	return m->size ? find(m, key)->value : MAP_NONE;
}

static void resize(struct map *m, size_t size)
{
	struct map old = *m;

	m->size = size;
	m->entries = malloc(size * sizeof(*m->entries));
	if (!m->entries)
		abort();
	for (size_t i = 0; i < size; i++)
		m->entries[i].value = MAP_NONE;
	for (size_t i = 0; i < old.size; i++) {
		if (old.entries[i].value != MAP_NONE)
			*find(m, old.entries[i].key) = old.entries[i];
	}
	free(old.entries);
}

void map_put(struct map *m, uint64_t key, uint32_t value)
{
	if ((m->used + 1) * 3 > m->size * 2)
		resize(m, m->size ? m->size * 2 : 16);
	*find(m, key) = (struct map_entry){ key, value };
	m->used++;
}
