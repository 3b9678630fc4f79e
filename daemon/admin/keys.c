/*
 * GET /keys, POST /keys, POST /keys/{kid}/revoke: who may speak to the exchange.
 *
 * A key's secret is made here and stands in one answer; the ledger is given
 * its hash.  The surprising thing: a POST that is repeated makes another key.
 * The secret of the first is nowhere, so its answer could not be repeated.
 */
#include <string.h>

#include <jansson.h>

#include "daemon/admin/inside.h"
#include "daemon/base/arena.h"
#include "daemon/flow/problem.h"
#include "daemon/ledger/ledger.h"
#include "daemon/vault/vault.h"
#include "matcher/codes.h"

#define EMPLOYERS_MAX 200

struct making {
	char kid[17];
	char secret[48];
	uint8_t hash[SECRET_LEN];
	const char *body; /* for the ledger */
	struct reply reply;
};

static void wrong(struct faults *fs, const char *pointer, const char *rule,
    const char *expected)
{
	fault_add(fs, pointer, rule, "", expected, "This is not what a key is made of.",
	    "密钥申请内容不符合要求。");
}

static bool is_text_or_null(const json_t *v)
{
	return json_is_string(v) || json_is_null(v);
}

static void check_employers(const json_t *list, struct faults *fs)
{
	size_t i;
	json_t *code;

	if (!json_is_array(list) || json_array_size(list) > EMPLOYERS_MAX) {
		wrong(fs, "/employers", "type", "a list of at most 200 codes");
		return;
	}
	json_array_foreach(list, i,
	    code) if (!json_is_string(code) ||
		      employer_check(json_string_value(code)) != CODE_OK)
	    wrong(fs, "/employers", "check", "unified social credit or organisation codes");
}

/* What the ledger would only call a broken value; the rest it judges itself. */
static void check_member(const char *name, const json_t *v, struct faults *fs)
{
	const char *text = json_is_string(v) ? json_string_value(v) : NULL;
	char pointer[64];
	day_t day;

	snprintf(pointer, sizeof(pointer), "/%.40s", name);
	if (strcmp(name, "role") == 0 || strcmp(name, "org_name") == 0 ||
	    strcmp(name, "scope") == 0) {
		if (!is_text_or_null(v))
			wrong(fs, pointer, "type", "a text");
	} else if (strcmp(name, "org_code") == 0) {
		if (!json_is_null(v) && (!text || employer_check(text) != CODE_OK))
			wrong(fs, pointer, "check",
			    "a unified social credit or organisation code");
	} else if (strcmp(name, "expires_on") == 0) {
		if (!json_is_null(v) && (!text || !day_parse(text, &day)))
			wrong(fs, pointer, "date", "a day: 2007-12-31");
	} else if (strcmp(name, "sandbox") == 0) {
		if (!json_is_boolean(v) && !json_is_null(v))
			wrong(fs, pointer, "type", "true or false");
	} else if (strcmp(name, "employers") == 0) {
		if (!json_is_null(v))
			check_employers(v, fs);
	} else {
		wrong(fs, pointer, "unknown-member",
		    "role, org_code, org_name, scope, employers, expires_on, sandbox");
	}
}

static const char *dump(struct arena *a, const json_t *v)
{
	size_t n = json_dumpb(v, NULL, 0, JSON_COMPACT);
	char *text = arena_alloc(a, n + 1);

	json_dumpb(v, text, n, JSON_COMPACT);
	return text;
}

static enum next make(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct faults *fs = arena_alloc(flow_arena(f), sizeof(*fs));
	struct making *m = state;
	json_t *wanted =
	    json_loadb(r->body ? r->body : "", r->body_len, JSON_REJECT_DUPLICATES, NULL);
	const char *name;
	json_t *v;

	if (!json_is_object(wanted)) {
		json_decref(wanted);
		return flow_refuse(f, "malformed-json", NULL, NULL);
	}
	json_object_foreach(wanted, name, v) check_member(name, v, fs);
	if (fs->n) {
		json_decref(wanted);
		return flow_refuse(f, "validation-failed", fs, NULL);
	}
	vault_new_secret(m->kid, m->secret);
	vault_hash_secret(m->secret, m->hash);
	json_object_set_new(wanted, "kid", json_string(m->kid));
	m->body = dump(flow_arena(f), wanted);
	json_decref(wanted);
	return STEP_NEXT;
}

static enum next call(struct flow *f, enum ledger_op op, const struct ledger_arg *args,
    size_t n, struct reply *out)
{
	const struct admin *a = flow_admin(f);
	const char *actor = flow_request(f)->actor;
	const struct caller who = {
		.city = a->app.city,
		.kid = "admin",
		.actor = actor ? actor : "",
	};

	ledger_call(a->app.ledger, op, &who, args, n, flow_arena(f), out, flow_resume(f));
	return STEP_WAIT;
}

static enum next record(struct flow *f, void *state)
{
	struct making *m = state;
	const struct ledger_arg args[] = { ARG_TEXT(m->body),
		ARG_BYTES(m->hash, sizeof(m->hash)) };

	return call(f, LEDGER_CREATE_KEY, args, 2, &m->reply);
}

static enum next refuse(struct flow *f, const struct reply *r)
{
	return flow_refuse(f, r->code, NULL, r->body);
}

/* The ledger's answer, with the key before its other members. */
static enum next show_once(struct flow *f, void *state)
{
	struct making *m = state;
	struct buf b = { 0 };
	enum next next;

	if (strcmp(m->reply.code, "ok") != 0)
		return refuse(f, &m->reply);
	buf_printf(&b, "{\"key\":\"vd_%s_%s\"", m->kid, m->secret);
	if (strcmp(m->reply.body, "{}") != 0)
		buf_putc(&b, ',');
	buf_puts(&b, m->reply.body + 1);
	next = flow_reply(f, m->reply.status, arena_strndup(flow_arena(f), b.data, b.len));
	explicit_bzero(b.data, b.len);
	explicit_bzero(m->secret, sizeof(m->secret));
	buf_free(&b);
	return next;
}

static enum next list(struct flow *f, void *state)
{
	return call(f, LEDGER_LIST_KEYS, NULL, 0, state);
}

static enum next revoke(struct flow *f, void *state)
{
	const struct ledger_arg kid = ARG_TEXT(flow_request(f)->params[0]);

	return call(f, LEDGER_REVOKE_KEY, &kid, 1, state);
}

static enum next reply(struct flow *f, void *state)
{
	const struct reply *r = state;

	if (strcmp(r->code, "ok") != 0)
		return refuse(f, r);
	return flow_reply(f, r->status, r->body);
}

const struct plan get_keys = {
	.name = "GET keys",
	.state_size = sizeof(struct reply),
	.steps = { { "list", list }, { "reply", reply } },
};

const struct plan post_key = {
	.name = "POST key",
	.state_size = sizeof(struct making),
	.steps = { { "make", make }, { "record", record }, { "show once", show_once } },
};

const struct plan post_key_revocation = {
	.name = "POST key revocation",
	.state_size = sizeof(struct reply),
	.steps = { { "revoke", revoke }, { "reply", reply } },
};
