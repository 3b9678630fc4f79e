/*
 * A call's memory, one block with its parameters copied behind it; and what it was worth.
 *
 * It knows no connection and no clock.
 */
#include "daemon/ledger/call.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/accounts.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/call_batch.h"
#include "daemon/metrics/metrics.h"

#define ACTOR 3 /* among the parameters of a caller's call (ledger.h) */
#define AGAIN " again"

static size_t length_of(const struct ledger_arg *p)
{
	return !p->data ? 0 : p->binary ? p->len : strlen(p->data) + 1;
}

struct call *call_new(int number, const struct ledger_arg *params, size_t n,
    uint64_t organisation, call_done *done, void *arg)
{
	struct call *c;
	size_t size = 0;
	char *at;

	assert(n <= CALL_MAX_PARAMS && n == statement_of(number)->n_params);
	for (size_t i = 0; i < n; i++)
		size += length_of(&params[i]);
	size += sizeof(AGAIN);
	c = must_alloc(sizeof(*c) + size);
	c->what = statement_of(number);
	c->number = number;
	c->organisation = organisation;
	c->done = done;
	c->arg = arg;
	c->n = (int)n;
	at = c->bytes;
	for (size_t i = 0; i < n; i++) {
		size_t len = length_of(&params[i]);

		if (!params[i].data)
			continue;
		if (len)
			memcpy(at, params[i].data, len);
		c->values[i] = at;
		c->lengths[i] = (int)len;
		c->formats[i] = params[i].binary;
		at += len + (i == ACTOR ? sizeof(AGAIN) : 0);
	}
	return c;
}

static char *actor_of(const struct call *c)
{
	bool is_callers = c->what && c->number < LEDGER_OPS && !c->n_members;

	/* In our own bytes, which are not const. */
	return is_callers && c->values[ACTOR] ? (char *)(uintptr_t)c->values[ACTOR] : NULL;
}

void call_lost(struct call *c)
{
	char *actor = actor_of(c);

	if (actor && !c->was_lost) /* call_new has left room */
		memcpy(actor + strlen(actor), AGAIN, sizeof(AGAIN));
	c->was_lost = true;
}

/* The second word, behind the officer. */
void call_request(const struct call *c, char id[static 33])
{
	const char *actor = actor_of(c);
	const char *word = actor ? strchr(actor, ' ') : NULL;

	id[0] = '\0';
	if (word)
		snprintf(id, 33, "%.*s", (int)strcspn(word + 1, " "), word + 1);
}

struct call *call_new_ping(void)
{
	return must_alloc(sizeof(struct call));
}

void call_free(struct call *c)
{
	assert(!c->done && !c->on && !c->is_waiting && !c->batch && !c->n_members);
	if (c->rest)
		event_free(c->rest);
	PQclear(c->rows);
	free(c);
}

void call_again(struct call *c)
{
	PQclear(c->rows);
	c->rows = NULL;
	c->sqlstate[0] = '\0';
	c->is_preparing = c->is_doubtful = false;
}

static void note_work(const struct call *call, uint64_t organisation, int64_t us)
{
	static const enum metric counts[WORKS] = { M_LEDGER_READS, M_LEDGER_WRITES,
		M_LEDGER_REPORTS, M_LEDGER_OURS };
	static const enum metric times[WORKS] = { M_LEDGER_READS_US, M_LEDGER_WRITES_US,
		M_LEDGER_REPORTS_US, M_LEDGER_OURS_US };

	metric_add(counts[call->what->work], 1);
	metric_add(times[call->what->work], us);
	if (!call->what->has_own_limits)
		account_note(organisation,
		    call->what->work == WORK_REPORT ? FOR_REPORTS : FOR_REQUESTS, us);
}

void call_note_held(const struct call *c)
{
	const struct call *m;

	if (!call_is_batch(c)) {
		note_work(c, c->organisation, c->held_us);
		return;
	}
	TAILQ_FOREACH(m, &c->members, queue)
	note_work(m, m->organisation, c->held_us / (int64_t)c->n_members);
}

void call_complete(struct call *c, enum status st)
{
	call_done *done = c->done;

	c->done = NULL;
	if (done)
		done(c->arg, st, st == OK ? c->rows : NULL);
}
