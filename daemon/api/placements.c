/*
 * /v1/placements: reported once, confirmed by the other side, registered at a
 * community, or void.
 *
 * Every check is the ledger's, under its locks; nothing is looked up first,
 * because what was true before the lock proves nothing.
 */
#include "daemon/api/common.h"
#include "daemon/api/resources.h"

static enum next read_placement(struct flow *f, void *state)
{
	return ask_read(f, state, false, codec_read_placement);
}

static enum next record_once(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_REPORT_PLACEMENT);
}

const struct plan post_placement = {
	.name = "POST placement",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_placement },
		{ "record once", record_once },
		{ "answer", answer_reply },
	},
};

static enum next read_registration(struct flow *f, void *state)
{
	return ask_read(f, state, true, codec_read_registration);
}

static enum next register_it(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_REGISTER_PLACEMENT);
}

const struct plan register_placement = {
	.name = "POST placement register",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_registration },
		{ "register", register_it },
		{ "answer", answer_reply },
	},
};

static enum next read_voiding(struct flow *f, void *state)
{
	return ask_read(f, state, true, codec_read_voiding);
}

static enum next void_it(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_VOID_PLACEMENT);
}

const struct plan void_placement = {
	.name = "POST placement void",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_voiding },
		{ "void", void_it },
		{ "answer", answer_reply },
	},
};

static enum next confirm(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct ask *ask = state;
	enum read_result result;
	struct codec c;
	uint64_t id;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	if (!codec_decimal_id(r->params[0], &id))
		return refuse_missing(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_nothing(&c, r->body, r->body_len);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	ask_text(ask, r->params[0]);
	return ask_ledger(f, ask, LEDGER_CONFIRM_PLACEMENT);
}

const struct plan confirm_placement = {
	.name = "POST placement confirm",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "confirm", confirm },
		{ "answer", answer_reply },
	},
};

static enum next look_up(struct flow *f, void *state)
{
	return ask_by_id(f, state, LEDGER_READ_PLACEMENT);
}

const struct plan get_placement = {
	.name = "GET placement",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "look up", look_up },
		{ "answer", answer_reply },
	},
};
