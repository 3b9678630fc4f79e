/*
 * The queue and the lanes: counts and lists only.
 *
 * It knows no connection and no time.
 */
#include "daemon/ledger/lanes.h"

#include "daemon/ledger/call_batch.h"

#define LANES          3 /* of one statement: its other calls gather meanwhile */
#define LIST_PART      4 /* of the queue, divided by it, may be lists */
#define TOGETHER_LEAST 8 /* so few are not shared out: each batch has its own price */

void lanes_init(struct lanes *l, size_t most_lists)
{
	TAILQ_INIT(&l->queue);
	l->most_lists = most_lists < LISTS_MAX ? most_lists : LISTS_MAX;
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

static size_t lists_waiting_of(const struct lanes *l, uint64_t caller)
{
	const struct call *call;
	size_t n = 0;

	TAILQ_FOREACH(call, &l->queue, queue)
	n += call->what->is_list && call_caller(call) == caller;
	return n;
}

static bool has_its_lists(const struct lanes *l, uint64_t caller)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_lists; i++)
		n += l->list_callers[i] == caller;
	return n >= (l->most_lists + 1) / 2;
}

bool lanes_are_full(const struct lanes *l, const struct call *call)
{
	return (call->what->takes_many && l->of[call->number].n_lanes >= LANES) ||
	       (call->what->is_list &&
		   (l->n_lists >= l->most_lists || has_its_lists(l, call_caller(call))));
}

bool lanes_have_no_place(const struct lanes *l, const struct call *call, size_t limit)
{
	size_t most = (limit + LIST_PART - 1) / LIST_PART;

	return call->what->is_list && lanes_are_full(l, call) &&
	       (l->n_lists_waiting >= most ||
		   lists_waiting_of(l, call_caller(call)) >= (most + 1) / 2);
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
		if (call->what->is_list)
			l->list_callers[l->n_lists++] = call_caller(call);
		return call;
	}
	batch = batch_new(&together);
	batch->in_lane = n;
	of->n_in_lanes += n;
	of->n_lanes++;
	return batch;
}

static void list_is_back(struct lanes *l, uint64_t caller)
{
	for (size_t i = 0; i < l->n_lists; i++) {
		if (l->list_callers[i] == caller) {
			l->list_callers[i] = l->list_callers[--l->n_lists];
			return;
		}
	}
}

void lanes_leave(struct lanes *l, int number, size_t in_lane, uint64_t caller)
{
	if (statement_of(number)->is_list)
		list_is_back(l, caller);
	if (!in_lane)
		return;
	l->of[number].n_in_lanes -= in_lane;
	l->of[number].n_lanes--;
}
