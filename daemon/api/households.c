/*
 * /v1/households: zero-employment households.  Whether it is one is computed
 * by the ledger from its members' records, never stated.
 */
#include "daemon/api/common.h"
#include "daemon/api/resources.h"

static enum next read_household(struct flow *f, void *state)
{
	return ask_read(f, state, false, codec_read_household);
}

static enum next record(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_REGISTER_HOUSEHOLD);
}

const struct plan post_household = {
	.name = "POST household",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_household },
		{ "record", record },
		{ "answer", answer_reply },
	},
};

static enum next look_up(struct flow *f, void *state)
{
	return ask_by_id(f, state, LEDGER_READ_HOUSEHOLD);
}

const struct plan get_household = {
	.name = "GET household",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "look up", look_up },
		{ "answer", answer_reply },
	},
};
