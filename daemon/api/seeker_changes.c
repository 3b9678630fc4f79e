/*
 * /v1/seekers/{seeker} amended, and its dated facts: added, ended, voided; her
 * withdrawal and return, and two files made one.
 *
 * One plan serves every fact: the path says which kind and what is done to it,
 * the table here which body that takes.  Her telephone and address are sealed
 * on the way; nothing else that names her passes here.
 */
#include <string.h>

#include "daemon/api/people.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"

struct amending {
	struct ask ask;
	struct changed_seeker changed;
};

static enum next read_change(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct amending *g = state;
	enum read_result result;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	if (!ask_seeker(f, &g->ask))
		return refuse_missing(f);
	query_only(f, c.faults, NULL, 0);
	ask_if_match(f, c.faults, &g->ask);
	result = codec_read_seeker_change(&c, r->body, r->body_len, &g->changed);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	return STEP_NEXT;
}

static enum next amend(struct flow *f, void *state)
{
	struct amending *g = state;
	const char *row = g->ask.args[0].data;
	const struct text_member blind = { "phone_blind",
		blind_telephone(f, g->changed.telephone) };

	ask_text(&g->ask, codec_with_members(flow_arena(f), g->changed.coded, &blind, 1));
	ask_sealed(f, &g->ask, "person", "phone", row, g->changed.telephone);
	ask_sealed(f, &g->ask, "person", "address", row, g->changed.address);
	return ask_ledger(f, &g->ask, LEDGER_AMEND_SEEKER);
}

const struct plan patch_seeker = {
	.name = "PATCH seeker",
	.state_size = sizeof(struct amending),
	.steps = {
		{ "read", read_change },
		{ "amend", amend },
		{ "answer", answer_tagged },
	},
};

struct doing {
	const char *verb, *kind;
	body_reader *read;
};

static const struct doing doings[] = {
	{ "add", "unemployment", codec_read_unemployment },
	{ "end", "unemployment", codec_read_leaving },
	{ "void", "unemployment", codec_read_fact_void },
	{ "add", "recognitions", codec_read_recognition },
	{ "end", "recognitions", codec_read_recovery },
	{ "void", "recognitions", codec_read_fact_void },
	{ "add", "certificates", codec_read_certificate },
	{ "inspect", "certificates", codec_read_inspection },
	{ "void", "certificates", codec_read_fact_void },
	{ "add", "retirement", codec_read_retirement },
	{ "withdraw", "", codec_read_leaving },
	{ "return", "", codec_read_return_of_seeker },
};

/* ".../{seeker}/withdraw", ".../{seeker}/unemployment", ".../{seeker}/unemployment/7/end" */
static const struct doing *doing_of(struct flow *f)
{
	const struct request *r = flow_request(f);
	const char *kind = r->path + strlen("/v1/seekers/") + strlen(r->params[0]) + 1;
	const char *verb = r->params[1] ? strrchr(kind, '/') + 1 : "add";
	size_t n = strcspn(kind, "/");

	for (size_t i = 0; i < sizeof(doings) / sizeof(doings[0]); i++) {
		const struct doing *d = &doings[i];
		bool is_kind = strlen(d->kind) == n && strncmp(d->kind, kind, n) == 0;

		if (d->kind[0] ? is_kind && strcmp(d->verb, verb) == 0
			       : strcmp(d->verb, kind) == 0)
			return d;
	}
	return NULL;
}

static enum next read_doing(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	const struct doing *d = doing_of(f);
	struct ask *ask = state;
	enum read_result result;
	const char *coded;
	struct codec c;
	uint64_t fact;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	if (!d || !ask_seeker(f, ask) ||
	    (r->params[1] && !codec_decimal_id(r->params[1], &fact)))
		return refuse_missing(f);
	query_only(f, c.faults, NULL, 0);
	result = d->read(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	ask_text(ask,
	    d->kind[0] ? arena_printf(flow_arena(f), "%s %s", d->verb, d->kind) : d->verb);
	ask_text(ask, r->params[1]);
	ask_text(ask, coded);
	return STEP_NEXT;
}

static enum next record(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_CHANGE_PERSON);
}

const struct plan post_seeker_fact = {
	.name = "POST seeker fact",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_doing },
		{ "record", record },
		{ "answer", answer_tagged },
	},
};

static enum next read_merge(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct ask *ask = state;
	enum read_result result;
	const char *coded;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	if (!ask_seeker(f, ask))
		return refuse_missing(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_merge(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	ask_text(ask, strrchr(r->path, '/') + 1); /* merge, unmerge */
	ask_text(ask, coded);
	return STEP_NEXT;
}

static enum next decide(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_MERGE_SEEKERS);
}

const struct plan post_seeker_merge = {
	.name = "POST seeker merge",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_merge },
		{ "decide", decide },
		{ "answer", answer_tagged },
	},
};
