/*
 * /v1/agencies/{agency}: the licence under which a job agency works.
 *
 * The agency is named as its keys name it: its code, or its name when it has
 * none.  What is put replaces the licence in force; what was in force before is
 * kept, because referrals were made under it.
 */
#include "daemon/api/people.h"
#include "daemon/api/resources.h"

#define NAME_MAX_BYTES 360

/* Nobody's key has a longer name. */
static bool ask_agency(struct flow *f, struct ask *c)
{
	const char *name = flow_request(f)->params[0];
	size_t n = 0;

	while (name[n] && n <= NAME_MAX_BYTES)
		n++;
	ask_text(c, name);
	return n <= NAME_MAX_BYTES;
}

static enum next read_licence(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct ask *ask = state;
	enum read_result result;
	const char *coded;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_agency(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	if (!ask_agency(f, ask))
		return refuse_missing(f);
	ask_if_match(f, c.faults, ask);
	ask_text(ask, wants_new_only(f, c.faults) ? "true" : "false");
	ask_text(ask, coded);
	if (c.faults->n)
		return refuse_input(f, c.faults);
	return ask_ledger(f, ask, LEDGER_PUT_AGENCY);
}

const struct plan put_agency = {
	.name = "PUT agency",
	.state_size = sizeof(struct ask),
	.steps = { { "record", read_licence }, { "answer", answer_reply } },
};

static enum next look_up(struct flow *f, void *state)
{
	struct faults *fs = faults_new(f);
	struct ask *ask = state;

	query_only(f, fs, NULL, 0);
	if (fs->n)
		return refuse_input(f, fs);
	if (!ask_agency(f, ask))
		return refuse_missing(f);
	return ask_ledger(f, ask, LEDGER_READ_AGENCY);
}

const struct plan get_agency = {
	.name = "GET agency",
	.state_size = sizeof(struct ask),
	.steps = { { "look up", look_up }, { "answer", answer_reply } },
};
