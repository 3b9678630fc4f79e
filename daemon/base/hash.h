/*
 * FNV-1a (Fowler, Noll, Vo), 64 bits: quick, and the same everywhere; no secret and no proof.
 */
#ifndef DAEMON_BASE_HASH_H
#define DAEMON_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_bytes(uint64_t hash, const void *p, size_t n)
{
	const unsigned char *bytes = p;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* With its end, so that two texts are not one. */
static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	const char *end = text;

	while (*end)
		end++;
	return hash_bytes(hash, text, (size_t)(end - text) + 1);
}

#endif
