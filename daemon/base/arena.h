/*
 * An arena: the memory of one request, freed all at once.
 *
 * Nothing here returns NULL: an allocation that fails ends the process
 * (a half-served request is worse than a restart, and the ledger makes a
 * restart harmless).  Memory is aligned for any type and is zeroed.
 */
#ifndef DAEMON_BASE_ARENA_H
#define DAEMON_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
void *arena_memdup(struct arena *a, const void *p, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
