/*
 * The signs of life, in memory that parent and workers share.
 *
 * It owns no conclusion: what silence means is the parent's to say.
 */
#include "daemon/signs.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

struct sign {
	_Atomic uint64_t beats;
	_Atomic bool serves[SERVED];
};

static struct sign *signs;
static int n_signs;

void signs_open(int processes)
{
	void *p = mmap(NULL, (size_t)processes * sizeof(*signs), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("signs: mmap");
		exit(1);
	}
	signs = p;
	n_signs = processes;
}

void signs_close(void)
{
	munmap(signs, (size_t)n_signs * sizeof(*signs));
	signs = NULL;
	n_signs = 0;
}

void signs_clear(int process)
{
	for (int whom = 0; whom < SERVED; whom++)
		signs_serve(process, (enum served)whom, false);
}

void signs_beat(int process)
{
	atomic_fetch_add(&signs[process].beats, 1);
}

uint64_t signs_beats(int process)
{
	return atomic_load(&signs[process].beats);
}

void signs_serve(int process, enum served whom, bool is_served)
{
	atomic_store(&signs[process].serves[whom], is_served);
}

bool signs_serves(int process, enum served whom)
{
	return atomic_load(&signs[process].serves[whom]);
}

bool signs_other_serves(int process, enum served whom)
{
	for (int i = 0; i < n_signs; i++)
		if (i != process && signs_serves(i, whom))
			return true;
	return false;
}
