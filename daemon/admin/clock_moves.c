/*
 * GET /clock, POST /clock: the clock of a sandbox, read and moved.
 *
 * The ledger moves it a midnight at a time and does each day's work in between, some at a
 * time: it is called again until it has arrived.  Before the answer goes out, every worker of
 * this daemon goes by the new clock.
 */
#include "daemon/admin/admin_plans.h"
#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/codec/clock_move.h"
#include "daemon/codec/ledger_answer.h"

static enum next read_clock(struct flow *f, void *state)
{
	return admin_ledger(f, state, LEDGER_READ_CLOCK);
}

const struct plan get_clock = {
	.name = "GET clock",
	.state_size = sizeof(struct ask),
	.steps = { { "read", read_clock }, { "answer", answer_reply } },
};

enum { GOES_ON = 202 };

static enum next move(struct flow *f, void *state)
{
	struct ask *ask = state;

	if (ask->n_args == 0) {
		ask_body(f, ask, clock_body);
		ask_text(ask, NULL);
		return admin_ledger(f, ask, LEDGER_MOVE_CLOCK);
	}
	if (!ask_apply(f, ask))
		return ask_refuse(f, ask);
	if (ask->reply.status != GOES_ON)
		return STEP_NEXT;
	/* From where it set out. */
	ask->args[1] = ARG_TEXT(codec_member_text(flow_arena(f), ask->reply.body, "from"));
	return admin_ledger(f, ask, LEDGER_MOVE_CLOCK);
}

static enum next follow(struct flow *f, void *state)
{
	(void)state;
	ledger_follow_clock(flow_app(f)->ledger, flow_resume(f));
	return STEP_WAIT;
}

static enum next tell(struct flow *f, void *state)
{
	const struct ask *ask = state;

	return ask_answer(f, ask, ask->reply.body);
}

const struct plan post_clock = {
	.name = "POST clock",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "move", move, .again = true },
		{ "follow", follow },
		{ "tell", tell },
	},
};
