/*
 * GET /v1/seekers/{seeker}/matches/{vacancy}: why she is, or is not, shown for
 * this post.
 *
 * Any pair of the city is explained, by the same functions that make the lists,
 * so it cannot say another thing than they do.  Where the seeker stands among all who are
 * eligible for the post, and the post among all of theirs, is counted in the caller's order.
 */
#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/matches.h"
#include "daemon/api/resources.h"
#include "daemon/base/buf.h"
#include "daemon/codec/pair_answer.h"
#include "daemon/codec/path_ids.h"
#include "daemon/mirror/mirror.h"

static enum next explain(struct flow *f, void *state)
{
	const struct index *ix = mirror_index(flow_app(f)->mirror);
	const struct request *r = flow_request(f);
	struct question *q = state;
	struct match_pair p = { 0 };
	struct buf *page = flow_page(f);
	struct vacancy post;
	struct seeker who;
	uint64_t her, id;

	if (begin_match(f, q) == STEP_DONE)
		return STEP_DONE;
	if (!codec_seeker_id(r->params[0], &her))
		return refuse_missing(f, 0);
	if (!codec_decimal_id(r->params[1], &id))
		return refuse_missing(f, 1);
	if (!index_seeker(ix, her, &who) || !scope_has_place(r->who->scope, who.place) ||
	    !index_vacancy(ix, id, &post))
		return match_without(f, q, her, id);
	p.who = &who;
	p.post = &post;
	p.widened = ineligible_rules(&q->terms, &who, &post, false) & UINT32_C(1)
									  << RULE_OCCUPATION;
	p.failed = ineligible_rules(&q->terms, &who, &post, true);
	if (!p.failed) {
		p.score = score_pair(&q->terms, &who, &post);
		p.among_vacancies = position_of_vacancy(ix, &q->terms, &who, &post);
		p.among_seekers = position_of_seeker(ix, &q->terms, &post, &who);
	}
	codec_write_pair(page, &q->head, &p);
	return flow_reply_as(f, 200, "application/json", page->data, page->len);
}

const struct plan get_seeker_match = {
	.name = "GET seeker match",
	.state_size = sizeof(struct question),
	.steps = { { "see the write", await_write, .may_fail = true },
	    { "explain", explain, .again = true } },
};
