/*
 * Out of memory ends the process, and what is freed is wiped: see oom.h for why.
 *
 * It knows glibc's names of the allocator behind malloc.  These definitions
 * override libc's in every library of the process, because the executable is
 * searched first.
 */
#include "daemon/base/oom.h"

#include <malloc.h>
#include <stdbool.h>
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
void __libc_free(void *ptr);                    /* NOLINT(bugprone-reserved-identifier) */

enum { LARGE = 2 << 20, PAGE = 4096, MAP_FROM = 64 << 10, TRIM_FROM = 1 << 20, MUCH = 4 << 20 };

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

/* A mapping of its own, which goes back to the system whole: bit 1 of the size before it. */
static bool is_mapped(const void *p)
{
	return ((const size_t *)p)[-1] & 2;
}

void free(void *ptr)
{
	if (ptr && !is_mapped(ptr))
		explicit_bzero(ptr, malloc_usable_size(ptr));
	__libc_free(ptr);
}

/* What moves is copied here: glibc would leave the old place as it was. */
void *realloc(void *ptr, size_t size)
{
	size_t had = ptr ? malloc_usable_size(ptr) : 0;
	void *p;

	if (ptr && !is_mapped(ptr) && size > had) {
		p = memcpy(malloc(size), ptr, had);
		free(ptr);
		return p;
	}
	if (ptr && !is_mapped(ptr))
		explicit_bzero((char *)ptr + size, had - size);
	p = __libc_realloc(ptr, size);
	if (!p && size)
		die();
	return large_pages(p, size);
}

/*
 * One arena, since a process has one thread that serves.  What is large is a mapping of its
 * own, however often it comes and goes, and what is free at the end of the heap is given back:
 * so memory that one hostile hour took returns.
 */
void memory_settle(void)
{
	(void)mallopt(M_ARENA_MAX, 1);
	(void)mallopt(M_MMAP_THRESHOLD, MAP_FROM);
	(void)mallopt(M_TRIM_THRESHOLD, TRIM_FROM);
	(void)mallopt(M_TOP_PAD, TRIM_FROM / 4);
}
void memory_give_back(int64_t (*resident)(void))
{
	static int64_t least;     /* resident, that was seen since the last time */
	static size_t least_free; /* of the heap, likewise: its pages went back then */
	int64_t now = resident();
	size_t unused = mallinfo2().fordblks;

	if (!least || now < least)
		least = now;
	if (unused < least_free)
		least_free = unused;
	/* What was in use the last time has not grown when it is free. */
	if (unused < MUCH || (now - least < MUCH && unused - least_free < MUCH))
		return;
	(void)malloc_trim(TRIM_FROM);
	least = resident();
	least_free = mallinfo2().fordblks;
}
#else
void memory_settle(void)
{
}

void memory_give_back(int64_t (*resident)(void))
{
	(void)resident();
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
