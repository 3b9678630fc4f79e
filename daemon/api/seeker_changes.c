/*
 * /v1/seekers/{seeker} amended, and its dated facts: added, ended, voided; her
 * withdrawal and return, and two files made one.
 *
 * One plan serves every fact: the path says which kind and what is done to it,
 * the table here which body that takes.  Her telephone and address are sealed
 * on the way; nothing else that names her passes here.
 */
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/people.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/codec/changes.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/seeker.h"
#include "daemon/codec/statuses.h"

struct amending {
	struct ask ask;
	struct changed_seeker changed;
};

static enum next read_change(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct amending *g = state;
	struct codec c;

	ask_person(f, &g->ask, 0);
	ask_if_match(f, &g->ask);
	if (ask_codec(f, &g->ask, &c))
		ask_read(&g->ask,
		    codec_read_seeker_change(&c, r->body, r->body_len, &g->changed));
	return ask_check(f, &g->ask);
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
	body_shape *body;
};

static const struct doing doings[] = {
	{ "add", "unemployment", unemployment_body },
	{ "end", "unemployment", leaving_body },
	{ "void", "unemployment", fact_void_body },
	{ "add", "recognitions", recognition_body },
	{ "end", "recognitions", recovery_body },
	{ "void", "recognitions", fact_void_body },
	{ "add", "certificates", certificate_body },
	{ "inspect", "certificates", inspection_body },
	{ "void", "certificates", fact_void_body },
	{ "add", "retirement", retirement_body },
	{ "withdraw", "", leaving_body },
	{ "return", "", seeker_return_body },
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

static enum next record(struct flow *f, void *state)
{
	const struct doing *d = doing_of(f);
	struct ask *ask = state;

	if (!d)
		return refuse_missing(f);
	ask_person(f, ask, 0);
	ask_text(ask,
	    d->kind[0] ? arena_printf(flow_arena(f), "%s %s", d->verb, d->kind) : d->verb);
	if (flow_request(f)->params[1])
		ask_id(f, ask, 1);
	else
		ask_text(ask, NULL);
	ask_body(f, ask, d->body);
	return ask_ledger(f, ask, LEDGER_CHANGE_PERSON);
}

const struct plan post_seeker_fact = {
	.name = "POST seeker fact",
	.state_size = sizeof(struct ask),
	.steps = { { "record", record }, { "answer", answer_tagged } },
};

static enum next decide(struct flow *f, void *state)
{
	ask_person(f, state, 0);
	ask_text(state, strrchr(flow_request(f)->path, '/') + 1); /* merge, unmerge */
	ask_body(f, state, merge_body);
	return ask_ledger(f, state, LEDGER_MERGE_SEEKERS);
}

const struct plan post_seeker_merge = {
	.name = "POST seeker merge",
	.state_size = sizeof(struct ask),
	.steps = { { "decide", decide }, { "answer", answer_tagged } },
};
