/*
 * The peer that keeps its vacancies in Redis and asks for cells at each request.
 *
 * A cell is an occupation in a county, one string of packed vacancies, so that a
 * batch of cells is one MGET.  In this process are only what a cell could give at
 * best (its occupation, county, highest pay, newest date); a search asks for the
 * cells in that order and stops when no other could reach the k-th.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>

#include "daemon/base/arena.h"
#include "matcher/pair.h"
#include "tests/bench/peer_server.h"

enum { CELLS_FIRST = 8, CELLS_MOST = 32768, KEY_BYTES = 24 };

struct cell {
	occupation_t occupation;
	uint32_t county, pay_max;
	day_t newest;
	char key[KEY_BYTES];
};

struct redis_peer {
	struct app *app;
	redisAsyncContext *redis;
	struct cell *cells;
	size_t n;
};

static const struct market *sorted_market;

static uint64_t cell_of(const struct vacancy *v)
{
	return (uint64_t)v->occupation * 1000000 + v->place / 1000000;
}

static int by_cell(const void *a, const void *b)
{
	const struct vacancy *x = &sorted_market->vacancies[*(const uint32_t *)a];
	const struct vacancy *y = &sorted_market->vacancies[*(const uint32_t *)b];

	return (cell_of(x) > cell_of(y)) - (cell_of(x) < cell_of(y));
}

/* The numbers of the market's vacancies, those of one cell together. */
static uint32_t *sorted(const struct market *m)
{
	uint32_t *all = malloc(m->n_vacancies * sizeof(*all));

	if (!all)
		abort();
	for (size_t i = 0; i < m->n_vacancies; i++)
		all[i] = (uint32_t)i;
	sorted_market = m;
	qsort(all, m->n_vacancies, sizeof(*all), by_cell);
	return all;
}

static void name_cell(const struct vacancy *v, char key[KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "c:%llu", (unsigned long long)cell_of(v));
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_server: redis: %s: %s\n", what, why);
	exit(1);
}

static void send_cell(redisContext *c, const char *key, const char *bytes, size_t n)
{
	redisReply *r = redisCommand(c, "SET %s %b", key, bytes, n);

	if (!r || r->type == REDIS_REPLY_ERROR)
		die(key, r ? r->str : c->errstr);
	freeReplyObject(r);
}

void redis_peer_fill(const char *path, const struct market *m)
{
	redisContext *c = redisConnectUnix(path);
	uint32_t *all = sorted(m);
	struct vacancy *packed = malloc(m->n_vacancies * sizeof(*packed));
	char key[KEY_BYTES];
	size_t n = 0;

	if (!c || c->err || !packed)
		die(path, c ? c->errstr : "no memory");
	freeReplyObject(redisCommand(c, "FLUSHALL"));
	for (size_t i = 0; i < m->n_vacancies; i++) {
		const struct vacancy *v = &m->vacancies[all[i]];

		packed[n++] = *v;
		if (i + 1 < m->n_vacancies && by_cell(&all[i], &all[i + 1]) == 0)
			continue;
		name_cell(v, key);
		send_cell(c, key, (const char *)packed, n * sizeof(*packed));
		n = 0;
	}
	free(packed);
	free(all);
	redisFree(c);
}

static void note(struct cell *cell, const struct vacancy *v)
{
	if (v->pay_max > cell->pay_max)
		cell->pay_max = v->pay_max;
	if (v->posted_on > cell->newest)
		cell->newest = v->posted_on;
}

struct redis_peer *redis_peer_open(struct app *app, const char *path, const struct market *m)
{
	struct redis_peer *p = calloc(1, sizeof(*p));
	uint32_t *all = sorted(m);

	if (!p)
		abort();
	p->app = app;
	p->cells = calloc(m->n_vacancies, sizeof(*p->cells));
	if (!p->cells)
		abort();
	for (size_t i = 0; i < m->n_vacancies; i++) {
		const struct vacancy *v = &m->vacancies[all[i]];

		if (i == 0 || by_cell(&all[i - 1], &all[i]) != 0) {
			p->cells[p->n].occupation = v->occupation;
			p->cells[p->n].county = (uint32_t)(v->place / 1000000);
			p->cells[p->n].newest = v->posted_on;
			name_cell(v, p->cells[p->n++].key);
		}
		note(&p->cells[p->n - 1], v);
	}
	free(all);
	p->redis = redisAsyncConnectUnix(path);
	if (!p->redis || p->redis->err || redisLibeventAttach(p->redis, app->base) != REDIS_OK)
		die(path, p->redis ? p->redis->errstr : "no memory");
	return p;
}

/* The score of the best vacancy that could stand there: the cell's highest pay and newest
 * date, at her door, with every skill and all the experience. */
static uint16_t bound(const struct redis_peer *p, const struct seeker *who,
    const struct cell *cell)
{
	struct vacancy best = { .occupation = cell->occupation,
		.place = who->place / 1000000 == cell->county ? who->place
							      : (place_t)cell->county * 1000000,
		.pay_max = cell->pay_max,
		.posted_on = cell->newest };
	const struct policy *policy = p->app->terms.policy;
	struct score s = score_pair(&p->app->terms, who, &best);
	uint16_t skills =
	    policy->skills > policy->skills_unstated ? policy->skills : policy->skills_unstated;

	return (uint16_t)(s.total - s.skills + skills);
}

struct ranked {
	uint32_t cell;
	uint16_t bound;
};

static int by_promise(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return (y->bound > x->bound) - (y->bound < x->bound);
}

/* The first cell of an occupation from there on: they are in order. */
static size_t first_cell(const struct redis_peer *p, occupation_t from)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (p->cells[middle].occupation < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The cells of her middle groups, or the others of their major groups. */
static size_t candidates(const struct redis_search *s, struct ranked *out)
{
	const struct redis_peer *p = s->peer;
	occupation_t width = s->widened ? 1000000 : 10000;
	size_t n = 0;
	uint8_t wish;

	for (uint8_t i = 0; i < s->who->n_wishes; i++) {
		occupation_t from = s->who->wishes[i] / width * width;
		bool is_again = false;

		for (uint8_t j = 0; j < i; j++)
			is_again |= s->who->wishes[j] / width * width == from;
		for (size_t c = first_cell(p, from);
		     !is_again && c < p->n && p->cells[c].occupation < from + width; c++) {
			enum occupation_level level =
			    nearest_wish(s->who, p->cells[c].occupation, &wish);

			if ((level == OCC_MAJOR) == s->widened)
				out[n++] = (struct ranked){ (uint32_t)c,
					bound(p, s->who, &p->cells[c]) };
		}
	}
	return n;
}

static void rank(struct redis_search *s)
{
	static struct ranked *ranked; /* of the one search that is here */
	size_t n;

	if (!ranked)
		ranked = calloc(s->peer->n, sizeof(*ranked));
	if (!ranked)
		abort();
	n = candidates(s, ranked);
	qsort(ranked, n, sizeof(*ranked), by_promise);
	s->order = arena_alloc(s->arena, (n + 1) * sizeof(*s->order));
	for (size_t i = 0; i < n; i++)
		s->order[i] = ranked[i].cell;
	s->n_cells = n;
	s->next = 0;
}

/* Whether there are cells that could give one that belongs to the best. */
static bool is_promising(struct redis_search *s)
{
	const struct match *last = &s->best.found[PEER_K - 1];

	if (s->next == s->n_cells && s->best.n < PEER_K && !s->widened) {
		s->widened = true;
		rank(s);
	}
	if (s->next == s->n_cells)
		return false;
	return s->best.n < PEER_K ||
	       (last->widened == s->widened &&
		   bound(s->peer, s->who, &s->peer->cells[s->order[s->next]]) >=
		       last->score.total);
}

void redis_search_begin(struct redis_search *s, struct redis_peer *p, const struct seeker *who,
    struct arena *a)
{
	s->peer = p;
	s->who = who;
	s->arena = a;
	s->batch = CELLS_FIRST;
	rank(s);
	s->is_over = !is_promising(s);
}

static void offer(struct redis_search *s, const struct match *m, const struct vacancy *v)
{
	struct peer_best *b = &s->best;
	size_t at = b->n;

	if (at == PEER_K && match_order_vacancies(m, &b->found[at - 1]) > 0)
		return;
	if (at == PEER_K)
		at--;
	else
		b->n++;
	for (; at > 0 && match_order_vacancies(m, &b->found[at - 1]) < 0; at--) {
		b->found[at] = b->found[at - 1];
		b->vacancies[at] = b->vacancies[at - 1];
	}
	b->found[at] = *m;
	b->vacancies[at] = *v;
}

static void judge(struct redis_search *s, const struct vacancy *v)
{
	const struct terms *t = &s->peer->app->terms;
	uint8_t wish;
	bool widened = nearest_wish(s->who, v->occupation, &wish) == OCC_MAJOR;
	struct match m = { .id = v->id, .widened = widened, .since = v->posted_on };

	if (eligible(t, s->who, v, widened) != RULE_NONE)
		return;
	m.score = score_pair(t, s->who, v);
	offer(s, &m, v);
}

static void on_cells(redisAsyncContext *c, void *reply, void *arg)
{
	const redisReply *r = reply;
	struct redis_search *s = arg;

	(void)c;
	if (!r || r->type != REDIS_REPLY_ARRAY)
		die("MGET", r && r->str ? r->str : "gone");
	for (size_t i = 0; i < r->elements; i++) {
		const redisReply *cell = r->element[i];
		struct vacancy v;

		for (size_t at = 0; at + sizeof(v) <= (size_t)cell->len; at += sizeof(v)) {
			memcpy(&v, cell->str + at, sizeof(v));
			judge(s, &v);
		}
	}
	s->is_over = !is_promising(s);
	done_call(s->done, OK);
}

void redis_search_go_on(struct redis_search *s, struct done done)
{
	static const char *words[CELLS_MOST + 1] = { "MGET" }; /* until the call returns */
	int n = 1;

	s->done = done;
	for (size_t i = 0; i < s->batch && s->next < s->n_cells; i++)
		words[n++] = s->peer->cells[s->order[s->next++]].key;
	if (s->batch < CELLS_MOST)
		s->batch *= 4;
	if (redisAsyncCommandArgv(s->peer->redis, on_cells, s, n, words, NULL) != REDIS_OK)
		die("MGET", s->peer->redis->errstr);
}
