/*
 * /v1/seekers/{seeker} amended.
 *
 * Telephone and address are sealed on the way; nothing else that names the
 * seeker passes here.
 */

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/blind_index.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/seeker.h"

struct amending_seeker {
	struct ask ask;
	struct changed_seeker changed;
};

static enum next read_change(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct amending_seeker *g = state;
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
	struct amending_seeker *g = state;
	const char *row = g->ask.args[0].data;
	const struct text_member blind[] = {
		{ "phone_blind", blind_telephone(f, flow_arena(f), g->changed.telephone) },
		{ "address_blind", blind_address(f, flow_arena(f), g->changed.address) },
	};

	ask_text(&g->ask, codec_with_members(flow_arena(f), g->changed.coded, blind, 2));
	ask_sealed(f, &g->ask, "person", "phone", row, g->changed.telephone);
	ask_sealed(f, &g->ask, "person", "address", row, g->changed.address);
	return ask_ledger(f, &g->ask, LEDGER_AMEND_SEEKER);
}

const struct plan patch_seeker = {
	.name = "PATCH seeker",
	.state_size = sizeof(struct amending_seeker),
	.steps = {
		{ "read", read_change },
		{ "amend", amend },
		{ "answer", answer_tagged },
	},
};
