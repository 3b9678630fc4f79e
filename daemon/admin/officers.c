/*
 * POST /keys/{kid}/officers: the first person behind the organisation of a key.
 *
 * Those after her are registered through the API by a lead.  Her secret is made
 * here and stands in one answer; the ledger is given its hash.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/admin/inside.h"
#include "daemon/api/common.h"
#include "daemon/base/arena.h"
#include "daemon/vault/vault.h"

struct registering {
	char id[24];
	char secret[48];
	uint8_t hash[SECRET_LEN];
	const char *officer; /* 16 hex digits */
	const char *body;
	struct reply reply;
};

static enum next read_officer(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct registering *g = state;
	enum read_result result;
	char unused[17];
	struct codec c;
	uint64_t id;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	result = codec_read_officer(&c, r->body, r->body_len, &g->body);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	id = vault_random_id();
	vault_new_secret(unused, g->secret);
	vault_hash_secret(g->secret, g->hash);
	snprintf(g->id, sizeof(g->id), "%llu", (unsigned long long)id);
	g->officer = arena_printf(flow_arena(f), "%016llx", (unsigned long long)id);
	return STEP_NEXT;
}

static enum next record(struct flow *f, void *state)
{
	struct registering *g = state;
	const struct ledger_arg args[] = { ARG_TEXT(flow_request(f)->params[0]),
		ARG_TEXT(g->id), ARG_BYTES(g->hash, sizeof(g->hash)), ARG_TEXT(g->body) };

	return admin_call(f, LEDGER_CREATE_FIRST_OFFICER, args, 4, &g->reply);
}

static enum next show_once(struct flow *f, void *state)
{
	struct registering *g = state;
	char actor[80];
	enum next next;

	snprintf(actor, sizeof(actor), "vo_%s_%s", g->officer, g->secret);
	next = admin_show_once(f, &g->reply, "actor", actor);
	explicit_bzero(actor, sizeof(actor));
	explicit_bzero(g->secret, sizeof(g->secret));
	return next;
}

const struct plan post_first_officer = {
	.name = "POST first officer",
	.state_size = sizeof(struct registering),
	.steps = { { "read", read_officer }, { "record", record }, { "show once", show_once } },
};
