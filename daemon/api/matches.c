/*
 * /v1/seekers/{seeker}/matches and /v1/vacancies/{vacancy}/matches.
 *
 * No I/O: everything comes from the mirror, the day from the ledger's last
 * heartbeat, and the answer says how old it is.  An employer sees no seekers;
 * an agency sees priority as one word, because a rank would reveal the
 * household.  Out of the key's scope is answered exactly as not there.
 *
 * A Consistency-Token is honoured by this worker's own writes being in its
 * mirror before they are answered; the mirror does not know other workers'
 * outbox positions, so a token of another worker's write is taken as given.
 */
#include <string.h>

#include "daemon/api/common.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/mirror.h"

#define K_DEFAULT 20

struct question {
	struct match_head head;
	struct terms terms;
};

/* ?k= and Consistency-Token, the day and the mirror: STEP_NEXT, or answered. */
static enum next begin(struct flow *f, struct question *q)
{
	static const char *const parameters[] = { "k" };
	const char *token = flow_request(f)->position;
	struct app *app = flow_app(f);
	long k = K_DEFAULT;
	struct codec c;

	if (!mirror_is_ready(app->mirror))
		return flow_refuse(f, "mirror-loading", NULL, NULL);
	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, parameters, 1);
	query_number(f, c.faults, "k", 1, K_MAX, &k);
	if (token && (strspn(token, "0123456789.") != strlen(token) || !strchr(token, '.')))
		input_fault(c.faults, "header/Consistency-Token", "format", token,
		    "the token of an earlier answer");
	if (c.faults->n)
		return refuse_input(f, c.faults);
	q->head = (struct match_head){
		.city = app->city,
		.k = (size_t)k,
		.day = c.today,
		.seq = mirror_seq(app->mirror),
		.age_ms = mirror_age_ms(app->mirror),
		.following = mirror_is_following(app->mirror),
		.policy = app->policy->version,
	};
	q->terms = (struct terms){ app->policy, catalog_adjacency(app->catalog), c.today };
	metric_add(M_MATCH_QUERIES, 1);
	return STEP_NEXT;
}

static enum next reply_buffer(struct flow *f, struct buf *b)
{
	const char *json = arena_strndup(flow_arena(f), b->data, b->len);

	buf_free(b);
	return flow_reply(f, 200, json);
}

static enum next find_vacancies(struct flow *f, void *state)
{
	struct mirror *mirror = flow_app(f)->mirror;
	const struct index *ix = mirror_index(mirror);
	const struct request *r = flow_request(f);
	struct arena *a = flow_arena(f);
	struct question *q = state;
	const struct seeker *who = NULL;
	struct match found[K_MAX];
	struct match_post *items;
	struct buf b = { 0 };
	uint64_t id;
	size_t n;

	if (begin(f, q) == STEP_DONE)
		return STEP_DONE;
	if (codec_seeker_id(r->params[0], &id))
		who = index_seeker(ix, id);
	if (!who || !in_scope(r->who, who->place))
		return refuse_missing(f);
	n = best_vacancies(ix, &q->terms, who, found, q->head.k);
	items = arena_alloc(a, (n + 1) * sizeof(*items));
	for (size_t i = 0; i < n; i++) {
		struct vacancy_label label = { "", "", "" };

		mirror_label(mirror, found[i].id, &label);
		items[i] = (struct match_post){ &found[i], index_vacancy(ix, found[i].id),
			label.title, label.employer, label.pay };
	}
	codec_write_posts(&b, &q->head, who, items, n);
	return reply_buffer(f, &b);
}

const struct plan get_seeker_matches = {
	.name = "GET seeker matches",
	.state_size = sizeof(struct question),
	.steps = { { "find", find_vacancies } },
};

static enum next find_seekers(struct flow *f, void *state)
{
	const struct index *ix = mirror_index(flow_app(f)->mirror);
	const struct request *r = flow_request(f);
	struct question *q = state;
	const struct vacancy *post = NULL;
	struct match found[K_MAX];
	struct match_person *items;
	struct buf b = { 0 };
	uint64_t id;
	size_t n;

	if (begin(f, q) == STEP_DONE)
		return STEP_DONE;
	if (codec_decimal_id(r->params[0], &id))
		post = index_vacancy(ix, id);
	if (!post || !in_scope(r->who, post->place))
		return refuse_missing(f);
	n = best_seekers(ix, &q->terms, post, found, q->head.k);
	items = arena_alloc(flow_arena(f), (n + 1) * sizeof(*items));
	for (size_t i = 0; i < n; i++)
		items[i] = (struct match_person){ &found[i], index_seeker(ix, found[i].id) };
	codec_write_persons(&b, &q->head, post, items, n, r->who->role == ROLE_BUREAU);
	return reply_buffer(f, &b);
}

const struct plan get_vacancy_matches = {
	.name = "GET vacancy matches",
	.state_size = sizeof(struct question),
	.steps = { { "find", find_seekers } },
};
