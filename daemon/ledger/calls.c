/*
 * Calls of schema `api`: the caller first, then their key, then the arguments.
 *
 * It knows the order of parameters and no meaning of any.
 */
#include "daemon/ledger/ledger.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include <event2/event.h>

#include "daemon/base/accounts.h"
#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/heartbeat.h"
#include "daemon/ledger/key_news.h"
#include "daemon/ledger/ledger_parts.h"
#include "daemon/ledger/pool.h"
#include "daemon/ledger/read_reply.h"
#include "daemon/log/log.h"

#define HASH_LEN    32
#define KEY_LOOK_MS 5
#define KEY_WAIT_MS 1000 /* for workers that do not learn of it: they are cut off or slow */

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

/* --- a key that was answered is good at once, whichever worker it comes to --- */

struct key_wait {
	TAILQ_ENTRY(key_wait) link;
	int64_t since_ms;
	struct done done;
};

void ledger_end_key_waits(struct ledger *l, bool all)
{
	const struct timeval soon = clock_span(KEY_LOOK_MS);
	struct key_waits ended = TAILQ_HEAD_INITIALIZER(ended);
	struct key_wait *w, *next;

	for (w = TAILQ_FIRST(&l->key_waits); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (!all && clock_ms() - w->since_ms < KEY_WAIT_MS &&
		    !key_news_known_by_all(w->since_ms))
			continue;
		TAILQ_REMOVE(&l->key_waits, w, link);
		TAILQ_INSERT_TAIL(&ended, w, link);
	}
	if (!TAILQ_EMPTY(&l->key_waits)) {
		heartbeat_hurry(l->heartbeat);
		evtimer_add(l->key_timer, &soon);
	}
	for (w = TAILQ_FIRST(&ended); w; w = next) {
		struct done done = w->done;

		next = TAILQ_NEXT(w, link);
		free(w);
		done_call(done, OK);
	}
}

static void wait_for_all(struct ledger *l, struct done done)
{
	struct key_wait *w = must_alloc(sizeof(*w));

	*w = (struct key_wait){ .since_ms = clock_ms(), .done = done };
	TAILQ_INSERT_TAIL(&l->key_waits, w, link);
	heartbeat_hurry(l->heartbeat);
	ledger_end_key_waits(l, false);
}

static void on_reply(void *arg, enum status st, const PGresult *rows)
{
	struct asked *a = arg;

	if (st == OK && !reply_read(rows, a->arena, a->out)) {
		log_event(LOG_LEVEL_ERROR, "ledger.bad-reply", "call",
		    statement_of(a->op)->name, NULL);
		st = E_INTERNAL;
	}
	if (st == OK && a->out->n_changes && a->ledger->on_commit)
		a->ledger->on_commit(a->ledger->on_commit_arg);
	if (st == OK && changes_keys(a->op) && a->out->status < 300)
		wait_for_all(a->ledger, a->done);
	else
		done_call(a->done, st);
}

/* Of this call among all that any daemon makes. */
static void number_call(char to[static 40])
{
	static uint64_t process, n;

	while (!process) /* a worker forks no worker */
		if (getrandom(&process, sizeof(process), 0) != sizeof(process))
			process = 0;
	snprintf(to, 40, "%016" PRIx64 "%" PRIx64, process, n++);
}

void ledger_call(struct ledger *l, enum ledger_op op, const struct caller *who,
    const struct ledger_arg *args, size_t n_args, struct arena *arena, struct reply *out,
    struct done done)
{
	struct ledger_arg params[CALL_MAX_PARAMS];
	struct asked *asked = arena_alloc(arena, sizeof(*asked));
	char city[16], number[40];
	size_t n = 0;

	assert(n_args <= LEDGER_MAX_ARGS);
	snprintf(city, sizeof(city), "%d", who->city);
	params[n++] = ARG_TEXT(city);
	params[n++] = ARG_TEXT(who->kid);
	params[n++] = ARG_BYTES(who->secret_hash, HASH_LEN);
	number_call(number);
	params[n++] = ARG_TEXT(arena_printf(arena, "%s %s", who->actor, number));
	if (statement_of(op)->keyed) {
		params[n++] = ARG_TEXT(who->idempotency_key);
		params[n++] = ARG_BYTES(who->request_hash, HASH_LEN);
	}
	for (size_t i = 0; i < n_args; i++)
		params[n++] = args[i];
	*asked =
	    (struct asked){ .ledger = l, .op = op, .arena = arena, .out = out, .done = done };
	*out = (struct reply){ 0 };
	pool_call(ledger_pool_of(l, op), op, params, n, account_number(who->organisation),
	    on_reply, asked);
}
