/*
 * /v1/public-welfare-posts: slots that a district approves; each becomes one
 * row, because slots, not approvals, are counted.
 */
#include "daemon/api/common.h"
#include "daemon/api/resources.h"

static enum next read_posts(struct flow *f, void *state)
{
	return ask_read(f, state, false, codec_read_posts);
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
