/*
 * Out of memory ends the process: see oom.h for why.
 *
 * It knows glibc's names of the allocator behind malloc.  These definitions
 * override libc's in every library of the process, because the executable is
 * searched first.
 */
#include "daemon/base/oom.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER_ALLOCATOR 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER_ALLOCATOR 1
#endif

static void die(void)
{
	static const char text[] = "vacancyd: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	abort();
}

#if !defined(HAS_SANITIZER_ALLOCATOR) && defined(__GLIBC__)
/* glibc's own names of its allocator, for exactly this use. */
void *__libc_malloc(size_t size);               /* NOLINT(bugprone-reserved-identifier) */
void *__libc_calloc(size_t nmemb, size_t size); /* NOLINT(bugprone-reserved-identifier) */
void *__libc_realloc(void *ptr, size_t size);   /* NOLINT(bugprone-reserved-identifier) */

enum { LARGE = 2 << 20, PAGE = 4096 };

/* A table of a million is touched all over: in large pages it is made, and read, with a
 * fraction of the page faults and of the walks through page tables. */
static void *large_pages(void *p, size_t size)
{
	uintptr_t first = ((uintptr_t)p + PAGE - 1) & ~(uintptr_t)(PAGE - 1);

	/* Advice: a system without them goes on as it is. */
	if (size >= LARGE)
		(void)madvise((void *)first, size - PAGE, MADV_HUGEPAGE);
	return p;
}

void *malloc(size_t size)
{
	void *p = __libc_malloc(size);

	if (!p)
		die();
	return large_pages(p, size);
}

void *calloc(size_t nmemb, size_t size)
{
	void *p = __libc_calloc(nmemb, size);

	if (!p)
		die();
	return large_pages(p, nmemb * size);
}

void *realloc(void *ptr, size_t size)
{
	void *p = __libc_realloc(ptr, size);

	if (!p && size)
		die();
	return large_pages(p, size);
}
#endif

void *must_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		die();
	return p;
}

void *must_realloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		die();
	return p;
}

char *must_strdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(must_alloc(n), s, n);
}
