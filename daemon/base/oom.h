/*
 * Memory: out of it is never survived, and what is freed is wiped.
 *
 * One failed malloc inside hiredis 0.14 hands one request's reply to another
 * (its callback registration ignores the failure), so an allocation that fails
 * ends the process at once.  And who reads the memory of this process, by a core or a swapped
 * page, shall not find there whom it served an hour ago: whatever is freed is wiped, or leaves
 * the process with its mapping.  oom.c replaces malloc and its like for the whole process,
 * libraries included, where no sanitizer already does.
 */
#ifndef DAEMON_BASE_OOM_H
#define DAEMON_BASE_OOM_H

#include <stddef.h>
#include <stdint.h>

/* Once, at the beginning: how memory is taken of the system, and given back. */
void memory_settle(void);
/* From time to time, and early: when what is resident or what is free has grown by much, what
 * is free is given back.  So it is given back once for each growth, never for a state. */
void memory_give_back(int64_t (*resident)(void));

/* Never NULL; zeroed. */
void *must_alloc(size_t size);
void *must_realloc(void *old, size_t size);
char *must_strdup(const char *s);

#endif
