/*
 * POST /keys/{kid}/officers: the first person behind the organisation of a key; and
 * POST /officers/{officer}/code: a code for a secret of their own, where no lead can give it.
 *
 * Those after her are registered through the API by a lead.  Her secret is made
 * here and stands in one answer, as does a code; the ledger is given its hash.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/admin/admin_plans.h"
#include "daemon/api/ask.h"
#include "daemon/api/officers.h"
#include "daemon/base/arena.h"
#include "daemon/codec/officer.h"
#include "daemon/vault/vault.h"

struct registering_first {
	struct ask ask;
	uint64_t id;
	char secret[48];
	uint8_t hash[SECRET_LEN];
};

static enum next record(struct flow *f, void *state)
{
	struct registering_first *g = state;
	char unused[17];

	g->id = vault_random_id();
	vault_new_secret(unused, g->secret);
	vault_hash_secret(g->secret, g->hash);
	ask_text(&g->ask, flow_request(f)->params[0]);
	ask_text(&g->ask, arena_printf(flow_arena(f), "%llu", (unsigned long long)g->id));
	ask_bytes(&g->ask, g->hash, sizeof(g->hash));
	ask_body(f, &g->ask, officer_body);
	return admin_ledger(f, &g->ask, LEDGER_CREATE_FIRST_OFFICER);
}

static enum next show_once(struct flow *f, void *state)
{
	struct registering_first *g = state;
	char actor[80];
	enum next next;

	snprintf(actor, sizeof(actor), "vo_%016llx_%s", (unsigned long long)g->id, g->secret);
	next = admin_show_once(f, &g->ask.reply, "actor", actor);
	explicit_bzero(actor, sizeof(actor));
	explicit_bzero(g->secret, sizeof(g->secret));
	return next;
}

const struct plan post_first_officer = {
	.name = "POST first officer",
	.state_size = sizeof(struct registering_first),
	.steps = { { "record", record }, { "show once", show_once } },
};

static enum next make_code(struct flow *f, void *state)
{
	struct registering_first *g = state;
	char unused[17];

	vault_new_secret(unused, g->secret);
	officer_hash_code(flow_arena(f), g->secret, g->hash);
	(void)ask_person(f, &g->ask, 0);
	ask_bytes(&g->ask, g->hash, sizeof(g->hash));
	ask_nothing(f, &g->ask);
	return admin_ledger(f, &g->ask, LEDGER_PRINT_SECRET_CODE);
}

static enum next show_code_once(struct flow *f, void *state)
{
	struct registering_first *g = state;
	enum next next = admin_show_once(f, &g->ask.reply, "code", g->secret);

	explicit_bzero(g->secret, sizeof(g->secret));
	return next;
}

const struct plan post_officer_code = {
	.name = "POST officer code",
	.state_size = sizeof(struct registering_first),
	.steps = { { "make", make_code }, { "show once", show_code_once } },
};
