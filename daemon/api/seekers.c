/*
 * /v1/seekers: registering a person, and looking at her file.
 *
 * Only here are the citizen number, name, telephone and address sealed, found
 * by blind index, and opened; each look is written down by the ledger in the
 * same transaction.  Her id is random and made before she is recorded, because
 * the sealed fields are bound to it.
 */

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/blind_index.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/person.h"
#include "daemon/codec/seeker.h"
#include "daemon/vault/vault.h"

struct registering_seeker {
	struct ask ask;
	struct filed_seeker filed;
	uint8_t blind[BLIND_LEN];
};

static enum next read_seeker(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct registering_seeker *g = state;
	struct codec c;

	if (ask_codec(f, &g->ask, &c))
		ask_read(&g->ask, codec_read_seeker(&c, r->body, r->body_len, &g->filed));
	return ask_check(f, &g->ask);
}

static enum next record(struct flow *f, void *state)
{
	struct registering_seeker *g = state;
	struct arena *a = flow_arena(f);
	const char *row = person_row(a, vault_random_id());
	const struct text_member blinds[] = {
		{ "name_blind", blind_name(f, flow_arena(f), g->filed.name) },
		{ "phone_blind", blind_telephone(f, flow_arena(f), g->filed.telephone) },
		{ "address_blind", blind_address(f, flow_arena(f), g->filed.address) },
	};

	vault_blind(flow_app(f)->vault, g->filed.citizen, g->blind);
	ask_text(&g->ask, row);
	ask_bytes(&g->ask, g->blind, sizeof(g->blind));
	ask_sealed(f, &g->ask, "person", "citizen", row, g->filed.citizen);
	ask_sealed(f, &g->ask, "person", "name", row, g->filed.name);
	ask_sealed(f, &g->ask, "person", "phone", row, g->filed.telephone);
	ask_sealed(f, &g->ask, "person", "address", row, g->filed.address);
	ask_text(&g->ask, codec_with_members(a, g->filed.coded, blinds, 3));
	return ask_ledger(f, &g->ask, LEDGER_REGISTER_SEEKER);
}

const struct plan post_seeker = {
	.name = "POST seeker",
	.state_size = sizeof(struct registering_seeker),
	.steps = {
		{ "read", read_seeker },
		{ "record", record },
		{ "answer", answer_reply },
	},
};

struct looking {
	struct ask ask;
	uint64_t id;
};

static enum next look_up(struct flow *f, void *state)
{
	static const char *const known[] = { "as_of" };
	struct looking *l = state;

	ask_parameters(f, &l->ask, known, 1);
	l->id = ask_person(f, &l->ask, 0);
	ask_as_of(f, &l->ask);
	return ask_ledger(f, &l->ask, LEDGER_READ_SEEKER);
}

static enum next answer_file(struct flow *f, void *state)
{
	const struct looking *l = state;
	const struct reply *r = &l->ask.reply;
	const char *row = person_row(flow_arena(f), l->id);
	struct opened_person opened;

	if (!ask_settle(f, &l->ask))
		return ask_refuse(f, &l->ask);
	tag_version(f, r->body);
	if (request_masks(flow_request(f), "name")) /* nothing sealed came */
		return ask_answer(f, &l->ask, r->body);
	opened = (struct opened_person){
		.citizen = unseal(f, r, "person", "citizen", row),
		.name = unseal(f, r, "person", "name", row),
		.telephone = unseal(f, r, "person", "phone", row),
		.address = unseal(f, r, "person", "address", row),
	};
	return ask_answer(f, &l->ask,
	    codec_write_person(flow_arena(f), flow_app(f)->catalog, r->body, &opened));
}

const struct plan get_seeker = {
	.name = "GET seeker",
	.state_size = sizeof(struct looking),
	.steps = { { "look up", look_up }, { "answer", answer_file } },
};
