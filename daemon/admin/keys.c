/*
 * GET /keys, POST /keys, POST /keys/{kid}/revoke, /rotate and /officers: who may
 * speak to the exchange, and the first person behind a key.
 *
 * A key's secret is made here and stands in one answer; the ledger is given
 * its hash.  The surprising thing: a POST that is repeated makes another key.
 * The secret of the first is nowhere, so its answer could not be repeated.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/admin/inside.h"
#include "daemon/base/arena.h"
#include "daemon/flow/problem.h"
#include "daemon/ledger/ledger.h"
#include "daemon/vault/vault.h"
#include "matcher/codes.h"

#define EMPLOYERS_MAX 200
#define RATE_MAX      100000

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
	} else if (strcmp(name, "rate") == 0 || strcmp(name, "burst") == 0) {
		if (!json_is_integer(v) || json_integer_value(v) < 1 ||
		    json_integer_value(v) > RATE_MAX)
			wrong(fs, pointer, "range", "a whole number, 1 to 100000");
	} else if (strcmp(name, "employers") == 0) {
		if (!json_is_null(v))
			check_employers(v, fs);
	} else {
		wrong(fs, pointer, "unknown-member",
		    "role, org_code, org_name, scope, employers, expires_on, rate, burst");
	}
}

/* "2007-07-12T18:00:00+08:00" or "...Z" */
static bool is_instant(const char *s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	char day[11];
	day_t d;
	size_t n = sizeof(form) - 1;

	if (!s || strlen(s) < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	memcpy(day, s, 10);
	day[10] = '\0';
	if (!day_parse(day, &d) || memcmp(s + 11, "24", 2) >= 0 || s[14] > '5' || s[17] > '5')
		return false;
	s += n;
	if (strcmp(s, "Z") == 0)
		return true;
	return strlen(s) == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':' &&
	       strspn(s + 1, "0123456789") == 2 && strspn(s + 4, "0123456789") == 2 &&
	       s[1] < '2' && s[4] < '6';
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

enum next admin_call(struct flow *f, enum ledger_op op, const struct ledger_arg *args, size_t n,
    struct reply *out)
{
	const struct admin *a = flow_admin(f);
	const struct caller who = {
		.city = a->app.city,
		.kid = "admin",
		.actor = arena_printf(flow_arena(f), " %s", flow_request(f)->id),
	};

	ledger_call(a->app.ledger, op, &who, args, n, flow_arena(f), out, flow_resume(f));
	return STEP_WAIT;
}

static enum next record(struct flow *f, void *state)
{
	struct making *m = state;
	const struct ledger_arg args[] = { ARG_TEXT(m->body),
		ARG_BYTES(m->hash, sizeof(m->hash)) };

	return admin_call(f, LEDGER_CREATE_KEY, args, 2, &m->reply);
}

static enum next refuse(struct flow *f, const struct reply *r)
{
	return flow_refuse(f, r->code, NULL, r->body);
}

enum next admin_show_once(struct flow *f, const struct reply *r, const char *name,
    const char *secret)
{
	struct buf b = { 0 };
	enum next next;

	if (strcmp(r->code, "ok") != 0)
		return refuse(f, r);
	buf_putc(&b, '{');
	buf_key(&b, name);
	buf_json(&b, secret);
	if (strcmp(r->body, "{}") != 0)
		buf_putc(&b, ',');
	buf_puts(&b, r->body + 1);
	next = flow_reply(f, r->status, arena_strndup(flow_arena(f), b.data, b.len));
	explicit_bzero(b.data, b.len);
	buf_free(&b);
	return next;
}

static enum next show_key(struct flow *f, void *state)
{
	struct making *m = state;
	char key[80];
	enum next next;

	snprintf(key, sizeof(key), "vd_%s_%s", m->kid, m->secret);
	next = admin_show_once(f, &m->reply, "key", key);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(m->secret, sizeof(m->secret));
	return next;
}

/* {"until": "2007-07-12T18:00:00+08:00"}: the old key goes on until then; without, not at all.
 */
static enum next make_successor(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct faults *fs = arena_alloc(flow_arena(f), sizeof(*fs));
	struct making *m = state;
	json_t *wanted = r->body_len
			     ? json_loadb(r->body, r->body_len, JSON_REJECT_DUPLICATES, NULL)
			     : json_object();
	const char *name;
	json_t *v;

	if (!json_is_object(wanted)) {
		json_decref(wanted);
		return flow_refuse(f, "malformed-json", NULL, NULL);
	}
	json_object_foreach(wanted, name, v)
	{
		if (strcmp(name, "until") != 0)
			wrong(fs, "/", "unknown-member", "until");
		else if (!is_instant(json_string_value(v)))
			wrong(fs, "/until", "format", "an instant: 2007-07-12T18:00:00+08:00");
		else
			m->body = arena_strdup(flow_arena(f), json_string_value(v));
	}
	json_decref(wanted);
	if (fs->n)
		return flow_refuse(f, "validation-failed", fs, NULL);
	vault_new_secret(m->kid, m->secret);
	vault_hash_secret(m->secret, m->hash);
	return STEP_NEXT;
}

static enum next rotate(struct flow *f, void *state)
{
	struct making *m = state;
	const struct ledger_arg args[] = { ARG_TEXT(flow_request(f)->params[0]),
		ARG_TEXT(m->kid), ARG_BYTES(m->hash, sizeof(m->hash)), ARG_TEXT(m->body) };

	return admin_call(f, LEDGER_ROTATE_KEY, args, 4, &m->reply);
}

const struct plan post_key_rotation = {
	.name = "POST key rotation",
	.state_size = sizeof(struct making),
	.steps = { { "make", make_successor }, { "rotate", rotate },
	    { "show once", show_key } },
};

static enum next list(struct flow *f, void *state)
{
	return admin_call(f, LEDGER_LIST_KEYS, NULL, 0, state);
}

static enum next revoke(struct flow *f, void *state)
{
	const struct ledger_arg kid = ARG_TEXT(flow_request(f)->params[0]);

	return admin_call(f, LEDGER_REVOKE_KEY, &kid, 1, state);
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
	.steps = { { "make", make }, { "record", record }, { "show once", show_key } },
};

const struct plan post_key_revocation = {
	.name = "POST key revocation",
	.state_size = sizeof(struct reply),
	.steps = { { "revoke", revoke }, { "reply", reply } },
};
