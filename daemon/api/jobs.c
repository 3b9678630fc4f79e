/*
 * /v1/placements/{placement}/end: a job that is over.
 *
 * It takes nothing back: the flow into work has happened and stays counted.
 */
#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/resources.h"
#include "daemon/codec/changes.h"

static enum next end(struct flow *f, void *state)
{
	ask_id(f, state, 0);
	ask_body(f, state, job_end_body);
	return ask_ledger(f, state, LEDGER_END_PLACEMENT);
}

const struct plan end_placement = {
	.name = "POST placement end",
	.state_size = sizeof(struct ask),
	.steps = { { "end", end }, { "answer", answer_reply } },
};
