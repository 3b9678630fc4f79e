/*
 * /v1/officers: the people behind an organisation's keys (rules/officers), and who
 * stands in for whom (rules/delegation).
 *
 * A secret is made here and stands in one answer; the ledger has its hash.  A
 * repeated POST is answered without the secret, which is nowhere any more; POST
 * .../secret makes another.  So it is with the code for a secret of one's own
 * (rules/own-secret).
 */
#include "daemon/api/officers.h"

#include <stdio.h>
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/officer.h"
#include "daemon/vault/vault.h"

struct registering_officer {
	struct ask ask;
	uint64_t id;
	char secret[48];
	uint8_t hash[SECRET_LEN], code_hash[SECRET_LEN];
};

static void new_secret(struct registering_officer *g)
{
	char unused[17];

	vault_new_secret(unused, g->secret);
	vault_hash_secret(g->secret, g->hash);
}

static enum next record(struct flow *f, void *state)
{
	struct registering_officer *g = state;

	g->id = vault_random_id();
	new_secret(g);
	ask_text(&g->ask, person_row(flow_arena(f), g->id));
	ask_bytes(&g->ask, g->hash, sizeof(g->hash));
	ask_body(f, &g->ask, officer_body);
	return ask_ledger(f, &g->ask, LEDGER_CREATE_OFFICER);
}

static enum next show_once(struct flow *f, void *state)
{
	struct registering_officer *g = state;
	struct text_member actor = { "actor", NULL };

	if (!ask_settle(f, &g->ask))
		return ask_refuse(f, &g->ask);
	if (!g->ask.reply.replayed)
		actor.value = arena_printf(flow_arena(f), "vo_%016llx_%s",
		    (unsigned long long)g->id, g->secret);
	explicit_bzero(g->secret, sizeof(g->secret));
	return ask_answer(f, &g->ask,
	    codec_with_members(flow_arena(f), g->ask.reply.body, &actor, 1));
}

const struct plan post_officer = {
	.name = "POST officer",
	.state_size = sizeof(struct registering_officer),
	.steps = { { "record", record }, { "show once", show_once } },
};

static enum next renew(struct flow *f, void *state)
{
	struct registering_officer *g = state;

	new_secret(g);
	g->id = ask_person(f, &g->ask, 0);
	ask_bytes(&g->ask, g->hash, sizeof(g->hash));
	ask_nothing(f, &g->ask);
	return ask_ledger(f, &g->ask, LEDGER_RENEW_OFFICER);
}

const struct plan post_officer_secret = {
	.name = "POST officer secret",
	.state_size = sizeof(struct registering_officer),
	.steps = { { "renew", renew }, { "show once", show_once } },
};

/* Of a code the ledger has the hash of the body that brings it: neither stands in a call. */
static void hash_code(const char *body, uint8_t out[static SECRET_LEN])
{
	vault_hash_secret(body, out);
}

void officer_hash_code(struct arena *a, const char *code, uint8_t out[static SECRET_LEN])
{
	hash_code(arena_printf(a, "{\"code\":\"%s\"}", code), out);
}

static enum next make_code(struct flow *f, void *state)
{
	struct registering_officer *g = state;

	new_secret(g);
	officer_hash_code(flow_arena(f), g->secret, g->hash);
	g->id = ask_person(f, &g->ask, 0);
	ask_bytes(&g->ask, g->hash, sizeof(g->hash));
	ask_nothing(f, &g->ask);
	return ask_ledger(f, &g->ask, LEDGER_MAKE_SECRET_CODE);
}

static enum next show_code_once(struct flow *f, void *state)
{
	struct registering_officer *g = state;
	struct text_member code = { "code", NULL };

	if (!ask_settle(f, &g->ask))
		return ask_refuse(f, &g->ask);
	if (!g->ask.reply.replayed)
		code.value = arena_printf(flow_arena(f), "%s", g->secret);
	explicit_bzero(g->secret, sizeof(g->secret));
	return ask_answer(f, &g->ask,
	    codec_with_members(flow_arena(f), g->ask.reply.body, &code, 1));
}

const struct plan post_secret_code = {
	.name = "POST officer secret code",
	.state_size = sizeof(struct registering_officer),
	.steps = { { "make", make_code }, { "show once", show_code_once } },
};

static enum next make_own(struct flow *f, void *state)
{
	struct registering_officer *g = state;
	struct ledger_arg *said;

	g->id = ask_person(f, &g->ask, 0);
	ask_body(f, &g->ask, secret_code_body);
	said = &g->ask.args[g->ask.n_args - 1];
	hash_code(said->data ? said->data : "", g->code_hash);
	*said = ARG_BYTES(g->code_hash, sizeof(g->code_hash));
	new_secret(g);
	ask_bytes(&g->ask, g->hash, sizeof(g->hash));
	return ask_ledger(f, &g->ask, LEDGER_SET_OWN_SECRET);
}

const struct plan post_own_secret = {
	.name = "POST officer own secret",
	.state_size = sizeof(struct registering_officer),
	.steps = { { "make", make_own }, { "show once", show_once } },
};

static enum next find(struct flow *f, void *state)
{
	static const char *const known[] = { "state", "limit", "sort", "cursor" };
	static const struct order by_id = { "id", "n" };
	struct listing *l = state;
	int which = query_choice(f, ask_faults(f, &l->ask), "state", LIST_OFFICER_STATES);

	ask_parameters(f, &l->ask, known, 4);
	ask_text(&l->ask, which < 0 ? NULL : which == OFFICER_STATES_LIVE ? "true" : "false");
	list_read(f, &by_id, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_OFFICERS);
}

const struct plan get_officers = {
	.name = "GET officers",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "find", find }, { "answer", answer_page, .again = true } },
};
