/*
 * /v1/employers/{employer}: who files, and in which districts.
 *
 * The code in the path is folded to its canonical form (upper case, no hyphen,
 * half width) before anything is looked up, so one employer has one resource.
 */
#include "daemon/api/common.h"
#include "daemon/api/resources.h"

struct naming {
	struct ask ask;
	const char *body;
};

static enum next read_employer(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct naming *n = state;
	enum read_result result;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	ask_text(&n->ask, path_employer(f, c.faults));
	query_only(f, c.faults, NULL, 0);
	result = codec_read_employer(&c, r->body, r->body_len, &n->body);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	ask_text(&n->ask, n->body);
	ask_text(&n->ask, wants_new_only(f, c.faults) ? "true" : "false");
	return c.faults->n ? refuse_input(f, c.faults) : STEP_NEXT;
}

static enum next record(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_PUT_EMPLOYER);
}

const struct plan put_employer = {
	.name = "PUT employer",
	.state_size = sizeof(struct naming),
	.steps = {
		{ "read", read_employer },
		{ "record", record },
		{ "answer", answer_reply },
	},
};

static enum next look_up(struct flow *f, void *state)
{
	struct faults *fs = faults_new(f);
	struct ask *c = state;

	ask_text(c, path_employer(f, fs));
	query_only(f, fs, NULL, 0);
	if (fs->n)
		return refuse_input(f, fs);
	return ask_ledger(f, c, LEDGER_READ_EMPLOYER);
}

const struct plan get_employer = {
	.name = "GET employer",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "look up", look_up },
		{ "answer", answer_reply },
	},
};
