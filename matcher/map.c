/*
 * The map: open addressing, linear probing, at most six sevenths full.
 *
 * It never sees a key twice: where a slot belongs follows from the hash that
 * is kept in it, so growing and closing a hole need nobody else.  It grows by a
 * quarter, because half-empty slots of a million would be its largest cost.  An
 * allocation that fails ends the process: a half-made index must not answer.
 */
#include "matcher/map.h"

#include <assert.h>
#include <stdlib.h>

#define FREE UINT64_MAX

void *grown(void *items, size_t used, size_t *room, size_t item_size)
{
	if (used < *room)
		return items;
	*room = *room ? *room + *room / 2 : 4;
	items = realloc(items, *room * item_size);
	if (!items)
		abort();
	return items;
}

void map_free(struct map *m)
{
	free(m->slots);
	*m = (struct map){ 0 };
}

/* The hashed key's upper bits, where a slot keeps them.  Two rounds: ids are dense, or end
 * in equal digits. */
static uint64_t hashed(uint64_t key)
{
	key = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	key = (key ^ key >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return key & ~(uint64_t)MAP_NONE;
}

static uint64_t hash_of(uint64_t slot)
{
	return slot & ~(uint64_t)MAP_NONE;
}

/* Where the search for a hash begins: it spreads over any size without a division. */
static size_t home(const struct map *m, uint64_t hash)
{
	return (size_t)((hash >> 32) * m->size >> 32);
}

static size_t after(const struct map *m, size_t at)
{
	return at + 1 == m->size ? 0 : at + 1;
}

void map_fetch(const struct map *m, uint64_t key)
{
	if (m->size)
		__builtin_prefetch(&m->slots[home(m, hashed(key))], 1);
}

uint32_t map_next(const struct map *m, uint64_t key, size_t *at)
{
	uint64_t hash = hashed(key);

	if (!m->size)
		return MAP_NONE;
	for (*at = *at == MAP_BEGIN ? home(m, hash) : after(m, *at); m->slots[*at] != FREE;
	     *at = after(m, *at)) {
		if (hash_of(m->slots[*at]) == hash)
			return (uint32_t)(m->slots[*at] & MAP_NONE);
	}
	return MAP_NONE;
}

static void settle(struct map *m, uint64_t slot)
{
	size_t at = home(m, hash_of(slot));

	while (m->slots[at] != FREE)
		at = after(m, at);
	m->slots[at] = slot;
}

static void resize(struct map *m, size_t size)
{
	struct map old = *m;

	m->size = size;
	m->slots = malloc(m->size * sizeof(*m->slots));
	if (!m->slots)
		abort();
	for (size_t i = 0; i < m->size; i++)
		m->slots[i] = FREE;
	for (size_t i = 0; i < old.size; i++) {
		if (old.slots[i] != FREE)
			settle(m, old.slots[i]);
	}
	free(old.slots);
}

static bool is_full(const struct map *m, size_t more)
{
	return (m->used + more) * 7 > m->size * 6;
}

static size_t size_for(size_t n)
{
	return n * 7 / 6 + 1;
}

bool map_is_full(const struct map *m)
{
	return is_full(m, 1);
}

void map_reserve(struct map *m, size_t n)
{
	if (is_full(m, n))
		resize(m, size_for(m->used + n));
}

void map_fit(struct map *m)
{
	if (m->size > size_for(m->used))
		resize(m, size_for(m->used));
}

void map_add(struct map *m, uint64_t key, uint32_t value)
{
	assert(value < MAP_NONE);
	if (is_full(m, 1))
		resize(m, m->size + m->size / 4 + 16);
	settle(m, hashed(key) | value);
	m->used++;
}

static size_t find(const struct map *m, uint64_t key, uint32_t value)
{
	size_t at = MAP_BEGIN;
	uint32_t found;

	do {
		found = map_next(m, key, &at);
		assert(found != MAP_NONE);
	} while (found != value);
	return at;
}

void map_drop(struct map *m, uint64_t key, uint32_t value)
{
	size_t hole = find(m, key, value);

	/* Whoever would be cut off from its home by the hole moves into it. */
	for (size_t at = after(m, hole); m->slots[at] != FREE; at = after(m, at)) {
		size_t from = home(m, hash_of(m->slots[at]));

		if (hole <= at ? hole < from && from <= at : hole < from || from <= at)
			continue;
		m->slots[hole] = m->slots[at];
		hole = at;
	}
	m->slots[hole] = FREE;
	m->used--;
}

void map_change(struct map *m, uint64_t key, uint32_t from, uint32_t to)
{
	m->slots[find(m, key, from)] = hashed(key) | to;
}
