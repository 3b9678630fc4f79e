/*
 * Calls of schema `api`: the caller first, then their key, then the arguments.
 *
 * It knows the order of parameters and no meaning of any.
 */
#include "daemon/ledger/ledger.h"

#include <assert.h>
#include <stdio.h>

#include "daemon/base/arena.h"
#include "daemon/ledger/heartbeat.h"
#include "daemon/ledger/ledger_parts.h"
#include "daemon/ledger/pool.h"
#include "daemon/ledger/read_reply.h"
#include "daemon/log/log.h"

#define HASH_LEN 32

/* In the arena, which its owner keeps until `done`. */
struct asked {
	struct ledger *ledger;
	enum ledger_op op;
	struct arena *arena;
	struct reply *out;
	struct done done;
};

static bool changes_keys(enum ledger_op op)
{
	switch (op) {
	case LEDGER_CREATE_KEY:
	case LEDGER_REVOKE_KEY:
	case LEDGER_ROTATE_KEY:
	case LEDGER_CREATE_FIRST_OFFICER:
	case LEDGER_CREATE_OFFICER:
	case LEDGER_CHANGE_OFFICER:
	case LEDGER_RENEW_OFFICER:
	case LEDGER_SET_OWN_SECRET:
		return true;
	default:
		return false;
	}
}

static void on_reply(void *arg, enum status st, const PGresult *rows)
{
	struct asked *a = arg;

	if (st == OK && !reply_read(rows, a->arena, a->out)) {
		log_event(LOG_LEVEL_ERROR, "ledger.bad-reply", "call",
		    statement_of(a->op)->name, NULL);
		st = E_INTERNAL;
	}
	if (st == OK && changes_keys(a->op))
		heartbeat_hurry(
		    a->ledger->heartbeat); /* our own users need not wait for a beat */
	if (st == OK && a->out->n_changes && a->ledger->on_commit)
		a->ledger->on_commit(a->ledger->on_commit_arg);
	done_call(a->done, st);
}

void ledger_call(struct ledger *l, enum ledger_op op, const struct caller *who,
    const struct ledger_arg *args, size_t n_args, struct arena *arena, struct reply *out,
    struct done done)
{
	struct ledger_arg params[CALL_MAX_PARAMS];
	struct asked *asked = arena_alloc(arena, sizeof(*asked));
	char city[16];
	size_t n = 0;

	assert(n_args <= LEDGER_MAX_ARGS);
	snprintf(city, sizeof(city), "%d", who->city);
	params[n++] = ARG_TEXT(city);
	params[n++] = ARG_TEXT(who->kid);
	params[n++] = ARG_BYTES(who->secret_hash, HASH_LEN);
	params[n++] = ARG_TEXT(who->actor);
	if (statement_of(op)->keyed) {
		params[n++] = ARG_TEXT(who->idempotency_key);
		params[n++] = ARG_BYTES(who->request_hash, HASH_LEN);
	}
	for (size_t i = 0; i < n_args; i++)
		params[n++] = args[i];
	*asked =
	    (struct asked){ .ledger = l, .op = op, .arena = arena, .out = out, .done = done };
	*out = (struct reply){ 0 };
	pool_call(l->pool, op, params, n, false, on_reply, asked);
}
