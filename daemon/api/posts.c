/*
 * /v1/public-welfare-posts: slots that a district approves; each becomes one
 * row, because slots, not approvals, are counted.
 */
#include "daemon/api/common.h"
#include "daemon/api/resources.h"

static enum next read_posts(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct ask *ask = state;
	enum read_result result;
	const char *coded;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_posts(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	ask_text(ask, coded);
	return STEP_NEXT;
}

static enum next record(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_APPROVE_POSTS);
}

const struct plan post_posts = {
	.name = "POST public-welfare posts",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_posts },
		{ "record", record },
		{ "answer", answer_reply },
	},
};
