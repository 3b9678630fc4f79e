/*
 * The clock of this folder's timers: milliseconds that never go back.
 */
#ifndef DAEMON_LEDGER_CLOCK_H
#define DAEMON_LEDGER_CLOCK_H

#include <stdint.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>

static inline uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static inline struct timeval clock_span(uint64_t ms)
{
	return (struct timeval){ .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };
}

/* 0 .. most, any of them: full jitter. */
static inline uint64_t clock_jitter(uint64_t most)
{
	uint64_t r = 0;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != sizeof(r))
		r = clock_ms() * 2654435761u;
	return r % (most + 1);
}

#endif
