/*
 * What the routes of bench_server share: a market in this process, from which
 * every peer gets for nothing what it does not look up itself (who asks, and
 * the display text), and the answer, written as the daemon writes it.
 */
#ifndef TESTS_BENCH_PEER_SERVER_H
#define TESTS_BENCH_PEER_SERVER_H

#include "daemon/base/status.h"
#include "daemon/flow/flow.h"
#include "tests/bench/side.h"

enum { PEER_K = 20 };

/* A route's app: daemon/flow only carries the pointer. */
struct app {
	struct policy policy;
	struct terms terms;
	const struct skill_words *words;
	struct index *index;
	struct event_base *base;
	const char *body; /* of /bare */
	size_t body_len;
	struct side postgres;
	struct redis_peer *redis;
};

/* The best k of one search, as they are found. */
struct peer_best {
	struct match found[PEER_K];
	struct vacancy vacancies[PEER_K];
	size_t n;
};

/* The cells of a market, written to a Redis whose database is emptied; ends the process, with
 * the reason, when that cannot be. */
void redis_peer_fill(const char *path, const struct market *m);
struct redis_peer *redis_peer_open(struct app *app, const char *path, const struct market *m);

/* Where a search stands that asks Redis for cells, the most promising first. */
struct redis_search {
	struct redis_peer *peer;
	const struct seeker *who;
	struct arena *arena;
	struct peer_best best;
	uint32_t *order; /* numbers of cells, by what they could give */
	size_t n_cells, next, batch;
	bool widened, is_over;
	struct done done;
};
void redis_search_begin(struct redis_search *s, struct redis_peer *p, const struct seeker *who,
    struct arena *a);
/* The next cells; is_over when no other could give a better one. */
void redis_search_go_on(struct redis_search *s, struct done done);

#endif
