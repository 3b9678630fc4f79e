/*
 * The parent of the workers: starts them, starts them again, replaces them,
 * ends them.
 *
 * It serves nothing and so has no event loop: it sleeps in sigtimedwait.  A
 * worker that crashed comes back at once, one that crashes again and again ever
 * later; one whose loop no longer turns is killed.  With new settings a worker
 * goes only when the one that follows it serves, one after the other: settings
 * under which nobody comes to serve leave the old ones serving.
 */
#include "daemon/supervise.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/keeper.h"
#include "daemon/kept_post.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/notify.h"
#include "daemon/parts.h"
#include "daemon/process.h"
#include "daemon/serving.h"
#include "daemon/signs.h"
#include "daemon/sockets.h"
#include "daemon/worker.h"

#define BACKOFF_FIRST_MS 50
#define BACKOFF_MOST_MS  10000
#define STEADY_MS        10000 /* who lived that long has not crashed at its start */
#define LOOK_MS          1000  /* between two looks at what brings no signal */
#define LOOK_SOON_MS     20    /* while somebody is to begin to serve */
#define OVERSLEPT_MS     3000  /* we stood still ourselves: nobody else is to blame */

struct worker_slot {
	struct process now, old; /* the old one serves until the new one does */
	int64_t start_at_ms;     /* when there is none */
	int64_t backoff_ms;
};

struct workers {
	struct parts *parts;
	const struct sockets *sockets;
	const char *config_path;
	struct worker_slot *slots;
	int n;
	int generation;   /* of the settings */
	bool is_changing; /* systemd waits to hear that all serve, with the present settings */
	int64_t looked_ms;
	bool stopping;
	int status;
};

void supervise_prepare(void)
{
	sigset_t set;

	process_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* 0 in the worker, else its pid. */
static pid_t start(struct workers *w, int i, struct worker_place *place)
{
	struct worker_slot *s = &w->slots[i];
	int number = s->old.pid && s->old.number == i ? i + w->n : i;
	pid_t pid = process_start(&s->now, i, number);

	if (pid == 0)
		*place = (struct worker_place){ .slot = i,
			.number = number,
			.follows = s->old.pid != 0 };
	s->now.generation = w->generation;
	if (pid < 0)
		s->start_at_ms = s->now.started_ms + BACKOFF_MOST_MS;
	return pid;
}

static void on_crash(struct worker_slot *s, const struct process *p)
{
	int64_t now = clock_ms();

	metric_add(M_WORKER_RESTARTS, 1);
	if (now - p->started_ms >= STEADY_MS)
		s->backoff_ms = 0;
	s->backoff_ms = s->backoff_ms ? s->backoff_ms * 2 : BACKOFF_FIRST_MS;
	if (s->backoff_ms > BACKOFF_MOST_MS)
		s->backoff_ms = BACKOFF_MOST_MS;
	s->start_at_ms = now + s->backoff_ms;
}

static void stop(struct workers *w)
{
	int drain_ms = w->parts->config->drain_ms;

	if (w->stopping)
		return;
	log_event(LOG_LEVEL_INFO, "daemon.stopping", NULL);
	w->stopping = true;
	notify_stopping();
	for (int i = 0; i < w->n; i++) {
		process_tell_to_end(&w->slots[i].now, drain_ms);
		process_tell_to_end(&w->slots[i].old, drain_ms);
	}
}

static void on_worker_end(struct workers *w, int i, struct process *p, int how)
{
	struct worker_slot *s = &w->slots[i];
	bool was_told = p->kill_at_ms != 0;
	bool is_orderly = was_told && WIFEXITED(how) && WEXITSTATUS(how) == 0;
	struct process ended = *p;

	process_log_end(p, i, how, is_orderly);
	signs_clear(p->number);
	kept_post_gone(p->number);
	*p = (struct process){ 0 };
	if (WIFEXITED(how) && WEXITSTATUS(how) == WORKER_WRONG_CITY) {
		stop(w); /* it would be so again */
		w->status = 1;
	} else if (w->stopping) {
		if (!is_orderly)
			w->status = 1;
	} else if (p == &s->now && was_told) { /* its settings were replaced meanwhile */
		s->start_at_ms = clock_ms();
		s->backoff_ms = 0;
	} else if (p == &s->now) {
		on_crash(s, &ended);
	} else if (!was_told) {
		metric_add(M_WORKER_RESTARTS, 1); /* who follows it is there already */
	}
}

static void reap(struct workers *w)
{
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		if (keeper_ended(pid, how))
			continue;
		for (int i = 0; i < w->n; i++) {
			if (w->slots[i].now.pid == pid)
				on_worker_end(w, i, &w->slots[i].now, how);
			else if (w->slots[i].old.pid == pid)
				on_worker_end(w, i, &w->slots[i].old, how);
		}
	}
}

static void reload(struct workers *w)
{
	enum log_level level = LOG_LEVEL_INFO;

	if (w->stopping || !parts_read_again(w->parts, w->config_path))
		return;
	(void)log_level_of(w->parts->config->log_level, &level);
	log_open(level, "main");
	log_event(LOG_LEVEL_INFO, "daemon.reloaded", "policy", w->parts->policy.version, NULL);
	w->generation++;
	w->is_changing = true;
	notify_reloading();
}

/* Goes on with the replacement: one slot at a time gets a worker of the present settings. */
static void renew(struct workers *w)
{
	int drain_ms = w->parts->config->drain_ms;
	struct worker_slot *next = NULL;

	for (int i = 0; i < w->n; i++) {
		struct worker_slot *s = &w->slots[i];

		/* Who follows serves; or never did, and its settings are replaced already. */
		if (s->old.pid && process_serves(&s->now))
			process_tell_to_end(&s->old, drain_ms);
		else if (s->old.pid && s->now.generation != w->generation)
			process_tell_to_end(&s->now, drain_ms);
		if (s->old.pid)
			return;
		if (!next && s->now.pid && s->now.generation != w->generation)
			next = s;
	}
	if (!next)
		return;
	next->old = next->now;
	next->now = (struct process){ 0 };
	next->start_at_ms = 0;
	next->backoff_ms = 0;
}

/* All serve, and with the present settings: systemd may know. */
static void tell_ready(struct workers *w)
{
	for (int i = 0; i < w->n; i++) {
		const struct worker_slot *s = &w->slots[i];

		if (s->old.pid || !process_serves(&s->now) ||
		    s->now.generation != w->generation)
			return;
	}
	if (!notify_ready())
		return;
	w->is_changing = false;
	log_event(LOG_LEVEL_INFO, "daemon.ready", NULL);
}

/* Starts and kills what is due; false: we are the worker that was started. */
static bool start_and_kill(struct workers *w, struct worker_place *place, int64_t *next_ms)
{
	int64_t now = clock_ms();
	bool has_slept = now - w->looked_ms > OVERSLEPT_MS;
	int limit_ms = w->parts->config->watchdog_ms;

	if (!w->stopping)
		renew(w);
	if (w->is_changing && !w->stopping)
		tell_ready(w);
	*next_ms = now + (w->is_changing ? LOOK_SOON_MS : LOOK_MS);
	for (int i = 0; i < w->n; i++) {
		struct worker_slot *s = &w->slots[i];

		if (!s->now.pid && !w->stopping && s->start_at_ms <= now) {
			if (start(w, i, place) == 0)
				return false;
		}
		process_watch(&s->now, now, limit_ms, has_slept);
		process_watch(&s->old, now, limit_ms, has_slept);
		process_kill_late(&s->now, now, next_ms);
		process_kill_late(&s->old, now, next_ms);
		if (!s->now.pid && !w->stopping && s->start_at_ms < *next_ms)
			*next_ms = s->start_at_ms;
	}
	w->looked_ms = now;
	return true;
}

static bool is_over(const struct workers *w)
{
	for (int i = 0; i < w->n; i++)
		if (w->slots[i].now.pid || w->slots[i].old.pid)
			return false;
	return w->stopping;
}

/* Sleeps until a signal or until something is due. */
static void await(struct workers *w, int64_t next_ms)
{
	int64_t ms = next_ms - clock_ms();
	struct timespec time_left = { 0 };
	sigset_t set;

	if (ms > 0) {
		time_left.tv_sec = ms / 1000;
		time_left.tv_nsec = ms % 1000 * 1000000;
	}
	process_signals(&set);
	switch (sigtimedwait(&set, NULL, &time_left)) {
	case SIGTERM:
	case SIGINT:
		stop(w);
		break;
	case SIGHUP:
		reload(w);
		break;
	default: /* SIGCHLD, or the time is over */
		break;
	}
	reap(w);
	keeper_look(w->parts->config->state_dir);
	notify_alive();
	log_flush();
	metric_add(M_LOG_LOST, (int64_t)log_take_lost());
}

int supervise(struct parts *p, const struct sockets *s, const char *config_path)
{
	struct workers w = {
		.parts = p,
		.sockets = s,
		.config_path = config_path,
		.n = p->config->workers,
		.is_changing = true,
		.looked_ms = clock_ms(),
	};
	struct worker_place place = { 0 };
	int64_t next_ms;

	w.slots = must_alloc((size_t)w.n * sizeof(*w.slots));
	while (!is_over(&w)) {
		if (!start_and_kill(&w, &place, &next_ms)) {
			free(w.slots);
			return worker_run(p, s, &place);
		}
		await(&w, next_ms);
	}
	free(w.slots);
	return w.status;
}
