/*
 * bench_engine: the index asked at random, beside its twin and PostgreSQL.
 *
 *   bench_engine --data DIR --policy FILE --sizes N[,N...] [--queries Q] [--rounds R]
 *                [--twin Q] [--postgres CONNINFO --peer-queries Q] [--plain Q]
 *                [--worst]
 *
 * For each size a market of so many vacancies and so many seekers, its own
 * index, and Q random queries each way, k = 20, in each of R rounds; the sizes
 * take turns.  The peers are asked on the last size, in turn with the index,
 * the same queries, and every answer is compared: one that differs ends the
 * run with 1.  Times are in microseconds: of the processor where all is in this
 * process, since others share the machine; by the clock beside PostgreSQL, which
 * works elsewhere.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/catalog/catalog.h"
#include "daemon/config/config.h"
#include "tests/bench/postgres_peer.h"
#include "tests/bench/times.h"
#include "tests/bench/twin.h"
#include "tests/bench/worst.h"

enum { K = 20, SIZES_MAX = 8, CITY = 4101, SEED = 2007 };

struct options {
	const char *data, *policy, *postgres;
	uint32_t sizes[SIZES_MAX];
	size_t n_sizes, queries, rounds, twin_queries, peer_queries, plain_queries;
	bool worst;
};

struct city_at {
	struct market market;
	struct indexed indexed;
	struct times times[2]; /* by direction */
};

struct bench {
	struct options opt;
	struct policy policy;
	struct terms terms;
	struct city_at cities[SIZES_MAX];
	uint64_t random;
	size_t checked;
};

static const char *const names[] = { [TO_VACANCIES] = "vacancies", [TO_SEEKERS] = "seekers" };

static struct batch new_batch(struct bench *b, const struct market *m, enum direction d,
    size_t n)
{
	uint32_t *queries = calloc(n, sizeof(*queries));
	size_t all = d == TO_VACANCIES ? m->n_seekers : m->n_vacancies;

	if (!queries)
		abort();
	for (size_t i = 0; i < n; i++)
		queries[i] = market_random(&b->random, (uint32_t)all);
	return (struct batch){ m, d, queries, n, K };
}

static void run_sizes(struct bench *b)
{
	for (size_t r = 0; r < b->opt.rounds; r++) {
		for (size_t i = 0; i < b->opt.n_sizes * 2; i++) {
			struct city_at *c = &b->cities[i / 2];
			struct side ours = index_side(&c->indexed);
			struct batch batch = new_batch(b, &c->market, i % 2, b->opt.queries);
			struct answers a = answers_new(batch.n, K);

			side_run(&ours, &batch, processor_us, &a);
			times_note(&c->times[i % 2], r, &a, batch.n);
			answers_release(&a);
			free((void *)batch.queries);
		}
	}
}

/* Ours and a peer in turn, the same queries; false when an answer differs.  The round
 * before the first is to warm both up. */
static bool run_pairs(struct bench *b, const struct side *peer, clock_us *clock, size_t queries,
    struct times times[2][2])
{
	struct city_at *c = &b->cities[b->opt.n_sizes - 1];
	struct side ours = index_side(&c->indexed);
	bool good = true;

	for (size_t i = 0; i < (b->opt.rounds + 1) * 2 && good; i++) {
		struct batch batch = new_batch(b, &c->market, i % 2, queries);
		struct answers x = answers_new(batch.n, K);
		struct answers y = answers_new(batch.n, K);

		side_run(&ours, &batch, clock, &x);
		side_run(peer, &batch, clock, &y);
		good = answers_equal(&batch, &ours, &x, peer, &y);
		b->checked += batch.n;
		if (i >= 2) {
			times_note(&times[i % 2][0], i / 2 - 1, &x, batch.n);
			times_note(&times[i % 2][1], i / 2 - 1, &y, batch.n);
		}
		answers_release(&x);
		answers_release(&y);
		free((void *)batch.queries);
	}
	return good;
}

static void print_sizes(const struct bench *b)
{
	printf("\"sizes\": [");
	for (size_t i = 0; i < b->opt.n_sizes; i++) {
		const struct city_at *c = &b->cities[i];

		printf("%s{\"n\": %zu, ", i ? ", " : "", c->market.n_vacancies);
		times_print(names[0], &c->times[0], b->opt.rounds);
		printf(", ");
		times_print(names[1], &c->times[1], b->opt.rounds);
		printf("}");
	}
	printf("]");
}

static size_t ask_twin(void *self, const struct seeker *s, const struct vacancy *v,
    struct match *out, size_t k)
{
	const struct bench *b = self;
	const struct market *m = &b->cities[b->opt.n_sizes - 1].market;

	return s ? twin_vacancies(m, &b->terms, s, out, k)
		 : twin_seekers(m, &b->terms, v, out, k);
}

static bool against_twin(struct bench *b)
{
	struct times times[2][2] = { 0 };
	struct side twin = { "the twin", ask_twin, b };

	if (!run_pairs(b, &twin, processor_us, b->opt.twin_queries, times))
		return false;
	times_print_pairs("twin", names, times, b->opt.rounds);
	return true;
}

static bool against_postgres(struct bench *b, const char *name, struct postgres_peer *p,
    size_t queries)
{
	struct times times[2][2] = { 0 };
	struct side peer = postgres_side(p);
	bool good = run_pairs(b, &peer, wall_us, queries, times);

	postgres_peer_close(p);
	if (good)
		times_print_pairs(name, names, times, b->opt.rounds);
	return good;
}

/* The same lists of people in both orders, in turn: what the one that tells no rank costs. */
static void as_one_set(struct bench *b)
{
	struct city_at *c = &b->cities[b->opt.n_sizes - 1];
	struct terms one_set = b->terms;
	struct indexed indexed = { c->indexed.index, &one_set };
	struct times times[2] = { 0 };

	one_set.order = ORDER_ONE_SET;
	for (size_t r = 0; r < b->opt.rounds; r++) {
		struct batch batch = new_batch(b, &c->market, TO_SEEKERS, b->opt.queries);

		for (int i = 0; i < 2; i++) {
			struct side side = index_side(i ? &c->indexed : &indexed);
			struct answers a = answers_new(batch.n, K);

			side_run(&side, &batch, processor_us, &a);
			times_note(&times[i], r, &a, batch.n);
			answers_release(&a);
		}
		free((void *)batch.queries);
	}
	printf(", ");
	times_print_beside("one_set", times, b->opt.rounds);
}

/* Somebody who may hold the post; NULL: hardly anybody. */
static const struct seeker *anybody_for(struct bench *b, const struct market *m,
    const struct vacancy *v)
{
	for (int tries = 0; tries < 5000; tries++) {
		const struct seeker *s =
		    &m->seekers[market_random(&b->random, (uint32_t)m->n_seekers)];

		if (eligible(&b->terms, s, v, true) == RULE_NONE)
			return s;
	}
	return NULL;
}

/* Where any pair stands among all, beside a count over everybody; false when they differ. */
static bool positions(struct bench *b)
{
	struct city_at *c = &b->cities[b->opt.n_sizes - 1];
	const struct market *m = &c->market;
	struct times times[2] = { 0 };
	bool good = true;

	for (size_t r = 0; r < b->opt.rounds; r++) {
		struct answers a[2] = { answers_new(b->opt.twin_queries, 1),
			answers_new(b->opt.twin_queries, 1) };

		for (size_t i = 0; i < b->opt.twin_queries;) {
			const struct vacancy *v =
			    &m->vacancies[market_random(&b->random, (uint32_t)m->n_vacancies)];
			const struct seeker *s = anybody_for(b, m, v);
			struct position ours, theirs;
			double began, between;

			if (!s)
				continue;
			began = processor_us();
			ours = position_of_seeker(c->indexed.index, &b->terms, v, s);
			between = processor_us();
			theirs = twin_position_of_seeker(m, &b->terms, v, s);
			a[1].us[i] = processor_us() - between;
			a[0].us[i++] = between - began;
			good = good && ours.by_order == theirs.by_order &&
			       ours.by_score == theirs.by_score;
		}
		for (int i = 0; i < 2; i++) {
			times_note(&times[i], r, &a[i], b->opt.twin_queries);
			answers_release(&a[i]);
		}
		b->checked += b->opt.twin_queries;
	}
	if (!good)
		fprintf(stderr, "a position and a count over everybody differ\n");
	printf(", ");
	times_print_beside("positions", times, b->opt.rounds);
	return good;
}

/* Every random query once more, to find the slowest, beside the hard ones. */
static bool find_worst(struct bench *b)
{
	struct city_at *c = &b->cities[b->opt.n_sizes - 1];
	struct side ours = index_side(&c->indexed);
	struct worst worst = { "", 0 };
	size_t n = b->opt.queries;
	double *all = calloc(2 * n, sizeof(*all));

	if (!all || !worst_find(&c->market, &c->indexed, &worst) ||
	    !worst_find_giant(&c->market, &b->terms, &worst)) {
		free(all);
		return false;
	}
	for (int d = 0; d < 2; d++) {
		struct batch batch = new_batch(b, &c->market, (enum direction)d, n);
		struct answers a = answers_new(n, K);
		size_t slowest = 0;
		double us;

		side_run(&ours, &batch, processor_us, &a);
		for (size_t i = 0; i < n; i++) {
			all[(size_t)d * n + i] = a.us[i];
			slowest = a.us[i] > a.us[slowest] ? i : slowest;
		}
		us = side_time(&ours,
		    d == TO_VACANCIES ? &c->market.seekers[batch.queries[slowest]] : NULL,
		    d == TO_SEEKERS ? &c->market.vacancies[batch.queries[slowest]] : NULL, K,
		    5);
		if (us > worst.us) {
			worst.us = us;
			snprintf(worst.name, sizeof(worst.name),
			    "the slowest random one, to %s", names[d]);
		}
		answers_release(&a);
		free((void *)batch.queries);
	}
	printf(", \"worst\": {\"name\": \"%s\", \"us\": %.3f, \"median_us\": %.3f}", worst.name,
	    worst.us, percentile(all, 2 * n, 50));
	free(all);
	return true;
}

static int usage(void)
{
	fprintf(stderr,
	    "usage: bench_engine --data DIR --policy FILE --sizes N[,N...] [--queries Q]\n"
	    "       [--rounds R] [--twin Q] [--postgres CONNINFO --peer-queries Q] [--plain Q]\n"
	    "       [--worst]\n");
	return 2;
}

static bool read_sizes(char *text, struct options *o)
{
	char *one;

	while ((one = strsep(&text, ",")) && o->n_sizes < SIZES_MAX) {
		unsigned long n = strtoul(one, NULL, 10);

		if (n < CITY_PEOPLE_MIN || n > CITY_PEOPLE_MAX)
			return false;
		o->sizes[o->n_sizes++] = (uint32_t)n;
	}
	return o->n_sizes > 0;
}

static bool read_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = { { "data", required_argument, NULL, 'd' },
		{ "policy", required_argument, NULL, 'p' },
		{ "sizes", required_argument, NULL, 's' },
		{ "queries", required_argument, NULL, 'q' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "twin", required_argument, NULL, 't' },
		{ "postgres", required_argument, NULL, 'g' },
		{ "peer-queries", required_argument, NULL, 'n' },
		{ "plain", required_argument, NULL, 'l' }, { "worst", no_argument, NULL, 'w' },
		{ 0 } };
	bool good = true;
	int c;

	*o = (struct options){ .queries = 1000, .rounds = 5, .peer_queries = 100 };
	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (c == 'd')
			o->data = optarg;
		else if (c == 'p')
			o->policy = optarg;
		else if (c == 's')
			good = good && read_sizes(optarg, o);
		else if (c == 'q')
			o->queries = strtoul(optarg, NULL, 10);
		else if (c == 'r')
			o->rounds = strtoul(optarg, NULL, 10);
		else if (c == 't')
			o->twin_queries = strtoul(optarg, NULL, 10);
		else if (c == 'g')
			o->postgres = optarg;
		else if (c == 'n')
			o->peer_queries = strtoul(optarg, NULL, 10);
		else if (c == 'l')
			o->plain_queries = strtoul(optarg, NULL, 10);
		else if (c == 'w')
			o->worst = true;
		else
			return false;
	}
	return good && o->data && o->policy && (o->postgres || !o->plain_queries) &&
	       o->n_sizes && o->queries && o->rounds && o->rounds <= ROUNDS_MAX &&
	       o->peer_queries && optind == argc;
}

int main(int argc, char **argv)
{
	static struct bench b = { .random = 42 };
	struct catalog *catalog;
	bool good;

	if (!read_options(argc, argv, &b.opt))
		return usage();
	catalog = catalog_read(b.opt.data, CITY);
	if (!catalog || !policy_read(b.opt.policy, &b.policy))
		return 1;
	b.terms = (struct terms){ .policy = &b.policy,
		.near = catalog_adjacency(catalog),
		.today = CITY_TODAY };
	for (size_t i = 0; i < b.opt.n_sizes; i++) {
		struct city_at *c = &b.cities[i];

		if (!market_make(&c->market, b.opt.data, SEED, b.opt.sizes[i], b.opt.sizes[i]))
			return 1;
		c->indexed = (struct indexed){ indexed_market(&c->market), &b.terms };
	}
	printf("{\"timer_us\": %.4f, ", timer_us(processor_us));
	run_sizes(&b);
	print_sizes(&b);
	as_one_set(&b);
	good = (!b.opt.twin_queries || (against_twin(&b) && positions(&b))) &&
	       (!b.opt.postgres ||
		   against_postgres(&b, "postgres",
		       postgres_peer_open(b.opt.postgres, &b.terms), b.opt.peer_queries)) &&
	       (!b.opt.plain_queries ||
		   against_postgres(&b, "plain", postgres_plain_open(b.opt.postgres, &b.terms),
		       b.opt.plain_queries)) &&
	       (!b.opt.worst || find_worst(&b));
	printf(", \"checked\": %zu}\n", b.checked);
	for (size_t i = 0; i < b.opt.n_sizes; i++) {
		index_free(b.cities[i].indexed.index);
		market_release(&b.cities[i].market);
	}
	catalog_free(catalog);
	return good ? 0 : 1;
}
