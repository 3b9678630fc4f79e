/*
 * /v1/seekers/{seeker}/matches and /v1/vacancies/{vacancy}/matches.
 *
 * Everything comes from the mirror, the day from the ledger's last heartbeat,
 * and the answer says how old it is.  Only whom or what it is asked about and the
 * mirror lacks is looked up in the ledger.  An employer sees no seekers; an agency
 * sees priority as one word, in an order of its own (rules/order), because a rank would
 * reveal the household.  Out of the key's scope is answered exactly as not there.
 *
 * A Consistency-Token is waited for: until the mirror has the write it names,
 * or not for long, and then the answer is a refusal, never an older list.  An
 * own write is in the mirror already; another worker's comes with the stream.
 */
#include "daemon/api/matches.h"

#include <stdio.h>
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/names.h"
#include "daemon/api/parameters.h"
#include "daemon/api/records.h"
#include "daemon/api/resources.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/path_ids.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/mirror.h"
#include "daemon/vault/vault.h"

#define K_DEFAULT         20
#define VISIBLE_WITHIN_MS 300

/* What a route takes: the filters of its list, or, of one pair, nothing. */
static void read_question(struct flow *f, struct faults *faults, struct question *q)
{
	const struct match_filters *filters = flow_request(f)->of_route;

	query_only(f, faults, filters ? filters->names : NULL, filters ? filters->n : 0);
	if (!filters)
		return;
	query_number(f, faults, "k", 1, K_MAX, &q->k);
	filter_read(f, faults, &q->filter);
}

enum next await_write(struct flow *f, void *state)
{
	const char *token = flow_request(f)->position;
	struct mirror *mirror = flow_app(f)->mirror;
	struct faults *faults;
	struct question *q = state;
	uint64_t xid, id;

	if (!mirror_is_ready(mirror))
		return flow_refuse(f, "mirror-loading", NULL, NULL);
	q->k = K_DEFAULT;
	if (!token && flow_request(f)->n_query == 0)
		return STEP_NEXT;
	faults = faults_new(f);
	read_question(f, faults, q);
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

size_t place_of(uint64_t id, const struct match *found, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (found[i].id == id)
			return i + 1;
	}
	return 0;
}

struct terms terms_for(struct flow *f, day_t day)
{
	const struct app *app = flow_app(f);
	struct terms t = { .policy = app->policy,
		.near = catalog_adjacency(app->catalog),
		.today = day };

	if (request_masks(flow_request(f), "rank")) {
		t.order = ORDER_ONE_SET;
		vault_shuffle_key(app->vault, t.shuffle.of);
	}
	return t;
}

enum next begin_match(struct flow *f, struct question *q)
{
	struct app *app = flow_app(f);
	int64_t instant;
	bool fixed;
	int day;

	if (flow_status(f) != OK)
		return flow_refuse(f, "not-yet-visible", NULL, NULL);
	if (q->has_asked && !ask_apply(f, &q->ask))
		return ask_refuse(f, &q->ask);
	if (!ledger_clock(app->ledger, &day, &instant, &fixed))
		return flow_refuse(f, "ledger-away", NULL, NULL);
	q->head = (struct match_head){
		.city = app->city,
		.k = (size_t)q->k,
		.day = day,
		.seq = mirror_seq(app->mirror),
		.age_ms = mirror_age_ms(app->mirror),
		.following = mirror_is_following(app->mirror),
		.policy = app->policy->version,
		.busy = index_count_busy(mirror_index(app->mirror)),
		.of_first = q->filter.is_set ? K_MAX : 0,
		.words = catalog_skill_words(app->catalog),
	};
	q->terms = terms_for(f, day);
	metric_add(M_MATCH_QUERIES, 1);
	return STEP_NEXT;
}

enum next match_without(struct flow *f, struct question *q, uint64_t seeker, uint64_t vacancy)
{
	/* Both are in the ledger: what was asked for is the vacancy that has closed. */
	if (q->has_asked)
		return refuse_missing(f, seeker && vacancy ? 1 : 0);
	q->has_asked = true;
	return ask_records(f, &q->ask, seeker, vacancy);
}

static enum next reply_page(struct flow *f, const struct buf *page)
{
	return flow_reply_as(f, 200, "application/json", page->data, page->len);
}

/* A filter is applied to as many as the index gives. */
static size_t asked_of_index(const struct question *q)
{
	return q->filter.is_set ? K_MAX : q->head.k;
}

static enum next find_vacancies(struct flow *f, void *state)
{
	struct mirror *mirror = flow_app(f)->mirror;
	const struct index *ix = mirror_index(mirror);
	const struct request *r = flow_request(f);
	struct question *q = state;
	struct match found[K_MAX];
	struct match_post items[K_MAX];
	struct naming *names;
	struct seeker who;
	struct buf *page = flow_page(f);
	uint64_t id;
	size_t n_found, n = 0;

	if (begin_match(f, q) == STEP_DONE)
		return STEP_DONE;
	if (!codec_seeker_id(r->params[0], &id))
		return refuse_missing(f, 0);
	if (!index_seeker(ix, id, &who) || !scope_has_place(r->who->scope, who.place))
		return match_without(f, q, id, 0);
	n_found = best_vacancies(ix, &q->terms, &who, found, asked_of_index(q));
	for (size_t i = 0; i < n_found && n < q->head.k; i++) {
		struct vacancy_label label = { "", "", "" };
		struct match_post *item = &items[n];

		(void)index_vacancy(ix, found[i].id, &item->vacancy);
		if (q->filter.is_set &&
		    !filter_keeps_post(&q->filter, &q->terms, &who, &found[i], &item->vacancy))
			continue;
		mirror_label(mirror, found[i].id, &label);
		item->match = &found[i];
		item->position = i + 1;
		item->title = label.title;
		item->employer = label.employer;
		item->pay = label.pay;
		n++;
		/* Texts lie anywhere in memory: all are on their way before the first is read.
		 */
		__builtin_prefetch(label.title);
		__builtin_prefetch(label.employer);
		__builtin_prefetch(label.pay);
	}
	codec_write_posts(page, &q->head, &who, items, n);
	names = names_begin(f);
	for (size_t i = 0; i < n; i++) {
		names_occupation(names, items[i].vacancy.occupation);
		names_place(names, items[i].vacancy.place, 12);
	}
	names_end(names, page);
	return reply_page(f, page);
}

const struct plan get_seeker_matches = {
	.name = "GET seeker matches",
	.state_size = sizeof(struct question),
	.steps = { { "see the write", await_write, .may_fail = true },
	    { "find", find_vacancies, .again = true } },
};

static enum next find_seekers(struct flow *f, void *state)
{
	const struct index *ix = mirror_index(flow_app(f)->mirror);
	const struct request *r = flow_request(f);
	struct question *q = state;
	struct match found[K_MAX];
	struct match_person items[K_MAX];
	struct naming *names;
	struct vacancy post;
	struct buf *page = flow_page(f);
	uint64_t id;
	size_t n_found, n = 0;

	if (begin_match(f, q) == STEP_DONE)
		return STEP_DONE;
	if (!codec_decimal_id(r->params[0], &id))
		return refuse_missing(f, 0);
	if (!index_vacancy(ix, id, &post) || !scope_has_place(r->who->scope, post.place))
		return match_without(f, q, 0, id);
	n_found = best_seekers(ix, &q->terms, &post, found, asked_of_index(q));
	for (size_t i = 0; i < n_found && n < q->head.k; i++) {
		(void)index_seeker(ix, found[i].id, &items[n].seeker);
		if (q->filter.is_set && !filter_keeps_person(&q->filter, &q->terms, &post,
					    &found[i], &items[n].seeker))
			continue;
		items[n].match = &found[i];
		items[n++].position = i + 1;
	}
	codec_write_persons(page, &q->head, &post, items, n, !request_masks(r, "rank"));
	names = names_begin(f);
	for (size_t i = 0; i < n; i++) {
		names_place(names, items[i].seeker.place, 6);
		for (size_t w = 0; w < items[i].seeker.n_wishes; w++)
			names_occupation(names, items[i].seeker.wishes[w]);
	}
	names_end(names, page);
	return reply_page(f, page);
}

const struct plan get_vacancy_matches = {
	.name = "GET vacancy matches",
	.state_size = sizeof(struct question),
	.steps = { { "see the write", await_write, .may_fail = true },
	    { "find", find_seekers, .again = true } },
};
