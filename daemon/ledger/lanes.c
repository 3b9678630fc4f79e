/*
 * The queue and the lanes: counts and lists only.
 *
 * It knows no connection and no time.  Of an organisation there is a record (uthash) as long as
 * something of it waits or is under way; who comes anew was never served, and goes before who
 * was.  (The analyser follows uthash's macros into a table that was freed with its last entry,
 * and is told not to.)
 */
#include "daemon/ledger/lanes.h"

#include <stdlib.h>

#include <uthash.h>

#include "daemon/base/oom.h"
#include "daemon/ledger/call_batch.h"

#define LANES          3 /* of one statement: its other calls gather meanwhile */
#define REPORT_PART    4 /* of the queue, divided by it, may be reports */
#define TOGETHER_LEAST 8 /* so few are not shared out: each batch has its own price */

struct owner {
	uint64_t organisation;
	size_t n_waiting, n_reports_waiting;
	size_t n_under_way, n_reports; /* under way: but for those in batches */
	uint64_t turn;                 /* the last that it had; 0: none */
	UT_hash_handle hh;
};

void lanes_init(struct lanes *l, size_t most_reports, size_t most_of_owner)
{
	TAILQ_INIT(&l->queue);
	l->most_of_owner = most_of_owner;
	l->most_reports = most_reports;
}

static bool is_report(const struct call *call)
{
	return call->what->work == WORK_REPORT;
}

/* NULL: nothing of it waits or is under way, or it is nobody. */
static struct owner *owner_of(const struct lanes *l, uint64_t organisation)
{
	struct owner *o = NULL;

	if (organisation)
		HASH_FIND(hh, l->owners, &organisation, sizeof(organisation), o);
	return o;
}

static struct owner *take_owner(struct lanes *l, uint64_t organisation)
{
	struct owner *o = owner_of(l, organisation);

	if (o || !organisation)
		return o;
	o = must_alloc(sizeof(*o));
	o->organisation = organisation;
	HASH_ADD(hh, l->owners, organisation, sizeof(o->organisation), o);
	return o;
}

static void leave_owner(struct lanes *l, struct owner *o)
{
	if (!o || o->n_waiting || o->n_under_way)
		return;
	HASH_DEL(l->owners, o); /* NOLINT(clang-analyzer-unix.Malloc) */
	free(o);
}

void lanes_add(struct lanes *l, struct call *call, bool first)
{
	struct owner *o = take_owner(l, call->organisation);

	if (first)
		TAILQ_INSERT_HEAD(&l->queue, call, queue);
	else
		TAILQ_INSERT_TAIL(&l->queue, call, queue);
	call->is_waiting = true;
	call->owner = o;
	l->n_waiting++;
	l->n_reports_waiting += is_report(call);
	l->of[call->number].n_waiting++;
	if (!o)
		return;
	o->n_waiting++;
	o->n_reports_waiting += is_report(call);
}

/* Out of the queue; its organisation stays known. */
static void unqueue(struct lanes *l, struct call *call)
{
	struct owner *o = call->owner;

	TAILQ_REMOVE(&l->queue, call, queue);
	call->is_waiting = false;
	call->owner = NULL;
	l->n_waiting--;
	l->n_reports_waiting -= is_report(call);
	l->of[call->number].n_waiting--;
	if (!o)
		return;
	o->n_waiting--;
	o->n_reports_waiting -= is_report(call);
}

void lanes_remove(struct lanes *l, struct call *call)
{
	struct owner *o = call->owner;

	if (!call->is_waiting)
		return;
	unqueue(l, call);
	leave_owner(l, o);
}

static bool has_its_share(const struct lanes *l, const struct call *call, const struct owner *o)
{
	if (!o)
		return false;
	if (is_report(call) && o->n_reports >= (l->most_reports + 1) / 2)
		return true;
	return l->most_of_owner && !call->what->takes_many &&
	       o->n_under_way >= l->most_of_owner;
}

static bool is_held_back(const struct lanes *l, const struct call *call, const struct owner *o)
{
	return has_its_share(l, call, o) ||
	       (call->what->takes_many && l->of[call->number].n_lanes >= LANES) ||
	       (is_report(call) && l->n_reports >= l->most_reports);
}

bool lanes_are_full(const struct lanes *l, const struct call *call)
{
	return is_held_back(l, call, owner_of(l, call->organisation));
}

bool lanes_have_no_place(const struct lanes *l, const struct call *call, size_t limit)
{
	size_t most = (limit + REPORT_PART - 1) / REPORT_PART;
	const struct owner *o = owner_of(l, call->organisation);

	if (o && l->most_of_owner && o->n_waiting >= (limit + 1) / 2)
		return true;
	return is_report(call) && is_held_back(l, call, o) &&
	       (l->n_reports_waiting >= most || (o && o->n_reports_waiting >= (most + 1) / 2));
}

/* What is our own has no turn, and waits for nobody's. */
static bool goes_before(const struct call *a, const struct call *b)
{
	const struct owner *x = a->owner, *y = b->owner;
	size_t n = x ? x->n_under_way : 0, m = y ? y->n_under_way : 0;

	if (n != m)
		return n < m;
	if (is_report(a) != is_report(b))
		return is_report(b);
	return (x ? x->turn : 0) < (y ? y->turn : 0);
}

struct call *lanes_next(const struct lanes *l, struct room room)
{
	struct call *call, *best = NULL;

	if (!room.for_reports && !room.for_others)
		return NULL;
	TAILQ_FOREACH(call, &l->queue, queue)
	{
		if (!(is_report(call) ? room.for_reports : room.for_others) ||
		    (best && !goes_before(call, best)) || is_held_back(l, call, call->owner))
			continue;
		best = call;
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

static struct call *take_alone(struct lanes *l, struct call *call)
{
	struct owner *o = call->owner;

	unqueue(l, call);
	call->was_sent = true;
	l->n_reports += is_report(call);
	if (!o)
		return call;
	o->turn = ++l->turns;
	o->n_under_way++;
	o->n_reports += is_report(call);
	return call;
}

struct call *lanes_take(struct lanes *l, struct call *call)
{
	struct lane_count *of = &l->of[call->number];
	struct call_list together = TAILQ_HEAD_INITIALIZER(together);
	size_t n = 0, most = fair_share(of);
	struct call *next, *batch;

	if (!call->what->takes_many)
		return take_alone(l, call);
	for (struct call *c = call; c && n < most; c = next) {
		next = TAILQ_NEXT(c, queue);
		if (c != call && !batch_may_join(call, c))
			continue;
		if (c->owner)
			c->owner->turn = ++l->turns;
		lanes_remove(l, c);
		c->was_sent = true;
		TAILQ_INSERT_TAIL(&together, c, queue);
		n++;
	}
	batch = batch_new(&together);
	batch->in_lane = n;
	of->n_in_lanes += n;
	of->n_lanes++;
	return batch;
}

void lanes_leave(struct lanes *l, int number, size_t in_lane, uint64_t organisation)
{
	bool was_report = statement_of(number)->work == WORK_REPORT;
	struct owner *o = owner_of(l, organisation);

	if (in_lane) {
		l->of[number].n_in_lanes -= in_lane;
		l->of[number].n_lanes--;
		return;
	}
	l->n_reports -= was_report;
	if (!o)
		return;
	o->n_under_way--;
	o->n_reports -= was_report;
	leave_owner(l, o);
}
