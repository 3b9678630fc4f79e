/*
 * /v1/households: zero-employment households.  Whether it is one is computed
 * by the ledger from its members' records, never stated; who belongs to it is
 * amended as a whole list, from a day on.
 */
#include "daemon/api/people.h"
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
		{ "answer", answer_tagged },
	},
};

static enum next look_up(struct flow *f, void *state)
{
	static const char *const parameters[] = { "as_of" };
	const char *given = flow_request(f)->params[0];
	struct faults *fs = faults_new(f);
	struct ask *ask = state;
	uint64_t id;

	if (!codec_decimal_id(given, &id))
		return refuse_missing(f);
	query_only(f, fs, parameters, 1);
	ask_text(ask, given);
	ask_as_of(f, fs, ask);
	if (fs->n)
		return refuse_input(f, fs);
	return ask_ledger(f, ask, LEDGER_READ_HOUSEHOLD);
}

const struct plan get_household = {
	.name = "GET household",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "look up", look_up },
		{ "answer", answer_tagged },
	},
};

static enum next read_change(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct ask *ask = state;
	enum read_result result;
	const char *coded;
	struct codec c;
	uint64_t id;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	if (!codec_decimal_id(r->params[0], &id))
		return refuse_missing(f);
	ask_text(ask, r->params[0]);
	query_only(f, c.faults, NULL, 0);
	ask_if_match(f, c.faults, ask);
	result = codec_read_household_change(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	ask_text(ask, coded);
	return STEP_NEXT;
}

static enum next amend(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_AMEND_HOUSEHOLD);
}

const struct plan patch_household = {
	.name = "PATCH household",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_change },
		{ "amend", amend },
		{ "answer", answer_tagged },
	},
};

static enum next read_end(struct flow *f, void *state)
{
	return ask_read(f, state, true, codec_read_household_end);
}

static enum next end(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_END_HOUSEHOLD);
}

const struct plan end_household = {
	.name = "POST household end",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_end },
		{ "end", end },
		{ "answer", answer_tagged },
	},
};
