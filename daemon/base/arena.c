/*
 * Arenas: blocks in a list, each twice the last up to 64 KiB.
 *
 * It knows nothing of what is kept in them.  A large piece gets a block of its
 * own behind the current one, so the current one goes on being filled.  Some
 * are kept, wiped, when they are freed: nearly every request needs one block.
 */
#include "daemon/base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"

#define BLOCK_FIRST ((size_t)4096)
#define BLOCK_MAX   ((size_t)65536)
#define SPARE_MAX   64

/* A sanitizer sees the use of what was freed, if it is. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define KEEPS_NONE 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define KEEPS_NONE 1
#endif
#ifndef KEEPS_NONE
#define KEEPS_NONE 0
#endif
#define ALIGN _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *blocks; /* the first is the one being filled */
};

static struct block *block_new(size_t size)
{
	struct block *b = must_alloc(sizeof(*b) + size);

	b->size = size;
	return b;
}

/* Those that are kept, each with its first block. */
static struct arena *spares[SPARE_MAX];
static int n_spares;

struct arena *arena_new(void)
{
	struct arena *a;

	if (n_spares)
		return spares[--n_spares];
	a = must_alloc(sizeof(*a));
	a->blocks = block_new(BLOCK_FIRST);
	return a;
}

static bool keep(struct arena *a)
{
	struct block *b = a->blocks;

	if (KEEPS_NONE || n_spares == SPARE_MAX || b->next || b->size != BLOCK_FIRST)
		return false;
	memset(b->data, 0, b->used);
	b->used = 0;
	spares[n_spares++] = a;
	return true;
}

void arena_free(struct arena *a)
{
	if (!a || keep(a))
		return;
	for (struct block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(a);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct block *b = a->blocks;
	void *p;

	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (size > BLOCK_MAX / 4) {
		struct block *own = block_new(size);

		own->used = size;
		own->next = b->next;
		b->next = own;
		return own->data;
	}
	if (b->size - b->used < size) {
		size_t grown = b->size >= BLOCK_MAX ? BLOCK_MAX : b->size * 2;

		b = block_new(grown < size ? BLOCK_MAX : grown);
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->data + b->used;
	b->used += size;
	return p;
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *copy = arena_alloc(a, n);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	s = arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return s;
}
