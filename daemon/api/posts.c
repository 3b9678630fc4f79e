/*
 * /v1/public-welfare-posts: slots that a district approves; each becomes one
 * row, because slots, not approvals, are counted.
 */
#include "daemon/codec/posts.h"
#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/resources.h"

static enum next record(struct flow *f, void *state)
{
	ask_body(f, state, posts_body);
	return ask_ledger(f, state, LEDGER_APPROVE_POSTS);
}

const struct plan post_posts = {
	.name = "POST public-welfare posts",
	.state_size = sizeof(struct ask),
	.steps = { { "record", record }, { "answer", answer_reply } },
};
