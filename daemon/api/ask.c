/*
 * From a request to a call of the ledger, for every resource.
 *
 * What is wrong with a request is gathered on the way and refused in one place,
 * before the call.
 */
#include "daemon/api/ask.h"

#include <stdio.h>
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/parameters.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/codec/path_ids.h"

void ask_text(struct ask *ask, const char *text)
{
	ask->args[ask->n_args++] = ARG_TEXT(text);
}

void ask_bytes(struct ask *ask, const void *p, size_t n)
{
	ask->args[ask->n_args++] = ARG_BYTES(p, n);
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

void ask_missing(struct ask *ask, size_t part)
{
	if (!ask->refusal)
		ask->missing_part = part;
	ask_wrong(ask, "not-found");
}

void ask_id(struct flow *f, struct ask *ask, size_t part)
{
	const char *given = flow_request(f)->params[part];
	uint64_t id;

	if (!codec_decimal_id(given, &id))
		ask_missing(ask, part);
	ask_text(ask, given);
}

uint64_t ask_person(struct flow *f, struct ask *ask, size_t part)
{
	uint64_t id = 0;

	if (!codec_seeker_id(flow_request(f)->params[part], &id))
		ask_missing(ask, part);
	ask_text(ask, person_row(flow_arena(f), id));
	return id;
}

static bool recognises(const void *ledger, const char *code)
{
	return ledger_recognises(ledger, code);
}

bool ask_codec(struct flow *f, struct ask *ask, struct codec *out)
{
	const struct principal *who = flow_request(f)->who;
	struct app *app = flow_app(f);
	int day;
	int64_t instant;
	bool fixed;

	if (!ledger_clock(app->ledger, &day, &instant, &fixed)) {
		ask_wrong(ask, "ledger-away");
		return false;
	}
	*out = (struct codec){ flow_arena(f), app->catalog, ask_faults(f, ask), day,
		ask->registry, .recognises = recognises, .who = app->ledger,
		.scope = who ? who->scope : NULL };
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
	if (ask->refusal && strcmp(ask->refusal, "not-found") == 0)
		return refuse_missing(f, ask->missing_part);
	if (ask->refusal)
		return flow_refuse(f, ask->refusal, NULL, NULL);
	if (ask->faults && ask->faults->n)
		return flow_refuse(f,
		    ask->is_malformed ? "malformed-json" : "validation-failed", ask->faults,
		    NULL);
	return STEP_NEXT;
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

	ask->op = op;
	ask->who.city = app->city;
	ask->who.kid = r->who->kid;
	ask->who.secret_hash = r->who->secret_hash;
	ask->who.organisation = r->who->organisation;
	ask->who.actor = arena_printf(memory, "%s %s%s%s", r->actor ? r->actor : "", r->id,
	    r->client_id ? "/" : "", r->client_id ? r->client_id : "");
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
	const struct app *app = flow_app(f);
	unsigned wait_s = ledger_wait_s(app->ledger, op, flow_request(f)->who->organisation);

	if (wait_s)
		return flow_refuse_until(f, "rate-limited", wait_s);
	ask_ledger_beside(f, ask, op, flow_arena(f), flow_resume(f));
	return STEP_WAIT;
}

enum next ask_ledger(struct flow *f, struct ask *ask, enum ledger_op op)
{
	return ask_check(f, ask) == STEP_DONE ? STEP_DONE : ask_again(f, ask, op);
}
