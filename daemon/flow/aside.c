/*
 * Work that would hold up everybody else: in pieces, between which others have their turn, or,
 * when it cannot be cut, in a thread.
 *
 * The thread knows nothing of the daemon: it is given one argument and shares nothing else. Its
 * end is told through a pipe, which the loop watches.
 */
#include "daemon/flow/aside.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/base/oom.h"
#include "daemon/base/status.h"
#include "daemon/flow/flow.h"

#define ASIDE_MAX 2 /* at a time, of one worker */

struct aside {
	void (*work)(void *arg);
	void *arg;
	struct done done;
	pthread_t thread;
	int ends[2];
	struct event *ended;
};

static int running;

struct turn {
	struct event *comes;
	struct done done;
};

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct turn *t = arg;
	struct done done = t->done;

	(void)fd;
	(void)what;
	event_free(t->comes);
	free(t);
	done_call(done, OK);
}

/* It can always be read: the loop comes to it in its order, when it has looked at its sockets.
 * A timer of none at all would run before that, and one of any length would wait for a tick. */
static int always_ready(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	return fd;
}

/* Behind everybody, requests that wait for a turn of their own too: what is always ready would
 * else come before what is of a lower priority for as long as the work lasts. */
enum next flow_yield(struct flow *f)
{
	static const struct timeval soon = { 0, 1 };
	struct event_base *base = flow_base(f);
	struct turn *t = must_alloc(sizeof(*t));
	int fd = always_ready();

	t->done = flow_resume(f);
	t->comes = event_new(base, fd, fd < 0 ? EV_TIMEOUT : EV_READ, on_turn, t);
	if (!t->comes ||
	    event_priority_set(t->comes, event_base_get_npriorities(base) - 1) != 0 ||
	    event_add(t->comes, fd < 0 ? &soon : NULL) != 0)
		abort(); /* out of memory */
	return STEP_WAIT;
}

static void *run_aside(void *arg)
{
	struct aside *a = arg;

	a->work(a->arg);
	close(a->ends[1]);
	return NULL;
}

static void free_aside(struct aside *a)
{
	if (a->ended)
		event_free(a->ended);
	close(a->ends[0]);
	free(a);
}

static void on_ended(evutil_socket_t fd, short what, void *arg)
{
	struct aside *a = arg;
	struct done done = a->done;

	(void)fd;
	(void)what;
	pthread_join(a->thread, NULL);
	running--;
	free_aside(a);
	done_call(done, OK);
}

/* Signals are the loop's. */
static bool start(struct aside *a)
{
	sigset_t all, before;
	bool is_started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	is_started = pthread_create(&a->thread, NULL, run_aside, a) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return is_started;
}

enum next flow_aside(struct flow *f, void (*work)(void *arg), void *arg)
{
	struct aside *a = must_alloc(sizeof(*a));

	*a = (struct aside){ .work = work, .arg = arg, .done = flow_resume(f) };
	if (running >= ASIDE_MAX || pipe2(a->ends, O_CLOEXEC) != 0) {
		struct done done = a->done;

		free(a);
		done_call(done, E_BUSY);
		return STEP_WAIT;
	}
	a->ended = event_new(flow_base(f), a->ends[0], EV_READ, on_ended, a);
	if (!a->ended || event_add(a->ended, NULL) != 0)
		abort(); /* out of memory */
	if (start(a)) {
		running++;
	} else {
		struct done done = a->done;

		close(a->ends[1]);
		free_aside(a);
		done_call(done, E_BUSY);
	}
	return STEP_WAIT;
}
