/*
 * /v1/seekers/{seeker}/matches and /v1/vacancies/{vacancy}/matches.
 *
 * No I/O: everything comes from the mirror, the day from the ledger's last
 * heartbeat, and the answer says how old it is.  An employer sees no seekers;
 * an agency sees priority as one word, because a rank would reveal the
 * household.  Out of the key's scope is answered exactly as not there.
 *
 * A Consistency-Token is waited for: until the mirror has the write it names,
 * or not for long, and then the answer is a refusal, never an older list.  An
 * own write is in the mirror already; another worker's comes with the stream.
 */
#include <string.h>

#include "daemon/api/common.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/mirror.h"

#define K_DEFAULT         20
#define VISIBLE_WITHIN_MS 300

struct question {
	long k;
	struct match_head head;
	struct terms terms;
};

/* What was asked; and the caller's last write, if he names it, is here. */
static enum next see_the_write(struct flow *f, void *state)
{
	static const char *const parameters[] = { "k" };
	const char *token = flow_request(f)->position;
	struct mirror *mirror = flow_app(f)->mirror;
	struct faults *faults = faults_new(f);
	struct question *q = state;
	uint64_t xid, id;

	if (!mirror_is_ready(mirror))
		return flow_refuse(f, "mirror-loading", NULL, NULL);
	q->k = K_DEFAULT;
	query_only(f, faults, parameters, 1);
	query_number(f, faults, "k", 1, K_MAX, &q->k);
	if (token && !read_position(token, &xid, &id))
		input_fault(faults, "header/Consistency-Token", "format", token,
		    "the token of an earlier answer");
	if (faults->n)
		return refuse_input(f, faults);
	if (!token)
		return STEP_NEXT;
	mirror_await(mirror, xid, id, VISIBLE_WITHIN_MS, flow_resume(f));
	return STEP_WAIT;
}

/* The day and the mirror as they are after the wait: STEP_NEXT, or answered. */
static enum next begin(struct flow *f, struct question *q)
{
	struct app *app = flow_app(f);
	struct codec c;

	if (flow_status(f) != OK)
		return flow_refuse(f, "not-yet-visible", NULL, NULL);
	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	q->head = (struct match_head){
		.city = app->city,
		.k = (size_t)q->k,
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
	.steps = { { "see the write", see_the_write, .may_fail = true },
	    { "find", find_vacancies } },
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
	.steps = { { "see the write", see_the_write, .may_fail = true },
	    { "find", find_seekers } },
};
