/*
 * The calls that wait for a connection, in order, and which of them go together.
 *
 * Calls of a statement that takes many go as one batch, and few batches of one statement are
 * under way at a time: each is a lane.  What comes while all lanes are taken goes next, at
 * once; nobody waits for a batch to fill.  Of the lists, whatever statement they are of, no
 * more than a number go at a time, and of one caller's no more than half of it: the connections
 * that are left serve everybody else, and the other half whoever else asks for a list.
 *
 * Between callers the queue is fair: next is a call of whoever has the fewest under way, of
 * these one that is no list, of these the oldest.  Of one caller's calls, but those that go
 * in batches, no more than a number are under way, however free the connections are, so
 * that who comes next finds one; and it fills no more than half of the queue.
 */
#ifndef DAEMON_LEDGER_LANES_H
#define DAEMON_LEDGER_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/call.h"

enum { LISTS_MAX = 64, CALLER_SLOTS = 1024 };

/* Of one statement. */
struct lane_count {
	size_t n_waiting;
	size_t n_lanes, n_in_lanes; /* batches under way, and the calls in them */
};

/* Of one caller; two whose numbers meet in a slot have what one has. */
struct caller_count {
	uint16_t n_waiting, n_under_way; /* under way: but for those in batches */
};

struct lanes {
	struct call_list queue; /* admitted, in no pipe */
	size_t n_waiting;
	struct lane_count of[STATEMENTS];
	size_t most_lists, n_lists; /* under way */
	size_t n_lists_waiting;
	uint64_t list_callers[LISTS_MAX]; /* of each that is under way */
	size_t most_of_caller;            /* under way; 0: no bound */
	struct caller_count callers[CALLER_SLOTS];
};

void lanes_init(struct lanes *l, size_t most_lists, size_t most_of_caller);
void lanes_add(struct lanes *l, struct call *call, bool first);
/* Takes it out of the queue, if it is in it. */
void lanes_remove(struct lanes *l, struct call *call);
/* All lanes of its statement are taken, or as many lists as may be are under way, of all or of
 * its caller, or as many of its caller's calls as may be: it waits, whatever connection is
 * free. */
bool lanes_are_full(const struct lanes *l, const struct call *call);
/* It would wait where so many do already that it may not: of `limit` calls in the queue a
 * fourth may be lists, and half of these one caller's; half of all, where callers have a bound.
 */
bool lanes_have_no_place(const struct lanes *l, const struct call *call, size_t limit);
/* The one that goes next of those that may go now, or NULL.  It stays in the queue. */
struct call *lanes_next(const struct lanes *l);
/* What is sent for a call that may go: itself, or a batch of it and of others that wait. */
struct call *lanes_take(struct lanes *l, struct call *call);
/* What was taken is back, and no more on its way: number, `in_lane` and caller of the call. */
void lanes_leave(struct lanes *l, int number, size_t in_lane, uint64_t caller);

#endif
