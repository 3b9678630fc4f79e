/*
 * Out of memory is never survived.
 *
 * One failed malloc inside hiredis 0.14 hands one request's reply to another
 * (its callback registration ignores the failure), so an allocation that fails
 * ends the process at once.  oom.c replaces malloc, calloc and realloc for the
 * whole process, libraries included, where no sanitizer already does.
 */
#ifndef DAEMON_BASE_OOM_H
#define DAEMON_BASE_OOM_H

#include <stddef.h>

/* Never NULL; zeroed. */
void *must_alloc(size_t size);
void *must_realloc(void *old, size_t size);
char *must_strdup(const char *s);

#endif
