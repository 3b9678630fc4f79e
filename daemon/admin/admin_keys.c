/*
 * Keys: who may speak to the exchange.
 *
 * A key's secret is made here and stands in one answer; the ledger is given its
 * hash.  A POST that is repeated makes another key.  The secret of the first is
 * nowhere, so its answer could not be repeated.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/admin/admin_plans.h"
#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/codec/key.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/vault/vault.h"

struct making {
	struct ask ask;
	char kid[17];
	char secret[48];
	uint8_t hash[SECRET_LEN];
};

static void new_secret(struct making *m)
{
	vault_new_secret(m->kid, m->secret);
	vault_hash_secret(m->secret, m->hash);
}

static enum next make(struct flow *f, void *state)
{
	struct making *m = state;
	const struct text_member kid = { "kid", m->kid };

	new_secret(m);
	ask_body(f, &m->ask, key_body);
	if (ask_check(f, &m->ask) == STEP_DONE)
		return STEP_DONE;
	m->ask.args[0] =
	    ARG_TEXT(codec_with_members(flow_arena(f), m->ask.args[0].data, &kid, 1));
	ask_bytes(&m->ask, m->hash, sizeof(m->hash));
	return admin_ledger(f, &m->ask, LEDGER_CREATE_KEY);
}

static enum next show_key(struct flow *f, void *state)
{
	struct making *m = state;
	char key[80];
	enum next next;

	snprintf(key, sizeof(key), "vd_%s_%s", m->kid, m->secret);
	next = admin_show_once(f, &m->ask.reply, "key", key);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(m->secret, sizeof(m->secret));
	return next;
}

const struct plan post_key = {
	.name = "POST key",
	.state_size = sizeof(struct making),
	.steps = { { "make", make }, { "show once", show_key } },
};

/* {"until": "2007-07-12T18:00:00+08:00"}: the old key goes on until then; without, not at all.
 */
static enum next rotate(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct making *m = state;

	new_secret(m);
	ask_text(&m->ask, r->params[0]);
	ask_text(&m->ask, m->kid);
	ask_bytes(&m->ask, m->hash, sizeof(m->hash));
	ask_body(f, &m->ask, r->body_len ? rotation_body : empty_body);
	if (ask_check(f, &m->ask) == STEP_DONE)
		return STEP_DONE;
	m->ask.args[3] =
	    ARG_TEXT(codec_member_text(flow_arena(f), m->ask.args[3].data, "until"));
	return admin_ledger(f, &m->ask, LEDGER_ROTATE_KEY);
}

const struct plan post_key_rotation = {
	.name = "POST key rotation",
	.state_size = sizeof(struct making),
	.steps = { { "rotate", rotate }, { "show once", show_key } },
};

static enum next list(struct flow *f, void *state)
{
	return admin_ledger(f, state, LEDGER_LIST_KEYS);
}

const struct plan get_keys = {
	.name = "GET keys",
	.state_size = sizeof(struct ask),
	.steps = { { "list", list }, { "answer", answer_reply } },
};

static enum next revoke(struct flow *f, void *state)
{
	ask_text(state, flow_request(f)->params[0]);
	return admin_ledger(f, state, LEDGER_REVOKE_KEY);
}

const struct plan post_key_revocation = {
	.name = "POST key revocation",
	.state_size = sizeof(struct ask),
	.steps = { { "revoke", revoke }, { "answer", answer_reply } },
};
