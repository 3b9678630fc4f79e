/*
 * /v1/placements/{placement}/end: a job that is over.
 *
 * It takes nothing back: the flow into work has happened and stays counted.
 */
#include "daemon/api/common.h"
#include "daemon/api/resources.h"

static enum next read_end(struct flow *f, void *state)
{
	return ask_read(f, state, true, codec_read_job_end);
}

static enum next end(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_END_PLACEMENT);
}

const struct plan end_placement = {
	.name = "POST placement end",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_end },
		{ "end", end },
		{ "answer", answer_reply },
	},
};
