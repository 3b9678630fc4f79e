/*
 * Owns the waiting, and its time limit.
 *
 * It refuses to know what a position means: whether one is in, it asks.  Who is
 * to go on is taken off the list first and told after, as the told one may do
 * anything, even wait again.
 */
#include "daemon/mirror/waits.h"

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"

#include <event2/event.h>

#include <assert.h>
#include <stdlib.h>
#include <sys/queue.h>

TAILQ_HEAD(wait_list, wait);

struct wait {
	TAILQ_ENTRY(wait) link;
	struct waits *of;
	struct event *limit;
	uint64_t xid, id;
	struct done done;
};

struct waits {
	struct event_base *base;
	struct wait_list waiting;
};

struct waits *waits_new(struct event_base *base)
{
	struct waits *w = must_alloc(sizeof(*w));

	w->base = base;
	TAILQ_INIT(&w->waiting);
	return w;
}

void waits_free(struct waits *w)
{
	assert(TAILQ_EMPTY(&w->waiting));
	free(w);
}

/* It is on no list any more. */
static void tell(struct wait *one, enum status st)
{
	struct done done = one->done;

	event_free(one->limit);
	free(one);
	done_call(done, st);
}

static void tell_all(struct wait_list *list, enum status st)
{
	struct wait *one;

	while ((one = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, one, link);
		tell(one, st);
	}
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	struct wait *one = arg;

	(void)fd;
	(void)what;
	TAILQ_REMOVE(&one->of->waiting, one, link);
	tell(one, E_TIMEOUT);
}

void waits_add(struct waits *w, uint64_t xid, uint64_t id, unsigned ms, struct done done)
{
	const struct timeval tv = clock_span(ms);
	struct wait *one = must_alloc(sizeof(*one));

	one->of = w;
	one->xid = xid;
	one->id = id;
	one->done = done;
	one->limit = evtimer_new(w->base, on_late, one);
	evtimer_add(one->limit, &tv);
	TAILQ_INSERT_TAIL(&w->waiting, one, link);
}

void waits_serve(struct waits *w, bool (*is_in)(void *arg, uint64_t xid, uint64_t id),
    void *arg)
{
	struct wait_list served = TAILQ_HEAD_INITIALIZER(served);
	struct wait *next;

	for (struct wait *one = TAILQ_FIRST(&w->waiting); one; one = next) {
		next = TAILQ_NEXT(one, link);
		if (!is_in(arg, one->xid, one->id))
			continue;
		TAILQ_REMOVE(&w->waiting, one, link);
		TAILQ_INSERT_TAIL(&served, one, link);
	}
	tell_all(&served, OK);
}

void waits_end(struct waits *w)
{
	tell_all(&w->waiting, E_TIMEOUT);
}
