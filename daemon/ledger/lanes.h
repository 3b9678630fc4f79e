/*
 * The calls that wait for a connection, in order, and which of them go together.
 *
 * Calls of a statement that takes many go as one batch, and few batches of one statement are
 * under way at a time: each is a lane.  What comes while all lanes are taken goes next, at
 * once; nobody waits for a batch to fill.  Reports go on connections of their own, no more
 * than there are of these, and of one organisation's no more than half: the other half serves
 * whoever else asks for one, and the other connections everybody else.
 *
 * Between organisations the queue is fair, whatever number of keys each has: next is a call of
 * who has the fewest under way, of these of who was served longest ago, and of one's own the
 * oldest.  Of one organisation's calls, but those that go in batches, no more than a number
 * are under way, however free the connections are, so that who comes next finds one; and they
 * fill no more than half of the queue.
 */
#ifndef DAEMON_LEDGER_LANES_H
#define DAEMON_LEDGER_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/call.h"

/* Of one statement. */
struct lane_count {
	size_t n_waiting;
	size_t n_lanes, n_in_lanes; /* batches under way, and the calls in them */
};

struct lanes {
	struct call_list queue; /* admitted, in no pipe */
	size_t n_waiting;
	struct lane_count of[STATEMENTS];
	size_t most_reports, n_reports; /* under way */
	size_t n_reports_waiting;
	size_t most_of_owner; /* under way; 0: no bound */
	struct owner *owners; /* of all that waits or is under way */
	uint64_t turns;
};

/* Which connections there are for what waits. */
struct room {
	bool for_reports, for_others;
};

void lanes_init(struct lanes *l, size_t most_reports, size_t most_of_owner);
void lanes_add(struct lanes *l, struct call *call, bool first);
/* Takes it out of the queue, if it is in it. */
void lanes_remove(struct lanes *l, struct call *call);
/* All lanes of its statement are taken, or as many reports as may be are under way, of all or
 * of its organisation, or as many of its organisation's calls as may be: it waits, whatever
 * connection is free. */
bool lanes_are_full(const struct lanes *l, const struct call *call);
/* It would wait where so many do already that it may not: of `limit` calls in the queue a
 * fourth may be reports, and half of these one organisation's; half of all, where
 * organisations have a bound. */
bool lanes_have_no_place(const struct lanes *l, const struct call *call, size_t limit);
/* The one that goes next of those that may go now, or NULL.  It stays in the queue. */
struct call *lanes_next(const struct lanes *l, struct room room);
/* What is sent for a call that may go: itself, or a batch of it and of others that wait. */
struct call *lanes_take(struct lanes *l, struct call *call);
/* What was taken is back, and no more on its way: number, `in_lane` and organisation of the
 * call. */
void lanes_leave(struct lanes *l, int number, size_t in_lane, uint64_t organisation);

#endif
