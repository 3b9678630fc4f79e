/*
 * bench_writer: a matches answer written by the codec, beside jansson's dump of
 * the same answer.
 *
 *   bench_writer --data DIR --policy FILE [--rounds R]
 *
 * The peer is given the tree for nothing: it is built before, of bytes of ours,
 * and only json_dumps is timed, compact.  It must give the same bytes, or the
 * run ends with 1.  Both write every answer of both directions, k = 20, in
 * turn; values are answers a second.
 */
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/match_answer.h"
#include "daemon/config/config.h"
#include "tests/bench/side.h"

enum { MARKET = 20000, ANSWERS = 200, K = 20, ROUNDS_MAX = 16, SEED = 2007 };

/* What one answer is written from. */
struct page {
	struct seeker who;
	struct vacancy post;
	size_t n;
	struct match found[K];
	struct match_post posts[K];
	struct match_person persons[K];
};

struct bench {
	struct policy policy;
	struct terms terms;
	const struct skill_words *words;
	struct index *index;
	struct page pages[ANSWERS]; /* the first half from seekers to vacancies */
	json_t *trees[ANSWERS];
	struct buf out;
	size_t bytes;
};

static void fill(struct bench *b, const struct market *m)
{
	static const char *const titles[] = { "小区门卫", "社区保洁员", "超市收银员",
		"Java 软件工程师（急聘）" };
	static const char *const employers[] = { "郑州样板物业服务有限公司",
		"河南\"中原\"商贸有限公司", "郑州市金水区第三人民医院" };
	static const char *const pays[] = { "1200–1500元/月", "8元/小时", "最高2000元/月" };
	uint64_t random = SEED;

	for (size_t i = 0; i < ANSWERS; i++) {
		struct page *p = &b->pages[i];

		p->who = m->seekers[market_random(&random, MARKET)];
		p->post = m->vacancies[market_random(&random, MARKET)];
		p->n = i < ANSWERS / 2
			   ? best_vacancies(b->index, &b->terms, &p->who, p->found, K)
			   : best_seekers(b->index, &b->terms, &p->post, p->found, K);
		for (size_t j = 0; j < p->n; j++) {
			uint64_t id = p->found[j].id;

			p->posts[j] = (struct match_post){ .match = &p->found[j],
				.position = j + 1,
				.title = titles[id % 4],
				.employer = employers[id % 3],
				.pay = pays[id % 3] };
			p->persons[j].match = &p->found[j];
			p->persons[j].position = j + 1;
			if (i < ANSWERS / 2)
				(void)index_vacancy(b->index, id, &p->posts[j].vacancy);
			else
				(void)index_seeker(b->index, id, &p->persons[j].seeker);
		}
	}
}

static void write_page(struct bench *b, size_t i)
{
	const struct page *p = &b->pages[i];
	const struct match_head head = { 4101, K, b->terms.today, 123456, 12, true,
		b->policy.version, .words = b->words };

	buf_clear(&b->out);
	if (i < ANSWERS / 2)
		codec_write_posts(&b->out, &head, &p->who, p->posts, p->n);
	else
		codec_write_persons(&b->out, &head, &p->post, p->persons, p->n, i % 2);
}

/* The peer's trees; false when its bytes are not ours. */
static bool grow_trees(struct bench *b)
{
	for (size_t i = 0; i < ANSWERS; i++) {
		char *again;
		bool same;

		write_page(b, i);
		b->trees[i] = json_loadb(b->out.data, b->out.len, JSON_REJECT_DUPLICATES, NULL);
		again = b->trees[i] ? json_dumps(b->trees[i], JSON_COMPACT) : NULL;
		same = again && strcmp(again, b->out.data) == 0;
		if (!same)
			fprintf(stderr, "bench_writer: not the same bytes:\n%s\n%s\n",
			    b->out.data, again ? again : "(not JSON)");
		free(again);
		if (!same)
			return false;
		b->bytes += b->out.len;
	}
	return true;
}

static double rate(struct bench *b, bool ours)
{
	int times = ours ? 50 : 5;
	double began = processor_us();

	for (int t = 0; t < times; t++) {
		for (size_t i = 0; i < ANSWERS; i++) {
			if (ours)
				write_page(b, i);
			else
				free(json_dumps(b->trees[i], JSON_COMPACT));
		}
	}
	return times * ANSWERS / (processor_us() - began) * 1e6;
}

static void measure(struct bench *b, int rounds)
{
	double values[2][ROUNDS_MAX];

	for (int r = -1; r < rounds; r++) /* the first warms both up */
		for (int side = 0; side < 2; side++)
			values[side][r < 0 ? 0 : r] = rate(b, side == 0);
	printf("{\"bytes\": %zu", b->bytes / ANSWERS);
	for (int side = 0; side < 2; side++) {
		printf(", \"%s\": [", side ? "jansson" : "ours");
		for (int r = 0; r < rounds; r++)
			printf("%s%.1f", r ? ", " : "", values[side][r]);
		printf("]");
	}
	printf("}\n");
}

static void take_market(struct bench *b, const char *data)
{
	struct market m;

	if (!market_make(&m, data, SEED, MARKET, MARKET))
		exit(1);
	b->index = index_new();
	for (size_t i = 0; i < MARKET; i++) {
		(void)index_put_vacancy(b->index, &m.vacancies[i]);
		(void)index_put_seeker(b->index, &m.seekers[i]);
	}
	fill(b, &m);
	market_release(&m);
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "data", required_argument, NULL, 'd' },
		{ "policy", required_argument, NULL, 'p' },
		{ "rounds", required_argument, NULL, 'r' }, { 0 } };
	static struct bench b;
	const char *data = NULL, *policy = NULL;
	struct catalog *catalog;
	int rounds = 5, o;
	bool same;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (o) {
		case 'd':
			data = optarg;
			break;
		case 'p':
			policy = optarg;
			break;
		case 'r':
			rounds = (int)strtol(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	}
	if (!data || !policy || rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
	catalog = catalog_read(data, 4101);
	if (!catalog || !policy_read(policy, &b.policy))
		return 1;
	b.terms = (struct terms){ .policy = &b.policy,
		.near = catalog_adjacency(catalog),
		.today = day_of(2007, 7, 12) };
	b.words = catalog_skill_words(catalog);
	take_market(&b, data);
	same = grow_trees(&b);
	if (same)
		measure(&b, rounds);
	for (size_t i = 0; i < ANSWERS; i++)
		json_decref(b.trees[i]);
	buf_free(&b.out);
	index_free(b.index);
	catalog_free(catalog);
	return same ? 0 : 1;
}
