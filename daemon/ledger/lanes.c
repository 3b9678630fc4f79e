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

void lanes_init(struct lanes *l, size_t most_lists, size_t most_of_caller)
{
	TAILQ_INIT(&l->queue);
	l->most_of_caller = most_of_caller;
	l->most_lists = most_lists < LISTS_MAX ? most_lists : LISTS_MAX;
}

/* NULL: nobody's. */
static struct caller_count *count_of(struct lanes *l, uint64_t caller)
{
	return caller ? &l->callers[caller % CALLER_SLOTS] : NULL;
}

static const struct caller_count *counted(const struct lanes *l, const struct call *call)
{
	static const struct caller_count none;
	uint64_t caller = call_caller(call);

	return caller ? &l->callers[caller % CALLER_SLOTS] : &none;
}

static void note_waiting(struct lanes *l, const struct call *call, int change)
{
	struct caller_count *of = count_of(l, call_caller(call));

	if (of)
		of->n_waiting = (uint16_t)(of->n_waiting + change);
}

static void note_under_way(struct lanes *l, uint64_t caller, int change)
{
	struct caller_count *of = count_of(l, caller);

	if (of)
		of->n_under_way = (uint16_t)(of->n_under_way + change);
}

void lanes_add(struct lanes *l, struct call *call, bool first)
{
	if (first)
		TAILQ_INSERT_HEAD(&l->queue, call, queue);
	else
		TAILQ_INSERT_TAIL(&l->queue, call, queue);
	call->is_waiting = true;
	l->n_waiting++;
	note_waiting(l, call, 1);
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
	note_waiting(l, call, -1);
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

static bool has_its_share(const struct lanes *l, const struct call *call)
{
	return l->most_of_caller && !call->what->takes_many &&
	       counted(l, call)->n_under_way >= l->most_of_caller;
}

bool lanes_are_full(const struct lanes *l, const struct call *call)
{
	return has_its_share(l, call) ||
	       (call->what->takes_many && l->of[call->number].n_lanes >= LANES) ||
	       (call->what->is_list &&
		   (l->n_lists >= l->most_lists || has_its_lists(l, call_caller(call))));
}

bool lanes_have_no_place(const struct lanes *l, const struct call *call, size_t limit)
{
	size_t most = (limit + LIST_PART - 1) / LIST_PART;

	if (l->most_of_caller && counted(l, call)->n_waiting >= (limit + 1) / 2)
		return true;
	return call->what->is_list && lanes_are_full(l, call) &&
	       (l->n_lists_waiting >= most ||
		   lists_waiting_of(l, call_caller(call)) >= (most + 1) / 2);
}

struct call *lanes_next(const struct lanes *l)
{
	struct call *call, *best = NULL;
	size_t turn, best_turn = SIZE_MAX;

	TAILQ_FOREACH(call, &l->queue, queue)
	{
		turn = 2 * (size_t)counted(l, call)->n_under_way + call->what->is_list;
		if (turn >= best_turn || lanes_are_full(l, call))
			continue;
		best = call;
		best_turn = turn;
		if (!turn)
			break;
	}
	return best;
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
		note_under_way(l, call_caller(call), 1);
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
	if (!in_lane) {
		note_under_way(l, caller, -1);
		return;
	}
	l->of[number].n_in_lanes -= in_lane;
	l->of[number].n_lanes--;
}
