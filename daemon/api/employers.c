/*
 * /v1/employers/{employer}: who files, and in which districts.
 *
 * The code in the path is folded to its canonical form (upper case, no hyphen,
 * half width) before anything is looked up, so one employer has one resource.
 */
#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/codec/employer.h"

static void ask_employer(struct flow *f, struct ask *ask)
{
	ask_text(ask, path_employer(f, ask_faults(f, ask)));
}

static enum next record(struct flow *f, void *state)
{
	ask_employer(f, state);
	ask_body(f, state, employer_body);
	ask_new_only(f, state);
	return ask_ledger(f, state, LEDGER_PUT_EMPLOYER);
}

const struct plan put_employer = {
	.name = "PUT employer",
	.state_size = sizeof(struct ask),
	.steps = { { "record", record }, { "answer", answer_reply } },
};

static enum next look_up(struct flow *f, void *state)
{
	ask_employer(f, state);
	return ask_ledger(f, state, LEDGER_READ_EMPLOYER);
}

const struct plan get_employer = {
	.name = "GET employer",
	.state_size = sizeof(struct ask),
	.steps = { { "look up", look_up }, { "answer", answer_reply } },
};
