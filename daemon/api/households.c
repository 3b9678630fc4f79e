/*
 * /v1/households: zero-employment households.  Whether it is one is computed
 * by the ledger from its members' records, never stated; who belongs to it is
 * amended as a whole list, from a day on.
 */
#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/resources.h"
#include "daemon/codec/changes.h"
#include "daemon/codec/household.h"

static enum next record(struct flow *f, void *state)
{
	ask_body(f, state, household_body);
	return ask_ledger(f, state, LEDGER_REGISTER_HOUSEHOLD);
}

const struct plan post_household = {
	.name = "POST household",
	.state_size = sizeof(struct ask),
	.steps = { { "record", record }, { "answer", answer_tagged } },
};

static enum next look_up(struct flow *f, void *state)
{
	static const char *const known[] = { "as_of" };

	ask_parameters(f, state, known, 1);
	ask_id(f, state, 0);
	ask_as_of(f, state);
	return ask_ledger(f, state, LEDGER_READ_HOUSEHOLD);
}

const struct plan get_household = {
	.name = "GET household",
	.state_size = sizeof(struct ask),
	.steps = { { "look up", look_up }, { "answer", answer_tagged } },
};

static enum next amend(struct flow *f, void *state)
{
	ask_id(f, state, 0);
	ask_if_match(f, state);
	ask_body(f, state, household_change_body);
	return ask_ledger(f, state, LEDGER_AMEND_HOUSEHOLD);
}

const struct plan patch_household = {
	.name = "PATCH household",
	.state_size = sizeof(struct ask),
	.steps = { { "amend", amend }, { "answer", answer_tagged } },
};

static enum next end(struct flow *f, void *state)
{
	ask_id(f, state, 0);
	ask_body(f, state, household_end_body);
	return ask_ledger(f, state, LEDGER_END_HOUSEHOLD);
}

const struct plan end_household = {
	.name = "POST household end",
	.state_size = sizeof(struct ask),
	.steps = { { "end", end }, { "answer", answer_tagged } },
};
