/*
 * The queue and the lanes: counts and lists only.
 *
 * It knows no connection and no time.
 */
#include "daemon/ledger/lanes.h"

#include "daemon/ledger/call_batch.h"

#define LANES          3 /* of one statement: its other calls gather meanwhile */
#define TOGETHER_LEAST 8 /* so few are not shared out: each batch has its own price */

void lanes_init(struct lanes *l, size_t most_lists)
{
	TAILQ_INIT(&l->queue);
	l->most_lists = most_lists;
}

void lanes_add(struct lanes *l, struct call *call, bool first)
{
	if (first)
		TAILQ_INSERT_HEAD(&l->queue, call, queue);
	else
		TAILQ_INSERT_TAIL(&l->queue, call, queue);
	call->is_waiting = true;
	l->n_waiting++;
	l->n_lists_waiting += call->what->is_list;
	l->of[call->number].n_waiting++;
}

void lanes_remove(struct lanes *l, struct call *call)
{
	if (!call->is_waiting)
		return;
	TAILQ_REMOVE(&l->queue, call, queue);
	call->is_waiting = false;
	l->n_waiting--;
	l->n_lists_waiting -= call->what->is_list;
	l->of[call->number].n_waiting--;
}

bool lanes_are_full(const struct lanes *l, const struct call *call)
{
	return (call->what->takes_many && l->of[call->number].n_lanes >= LANES) ||
	       (call->what->is_list && l->n_lists >= l->most_lists);
}

struct call *lanes_next(const struct lanes *l)
{
	struct call *call;

	TAILQ_FOREACH(call, &l->queue, queue)
	if (!lanes_are_full(l, call))
		return call;
	return NULL;
}

/*
 * Every lane's share of those that are under way or wait.  A lane that took whoever waits
 * would leave the others to carry one call each, for ever: who is answered asks again, and
 * meets in the queue only those that were answered with it.
 */
static size_t fair_share(const struct lane_count *of)
{
	size_t n = (of->n_waiting + of->n_in_lanes + LANES - 1) / LANES;

	if (n < TOGETHER_LEAST)
		return TOGETHER_LEAST;
	return n < BATCH_MAX ? n : BATCH_MAX;
}

struct call *lanes_take(struct lanes *l, struct call *call)
{
	struct lane_count *of = &l->of[call->number];
	struct call_list together = TAILQ_HEAD_INITIALIZER(together);
	size_t n = 0, most = call->what->takes_many ? fair_share(of) : 1;
	struct call *next, *batch;

	for (struct call *c = call; c && n < most; c = next) {
		next = TAILQ_NEXT(c, queue);
		if (c != call && !batch_may_join(call, c))
			continue;
		lanes_remove(l, c);
		c->was_sent = true;
		TAILQ_INSERT_TAIL(&together, c, queue);
		n++;
	}
	if (!call->what->takes_many) {
		TAILQ_REMOVE(&together, call, queue);
		l->n_lists += call->what->is_list;
		return call;
	}
	batch = batch_new(&together);
	batch->in_lane = n;
	of->n_in_lanes += n;
	of->n_lanes++;
	return batch;
}

void lanes_leave(struct lanes *l, int number, size_t in_lane)
{
	l->n_lists -= statement_of(number)->is_list;
	if (!in_lane)
		return;
	l->of[number].n_in_lanes -= in_lane;
	l->of[number].n_lanes--;
}
