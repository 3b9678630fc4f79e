/*
 * /v1/households: zero-employment households.  Whether it is one is computed
 * by the ledger from its members' records, never stated.
 */
#include "daemon/api/common.h"
#include "daemon/api/resources.h"

static enum next read_household(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct ask *ask = state;
	enum read_result result;
	const char *coded;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_household(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	ask_text(ask, coded);
	return STEP_NEXT;
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
	const char *given = flow_request(f)->params[0];
	struct faults *fs = faults_new(f);
	struct ask *c = state;
	uint64_t id;

	query_only(f, fs, NULL, 0);
	if (fs->n)
		return refuse_input(f, fs);
	if (!codec_decimal_id(given, &id))
		return refuse_missing(f);
	ask_text(c, given);
	return ask_ledger(f, c, LEDGER_READ_HOUSEHOLD);
}

const struct plan get_household = {
	.name = "GET household",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "look up", look_up },
		{ "answer", answer_reply },
	},
};
