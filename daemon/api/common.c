/*
 * The common part of every plan.
 *
 * It knows how a reply of the ledger becomes an answer, and no resource.  The
 * surprising thing: the changes of a write are put into this worker's mirror
 * here, before the answer, even when the client has gone meanwhile.
 */
#include "daemon/api/common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/mirror/mirror.h"
#include "daemon/vault/vault.h"

void ask_text(struct ask *c, const char *text)
{
	c->args[c->n_args++] = ARG_TEXT(text);
}

void ask_bytes(struct ask *c, const void *p, size_t n)
{
	c->args[c->n_args++] = ARG_BYTES(p, n);
}

void keyed_hash(struct flow *f, const void *p, size_t n, uint8_t out[static 32])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t plain[32];
	char hex[65];

	/* Bodies hold telephones and citizen numbers, of which there are few enough to try
	 * them all against a plain hash.  64 characters are never a citizen number. */
	vault_hash(p, n, plain);
	for (size_t i = 0; i < sizeof(plain); i++) {
		hex[2 * i] = digits[plain[i] >> 4];
		hex[2 * i + 1] = digits[plain[i] & 15];
	}
	hex[64] = '\0';
	vault_blind(flow_app(f)->vault, hex, out);
}

/* The same key for another resource is another request. */
static void hash_request(struct flow *f, uint8_t out[static 32])
{
	const struct request *r = flow_request(f);
	size_t path = strlen(r->path) + 1;
	char *text = arena_alloc(flow_arena(f), path + r->body_len);

	memcpy(text, r->path, path);
	if (r->body_len)
		memcpy(text + path, r->body, r->body_len);
	keyed_hash(f, text, path + r->body_len, out);
}

void ask_ledger_beside(struct flow *f, struct ask *c, enum ledger_op op, struct arena *memory,
    struct done done)
{
	const struct request *r = flow_request(f);
	struct app *app = flow_app(f);

	c->who.city = app->city;
	c->who.kid = r->who->kid;
	c->who.secret_hash = r->who->secret_hash;
	c->who.actor = arena_printf(memory, "%s %s", r->actor ? r->actor : "", r->id);
	if (r->method == METHOD_POST) {
		c->who.idempotency_key = r->idempotency_key;
		hash_request(f, c->request_hash);
		c->who.request_hash = c->request_hash;
	}
	ledger_call(app->ledger, op, &c->who, c->args, c->n_args, memory, &c->reply, done);
}

enum next ask_ledger(struct flow *f, struct ask *c, enum ledger_op op)
{
	ask_ledger_beside(f, c, op, flow_arena(f), flow_resume(f));
	return STEP_WAIT;
}

bool ask_apply(struct flow *f, const struct ask *c)
{
	const struct reply *r = &c->reply;

	uint64_t xid = 0, id = 0;

	if (r->position && r->position[0])
		(void)read_position(r->position, &xid, &id);
	mirror_apply(flow_app(f)->mirror, r->changes, r->n_changes, xid, id);
	return strcmp(r->code, "ok") == 0;
}

bool ask_settle(struct flow *f, const struct ask *c)
{
	const struct reply *r = &c->reply;
	bool fine = ask_apply(f, c);

	if (r->position && r->position[0])
		flow_header(f, "Consistency-Token", r->position);
	return fine;
}

enum next ask_refuse(struct flow *f, const struct ask *c)
{
	return flow_refuse(f, c->reply.code, NULL, c->reply.body);
}

enum next ask_answer(struct flow *f, const struct ask *c, const char *json)
{
	bool again = c->reply.replayed && c->reply.status == 201;

	if (c->reply.etag && c->reply.etag[0])
		flow_header(f, "ETag", c->reply.etag);
	return flow_reply(f, again ? 200 : c->reply.status, json);
}

enum next answer_reply(struct flow *f, void *state)
{
	const struct ask *c = state;

	if (!ask_settle(f, c))
		return ask_refuse(f, c);
	return ask_answer(f, c, c->reply.body);
}

bool codec_begin(struct flow *f, struct codec *out)
{
	struct app *app = flow_app(f);
	int day;
	int64_t instant;
	bool fixed;

	if (!ledger_clock(app->ledger, &day, &instant, &fixed))
		return false;
	*out = (struct codec){ flow_arena(f), app->catalog, faults_new(f), day };
	return true;
}

enum next refuse_no_clock(struct flow *f)
{
	return flow_refuse(f, "ledger-away", NULL, NULL);
}

enum next refuse_body(struct flow *f, enum read_result r, const struct faults *fs)
{
	return flow_refuse(f, r == READ_MALFORMED ? "malformed-json" : "validation-failed", fs,
	    NULL);
}

enum next refuse_input(struct flow *f, const struct faults *fs)
{
	return flow_refuse(f, "validation-failed", fs, NULL);
}

enum next refuse_missing(struct flow *f)
{
	return flow_refuse(f, "not-found", NULL, NULL);
}

struct faults *faults_new(struct flow *f)
{
	return arena_alloc(flow_arena(f), sizeof(struct faults));
}

void input_fault(struct faults *fs, const char *where, const char *rule, const char *found,
    const char *expected)
{
	fault_add(fs, where, rule, found ? found : "", expected,
	    "A parameter of the request is not right; `expected` says what would be.",
	    "请求参数不正确，正确写法见 expected。");
}

void query_only(struct flow *f, struct faults *fs, const char *const *known, size_t n)
{
	const struct request *r = flow_request(f);

	for (size_t i = 0; i < r->n_query; i++) {
		size_t k = 0;

		while (k < n && strcmp(known[k], r->query[i].name) != 0)
			k++;
		if (k < n)
			continue;
		input_fault(fs, arena_printf(flow_arena(f), "query/%s", r->query[i].name),
		    "unknown-parameter", NULL, n ? known[0] : "no parameters");
	}
}

bool wants_new_only(struct flow *f, struct faults *fs)
{
	const char *given = flow_request(f)->if_none_match;

	if (given && strcmp(given, "*") != 0)
		input_fault(fs, "header/If-None-Match", "format", given, "*");
	return given != NULL;
}

void query_number(struct flow *f, struct faults *fs, const char *name, long min, long max,
    long *out)
{
	const char *text = request_query(flow_request(f), name);
	struct arena *a = flow_arena(f);
	long n;

	if (!text)
		return;
	n = strlen(text) <= 9 && strspn(text, "0123456789") == strlen(text) && text[0]
		? strtol(text, NULL, 10)
		: -1;
	if (n < min || n > max || (text[0] == '0' && text[1])) {
		input_fault(fs, arena_printf(a, "query/%s", name), "range", text,
		    arena_printf(a, "a whole number, %ld to %ld", min, max));
		return;
	}
	*out = n;
}

const char *query_word(struct flow *f, struct faults *fs, const char *name,
    const char *const *words, size_t n)
{
	const char *text = request_query(flow_request(f), name);
	const char *all = words[0];

	for (size_t i = 0; text && i < n; i++) {
		if (strcmp(words[i], text) == 0)
			return text;
		if (i)
			all = arena_printf(flow_arena(f), "%s, %s", all, words[i]);
	}
	if (text)
		input_fault(fs, arena_printf(flow_arena(f), "query/%s", name), "choice", text,
		    all);
	return NULL;
}

void query_day(struct flow *f, struct faults *fs, const char *name, const char **out)
{
	const char *text = request_query(flow_request(f), name);
	day_t d;

	if (!text)
		return;
	if (!day_parse(text, &d)) {
		input_fault(fs, arena_printf(flow_arena(f), "query/%s", name), "date", text,
		    "a day, YYYY-MM-DD");
		return;
	}
	*out = text;
}

const char *path_employer(struct flow *f, struct faults *fs)
{
	const char *given = flow_request(f)->params[0];
	char *code = arena_alloc(flow_arena(f), 20);
	bool fits = code_normalise(given, true, code, 20);
	enum code_fault fault = fits ? employer_check(code) : CODE_FORMAT;

	if (fault != CODE_OK)
		input_fault(fs, "path/employer", fault == CODE_CHECK ? "check-digit" : "format",
		    given, "a credit code of 18 characters or an organisation code of 9");
	return code;
}

static const char *read_number(const char *from, char end, uint64_t *out)
{
	size_t n = strspn(from, "0123456789");

	if (n == 0 || n > 19 || from[n] != end)
		return NULL;
	*out = strtoull(from, NULL, 10);
	return from + n + 1;
}

bool read_position(const char *text, uint64_t *xid, uint64_t *id)
{
	const char *rest = read_number(text, '.', xid);

	return rest && read_number(rest, '\0', id);
}

enum next ask_read(struct flow *f, struct ask *ask, bool has_id, body_reader *read)
{
	const struct request *r = flow_request(f);
	enum read_result result;
	const char *coded;
	struct codec c;
	uint64_t id;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	if (has_id && !codec_decimal_id(r->params[0], &id))
		return refuse_missing(f);
	query_only(f, c.faults, NULL, 0);
	result = read(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	if (has_id)
		ask_text(ask, r->params[0]);
	ask_text(ask, coded);
	return STEP_NEXT;
}

enum next ask_by_id(struct flow *f, struct ask *ask, enum ledger_op op)
{
	const char *given = flow_request(f)->params[0];
	struct faults *fs = faults_new(f);
	uint64_t id;

	query_only(f, fs, NULL, 0);
	if (fs->n)
		return refuse_input(f, fs);
	if (!codec_decimal_id(given, &id))
		return refuse_missing(f);
	ask_text(ask, given);
	return ask_ledger(f, ask, op);
}

bool in_scope(const struct principal *who, place_t place)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%012llu", (unsigned long long)place);
	return who->scope[0] && strncmp(digits, who->scope, strlen(who->scope)) == 0;
}
