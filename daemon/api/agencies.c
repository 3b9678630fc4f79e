/*
 * /v1/agencies/{agency}: the licence under which a job agency works.
 *
 * The agency is named as its keys name it: its code, or its name when it has
 * none.  What is put replaces the licence in force; what was in force before is
 * kept, because referrals were made under it.
 */
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/resources.h"
#include "daemon/codec/referral.h"

#define NAME_MAX_BYTES 360

/* Nobody's key has a longer name. */
static void ask_agency(struct flow *f, struct ask *ask)
{
	const char *name = flow_request(f)->params[0];

	if (strlen(name) > NAME_MAX_BYTES)
		ask_wrong(ask, "not-found");
	ask_text(ask, name);
}

static enum next record(struct flow *f, void *state)
{
	ask_agency(f, state);
	ask_if_match(f, state);
	ask_new_only(f, state);
	ask_body(f, state, agency_body);
	return ask_ledger(f, state, LEDGER_PUT_AGENCY);
}

const struct plan put_agency = {
	.name = "PUT agency",
	.state_size = sizeof(struct ask),
	.steps = { { "record", record }, { "answer", answer_reply } },
};

static enum next look_up(struct flow *f, void *state)
{
	ask_agency(f, state);
	return ask_ledger(f, state, LEDGER_READ_AGENCY);
}

const struct plan get_agency = {
	.name = "GET agency",
	.state_size = sizeof(struct ask),
	.steps = { { "look up", look_up }, { "answer", answer_reply } },
};
