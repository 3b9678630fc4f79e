/*
 * The clock of timers and durations: it never goes back, and says nothing about
 * the time of day.  Business time is the ledger's (ledger_clock).
 */
#ifndef DAEMON_BASE_CLOCK_H
#define DAEMON_BASE_CLOCK_H

#include <stdint.h>
#include <sys/random.h>
#include <sys/time.h>
#include <time.h>

static inline int64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Of a processor, that this thread has had. */
static inline int64_t clock_processor_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static inline int64_t clock_ms(void)
{
	return clock_us() / 1000;
}

/* What libevent's timers take; what is over already is now. */
static inline struct timeval clock_span_us(int64_t us)
{
	if (us < 0)
		us = 0;
	return (struct timeval){ .tv_sec = us / 1000000, .tv_usec = us % 1000000 };
}

static inline struct timeval clock_span(int64_t ms)
{
	return clock_span_us(ms * 1000);
}

/* 0 .. most, any of them: full jitter. */
static inline int64_t clock_jitter(int64_t most)
{
	uint64_t r = 0;

	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != sizeof(r))
		r = (uint64_t)clock_us() * 2654435761u;
	return (int64_t)(r % ((uint64_t)most + 1));
}

#endif
