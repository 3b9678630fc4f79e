/*
 * One place in memory that parent and workers share, for one thing at a time.
 *
 * It knows nothing of what it carries.
 */
#include "daemon/kept_post.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "daemon/kept_file.h"

enum { EMPTY = -1, FULL = -2 };

struct post {
	_Atomic int owner; /* who is putting something there, or one of these */
	size_t n;
	uint8_t bytes[KEPT_MOST];
};

static struct post *post;

void kept_post_open(void)
{
	post = mmap(NULL, sizeof(*post), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (post == MAP_FAILED) {
		perror("kept_post: mmap");
		exit(1);
	}
	atomic_store(&post->owner, EMPTY);
}

void kept_post_close(void)
{
	munmap(post, sizeof(*post));
	post = NULL;
}

bool kept_post_take(int process)
{
	int was = EMPTY;

	return atomic_compare_exchange_strong(&post->owner, &was, process);
}

void kept_post_put(const void *bytes, size_t n)
{
	assert(n <= KEPT_MOST);
	memcpy(post->bytes, bytes, n);
	post->n = n;
	atomic_store(&post->owner, FULL);
}

const void *kept_post_see(size_t *n)
{
	if (atomic_load(&post->owner) != FULL)
		return NULL;
	*n = post->n;
	return post->bytes;
}

void kept_post_taken(void)
{
	atomic_store(&post->owner, EMPTY);
}

void kept_post_gone(int process)
{
	int was = process;

	atomic_compare_exchange_strong(&post->owner, &was, EMPTY);
}
