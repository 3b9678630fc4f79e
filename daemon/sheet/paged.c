/*
 * A file without a name, written at its end and read through a few kept pages.
 *
 * A page stands in the place that its number names, so looking one up is one comparison; what
 * is not yet full is in memory only.
 */
#include "daemon/sheet/paged.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/oom.h"

#define PAGE  ((size_t)8192)
#define PAGES 64

struct paged {
	int fd;
	uint64_t size;
	char last[PAGE];      /* the page at the end, not full */
	uint64_t held[PAGES]; /* number of the page in that place, from 1; 0: none */
	char pages[PAGES][PAGE];
};

int nameless_open(const char *dir)
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof(path), "%s/vacancyd-XXXXXX", dir) >= (int)sizeof(path))
		return -1;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

struct paged *paged_new(const char *dir)
{
	struct paged *p;
	int fd = nameless_open(dir);

	if (fd < 0)
		return NULL;
	p = must_alloc(sizeof(*p));
	p->fd = fd;
	return p;
}

void paged_free(struct paged *p)
{
	if (!p)
		return;
	close(p->fd);
	free(p);
}

uint64_t paged_size(const struct paged *p)
{
	return p->size;
}

bool paged_add(struct paged *p, const void *bytes, size_t n)
{
	const char *from = bytes;

	while (n) {
		size_t in = (size_t)(p->size % PAGE);
		size_t room = PAGE - in, some = n < room ? n : room;

		memcpy(p->last + in, from, some);
		p->size += some;
		from += some;
		n -= some;
		if (some == room &&
		    pwrite(p->fd, p->last, PAGE, (off_t)(p->size - PAGE)) != (ssize_t)PAGE)
			return false;
	}
	return true;
}

static const char *page(struct paged *p, uint64_t number)
{
	size_t place = (size_t)(number % PAGES);

	if (number == p->size / PAGE)
		return p->last;
	if (p->held[place] != number + 1) {
		p->held[place] = 0;
		if (pread(p->fd, p->pages[place], PAGE, (off_t)(number * PAGE)) !=
		    (ssize_t)PAGE)
			return NULL;
		p->held[place] = number + 1;
	}
	return p->pages[place];
}

bool paged_read(struct paged *p, uint64_t at, void *out, size_t n)
{
	char *to = out;

	if (at > p->size || n > p->size - at)
		return false;
	while (n) {
		const char *from = page(p, at / PAGE);
		size_t in = (size_t)(at % PAGE), room = PAGE - in, some = n < room ? n : room;

		if (!from)
			return false;
		memcpy(to, from + in, some);
		to += some;
		at += some;
		n -= some;
	}
	return true;
}
