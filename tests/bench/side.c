/*
 * Running queries one by one and comparing what two sides answered.
 *
 * A time is from before the call to after it and holds the clock's own cost,
 * which timer_us tells; nothing is subtracted.
 */
#include "tests/bench/side.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double read_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double wall_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

double processor_us(void)
{
	return read_us(CLOCK_THREAD_CPUTIME_ID);
}

double timer_us(clock_us *clock)
{
	enum { TIMES = 100000 };
	double begin = clock();

	for (int i = 0; i < TIMES; i++)
		clock();
	return (clock() - begin) / TIMES;
}

struct answers answers_new(size_t n, size_t k)
{
	struct answers a = { calloc(n * k, sizeof(*a.matches)), calloc(n, sizeof(*a.counts)),
		calloc(n, sizeof(*a.us)) };

	if (!a.matches || !a.counts || !a.us)
		abort();
	return a;
}

void answers_release(struct answers *a)
{
	free(a->matches);
	free(a->counts);
	free(a->us);
}

void side_run(const struct side *side, const struct batch *b, clock_us *clock,
    struct answers *out)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct seeker *s =
		    b->direction == TO_VACANCIES ? &b->market->seekers[b->queries[i]] : NULL;
		const struct vacancy *v =
		    b->direction == TO_SEEKERS ? &b->market->vacancies[b->queries[i]] : NULL;
		double begin = clock();

		out->counts[i] = side->best(side->self, s, v, out->matches + i * b->k, b->k);
		out->us[i] = clock() - begin;
	}
}

double side_time(const struct side *side, const struct seeker *s, const struct vacancy *v,
    size_t k, int times)
{
	struct match out[K_MAX];
	double us[32];

	for (int i = 0; i < times && i < 32; i++) {
		double begin = processor_us();

		side->best(side->self, s, v, out, k);
		us[i] = processor_us() - begin;
	}
	return percentile(us, (size_t)times, 50);
}

static bool same(const struct match *a, const struct match *b)
{
	return a->id == b->id && a->score.total == b->score.total && a->widened == b->widened;
}

bool answers_equal(const struct batch *b, const struct side *x, const struct answers *a,
    const struct side *y, const struct answers *c)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct match *m = a->matches + i * b->k;
		const struct match *n = c->matches + i * b->k;
		size_t at = 0;

		while (at < a->counts[i] && at < c->counts[i] && same(&m[at], &n[at]))
			at++;
		if (at == a->counts[i] && at == c->counts[i])
			continue;
		fprintf(stderr,
		    "%s and %s differ: %s %u, place %zu of %zu and %zu: "
		    "%" PRIu64 " with %u%s, %" PRIu64 " with %u%s\n",
		    x->name, y->name, b->direction == TO_VACANCIES ? "seeker" : "vacancy",
		    b->queries[i], at + 1, a->counts[i], c->counts[i], m[at].id,
		    m[at].score.total, m[at].widened ? " widened" : "", n[at].id,
		    n[at].score.total, n[at].widened ? " widened" : "");
		return false;
	}
	return true;
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

double percentile(double *us, size_t n, double p)
{
	size_t at = (size_t)((double)n * p / 100);

	qsort(us, n, sizeof(*us), by_time);
	return us[at < n ? at : n - 1];
}

double mean(const double *us, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += us[i];
	return sum / (double)n;
}
