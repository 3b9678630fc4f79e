/*
 * /v1/placements: reported once, confirmed by the other side, registered at a
 * community, or void.
 *
 * Every check is the ledger's, under its locks; nothing is looked up first,
 * because what was true before the lock proves nothing.
 */
#include "daemon/api/common.h"
#include "daemon/api/resources.h"

typedef enum read_result reader(const struct codec *c, const char *body, size_t len,
    const char **coded);

/* The path's placement, if the route has one, and the body by its reader. */
static enum next read_with(struct flow *f, struct ask *ask, bool has_id, reader *read)
{
	const struct request *r = flow_request(f);
	enum read_result result;
	const char *coded;
	struct codec c;
	uint64_t id;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	if (has_id && !codec_decimal_id(r->params[0], &id))
		return refuse_missing(f);
	query_only(f, c.faults, NULL, 0);
	result = read(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	if (has_id)
		ask_text(ask, r->params[0]);
	ask_text(ask, coded);
	return STEP_NEXT;
}

static enum next read_placement(struct flow *f, void *state)
{
	return read_with(f, state, false, codec_read_placement);
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
	return read_with(f, state, true, codec_read_registration);
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
	return read_with(f, state, true, codec_read_voiding);
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
	const char *given = flow_request(f)->params[0];
	struct faults *fs = faults_new(f);
	struct ask *ask = state;
	uint64_t id;

	query_only(f, fs, NULL, 0);
	if (fs->n)
		return refuse_input(f, fs);
	if (!codec_decimal_id(given, &id))
		return refuse_missing(f);
	ask_text(ask, given);
	return ask_ledger(f, ask, LEDGER_READ_PLACEMENT);
}

const struct plan get_placement = {
	.name = "GET placement",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "look up", look_up },
		{ "answer", answer_reply },
	},
};
