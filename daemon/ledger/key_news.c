/*
 * How far each worker knows the list of keys, in memory that all share.
 *
 * It knows no key.  Times are those of one machine's monotonic clock, which all its processes
 * have in common.  Who is silent for a second serves nobody just now and is not waited for.
 */
#include "daemon/ledger/key_news.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "daemon/base/clock.h"

#define SILENT_MS 1000

struct news {
	_Atomic int64_t alive_ms; /* 0: never */
	_Atomic int64_t known_ms;
};

static struct news alone;
static struct news *news = &alone;
static int n_news = 1;

void key_news_share(int processes)
{
	void *p = mmap(NULL, (size_t)processes * sizeof(*news), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("key_news: mmap");
		exit(1);
	}
	news = p;
	n_news = processes;
}

void key_news_alive(int process)
{
	atomic_store(&news[process].alive_ms, clock_ms());
}

void key_news_known(int process, int64_t since_ms)
{
	atomic_store(&news[process].known_ms, since_ms);
}

bool key_news_known_by_all(int64_t since_ms)
{
	int64_t now = clock_ms();

	for (int i = 0; i < n_news; i++) {
		int64_t alive = atomic_load(&news[i].alive_ms);

		if (alive && now - alive < SILENT_MS &&
		    atomic_load(&news[i].known_ms) <= since_ms)
			return false;
	}
	return true;
}
