/*
 * The common part of every plan: from a request to a call of the ledger, and
 * from its reply to an answer.
 *
 * It knows no resource.  What is wrong with a request is gathered on the way and
 * refused in one place, before the call.  The surprising thing: the changes of a
 * write are put into this worker's mirror here, before the answer, even when the
 * client has gone meanwhile.
 */
#include "daemon/api/common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/codec/ids.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/mirror/mirror.h"
#include "daemon/vault/vault.h"

void ask_text(struct ask *ask, const char *text)
{
	ask->args[ask->n_args++] = ARG_TEXT(text);
}

void ask_bytes(struct ask *ask, const void *p, size_t n)
{
	ask->args[ask->n_args++] = ARG_BYTES(p, n);
}

struct faults *faults_new(struct flow *f)
{
	return arena_alloc(flow_arena(f), sizeof(struct faults));
}

/* They are large, and nearly every request has none. */
struct faults *ask_faults(struct flow *f, struct ask *ask)
{
	if (!ask->faults)
		ask->faults = faults_new(f);
	return ask->faults;
}

void ask_wrong(struct ask *ask, const char *slug)
{
	if (!ask->refusal)
		ask->refusal = slug;
}

void ask_id(struct flow *f, struct ask *ask, size_t part)
{
	const char *given = flow_request(f)->params[part];
	uint64_t id;

	if (!codec_decimal_id(given, &id))
		ask_wrong(ask, "not-found");
	ask_text(ask, given);
}

uint64_t ask_person(struct flow *f, struct ask *ask, size_t part)
{
	uint64_t id = 0;

	if (!codec_seeker_id(flow_request(f)->params[part], &id))
		ask_wrong(ask, "not-found");
	ask_text(ask, person_row(flow_arena(f), id));
	return id;
}

bool ask_codec(struct flow *f, struct ask *ask, struct codec *out)
{
	struct app *app = flow_app(f);
	int day;
	int64_t instant;
	bool fixed;

	if (!ledger_clock(app->ledger, &day, &instant, &fixed)) {
		ask_wrong(ask, "ledger-away");
		return false;
	}
	*out = (struct codec){ flow_arena(f), app->catalog, ask_faults(f, ask), day };
	return true;
}

void ask_read(struct ask *ask, enum read_result result)
{
	ask->is_malformed = result == READ_MALFORMED;
}

static const char *read_body(struct flow *f, struct ask *ask, body_shape *shape)
{
	const struct request *r = flow_request(f);
	const char *coded = NULL;
	struct codec c;

	if (ask_codec(f, ask, &c))
		ask_read(ask, codec_read(&c, shape, r->body, r->body_len, &coded));
	return coded;
}

void ask_body(struct flow *f, struct ask *ask, body_shape *shape)
{
	ask_text(ask, read_body(f, ask, shape));
}

void ask_nothing(struct flow *f, struct ask *ask)
{
	(void)read_body(f, ask, empty_body);
}

void ask_if_match(struct flow *f, struct ask *ask)
{
	ask_text(ask, flow_request(f)->if_match ? header_version(f, ask_faults(f, ask)) : NULL);
}

void ask_new_only(struct flow *f, struct ask *ask)
{
	ask_text(ask, header_new_only(f, ask_faults(f, ask)) ? "true" : "false");
}

void ask_as_of(struct flow *f, struct ask *ask)
{
	const char *text = request_query(flow_request(f), "as_of");
	struct codec c;
	day_t day;

	if (text && ask_codec(f, ask, &c) && query_day(f, c.faults, "as_of") &&
	    day_parse(text, &day) && day > c.today)
		query_fault(f, c.faults, "as_of", "future", text, "today or an earlier day");
	ask_text(ask, text);
}

void ask_parameters(struct flow *f, struct ask *ask, const char *const *known, size_t n)
{
	ask->takes_parameters = true;
	if (flow_request(f)->n_query)
		query_only(f, ask_faults(f, ask), known, n);
}

enum next ask_check(struct flow *f, struct ask *ask)
{
	if (!ask->takes_parameters)
		ask_parameters(f, ask, NULL, 0);
	if (ask->refusal)
		return flow_refuse(f, ask->refusal, NULL, NULL);
	if (ask->faults && ask->faults->n)
		return flow_refuse(f,
		    ask->is_malformed ? "malformed-json" : "validation-failed", ask->faults,
		    NULL);
	return STEP_NEXT;
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

void ask_ledger_beside(struct flow *f, struct ask *ask, enum ledger_op op, struct arena *memory,
    struct done done)
{
	const struct request *r = flow_request(f);
	struct app *app = flow_app(f);

	ask->who.city = app->city;
	ask->who.kid = r->who->kid;
	ask->who.secret_hash = r->who->secret_hash;
	ask->who.actor = arena_printf(memory, "%s %s", r->actor ? r->actor : "", r->id);
	if (r->method == METHOD_POST) {
		ask->who.idempotency_key = r->idempotency_key;
		hash_request(f, ask->request_hash);
		ask->who.request_hash = ask->request_hash;
	}
	ledger_call(app->ledger, op, &ask->who, ask->args, ask->n_args, memory, &ask->reply,
	    done);
}

enum next ask_again(struct flow *f, struct ask *ask, enum ledger_op op)
{
	ask_ledger_beside(f, ask, op, flow_arena(f), flow_resume(f));
	return STEP_WAIT;
}

enum next ask_ledger(struct flow *f, struct ask *ask, enum ledger_op op)
{
	return ask_check(f, ask) == STEP_DONE ? STEP_DONE : ask_again(f, ask, op);
}

bool ask_apply(struct flow *f, const struct ask *ask)
{
	const struct reply *r = &ask->reply;

	uint64_t xid = 0, id = 0;

	if (r->position && r->position[0])
		(void)read_position(r->position, &xid, &id);
	mirror_apply(flow_app(f)->mirror, r->changes, r->n_changes, xid, id);
	return strcmp(r->code, "ok") == 0;
}

bool ask_settle(struct flow *f, const struct ask *ask)
{
	const struct reply *r = &ask->reply;
	bool fine = ask_apply(f, ask);

	if (r->position && r->position[0])
		flow_header(f, "Consistency-Token", r->position);
	return fine;
}

enum next ask_refuse(struct flow *f, const struct ask *ask)
{
	return flow_refuse(f, ask->reply.code, NULL, ask->reply.body);
}

enum next ask_answer(struct flow *f, const struct ask *ask, const char *json)
{
	bool again = ask->reply.replayed && ask->reply.status == 201;

	if (ask->reply.etag && ask->reply.etag[0])
		flow_header(f, "ETag", ask->reply.etag);
	return flow_reply(f, again ? 200 : ask->reply.status, json);
}

void tag_version(struct flow *f, const char *json)
{
	int64_t version = codec_member_number(json, "version");

	if (version > 0)
		flow_header(f, "ETag",
		    arena_printf(flow_arena(f), "\"%lld\"", (long long)version));
}

enum next answer_reply(struct flow *f, void *state)
{
	const struct ask *ask = state;

	if (!ask_settle(f, ask))
		return ask_refuse(f, ask);
	return ask_answer(f, ask, ask->reply.body);
}

enum next answer_tagged(struct flow *f, void *state)
{
	const struct ask *ask = state;

	if (!ask_settle(f, ask))
		return ask_refuse(f, ask);
	tag_version(f, ask->reply.body);
	return ask_answer(f, ask, ask->reply.body);
}

enum next refuse_input(struct flow *f, const struct faults *fs)
{
	return flow_refuse(f, "validation-failed", fs, NULL);
}

enum next refuse_missing(struct flow *f)
{
	return flow_refuse(f, "not-found", NULL, NULL);
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

bool in_scope(const struct principal *who, place_t place)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%012llu", (unsigned long long)place);
	return who->scope[0] && strncmp(digits, who->scope, strlen(who->scope)) == 0;
}
