/*
 * Whether a call is made again, and what is said of one that is not.
 *
 * It refuses to know connections and queues.  A call may be repeated freely, even when it may
 * have been done: all are reads, carry a key or a number under which the second time finds the
 * first, or begin or end an import's run, which holds nothing yet or no more.
 */
#include "daemon/ledger/call_fate.h"

#include "daemon/ledger/call.h"

#define TRIES_MAX 3 /* the first and two more */

static struct call_fate ends(enum status st)
{
	return (struct call_fate){ CALL_ENDS, st };
}

/* This try was undone; of an earlier one nobody may have said what became of it. */
static struct call_fate ends_undone(const struct call *c)
{
	return ends(c->was_lost ? E_UNKNOWN : E_UNAVAILABLE);
}

struct call_fate call_fate(struct call *c, enum verdict verdict, size_t connections)
{
	if (verdict == VERDICT_AGAIN || verdict == VERDICT_STALE)
		c->was_sent = c->was_lost; /* this try was undone, or never begun */
	switch (verdict) {
	case VERDICT_FINE:
		/* Committed, but a standby may lack it: to ask again is the way to know. */
		return ends(c->is_doubtful ? E_UNKNOWN : c->rows ? OK : E_INTERNAL);
	case VERDICT_AGAIN:
		if (++c->tries < TRIES_MAX)
			return (struct call_fate){ .next = CALL_RESTS };
		return ends_undone(c);
	case VERDICT_STALE:
		/* Its connection goes: after as many as there are comes a fresh one. */
		if ((size_t)++c->stale_tries <= connections)
			return (struct call_fate){ .next = CALL_REPEATS };
		return ends_undone(c);
	case VERDICT_AWAY:
		return (struct call_fate){ .next = CALL_REPEATS };
	case VERDICT_LATE:
		return ends(E_TIMEOUT);
	case VERDICT_FULL:
		return ends_undone(c);
	case VERDICT_DEFECT:
		break;
	}
	return ends(E_INTERNAL);
}

enum status call_status_when_late(const struct call *c, bool is_ledger_down)
{
	if (c->on || c->batch)
		return E_TIMEOUT;
	if (c->was_sent)
		return E_UNKNOWN;
	return is_ledger_down ? E_UNAVAILABLE : E_BUSY;
}
