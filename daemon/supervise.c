/*
 * The parent of the workers: starts them, starts them again, replaces them,
 * ends them.
 *
 * It serves nothing and so has no event loop: it sleeps in sigtimedwait.  A
 * worker that crashed comes back at once, one that crashes again and again ever
 * later.  Workers die with the parent (PDEATHSIG), because two daemons on one
 * port would be worse than none.
 */
#include "daemon/supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/parts.h"
#include "daemon/sockets.h"
#include "daemon/worker.h"

#define BACKOFF_FIRST_MS 50
#define BACKOFF_MOST_MS  10000
#define STEADY_MS        10000 /* who lived that long has not crashed at its start */
#define KILL_GRACE_MS    3000  /* after drain_ms, for what is not a request */
#define LOOK_MS          1000  /* between two looks at what brings no signal */

struct worker_slot {
	pid_t pid; /* 0: none */
	int64_t started_ms;
	int64_t start_at_ms; /* when there is none */
	int64_t kill_at_ms;  /* it was told to end; 0: it was not */
	int64_t backoff_ms;
};

struct workers {
	struct parts *parts;
	const struct sockets *sockets;
	const char *config_path;
	struct worker_slot *slots;
	int n;
	int renewing; /* the slot that is being replaced; n: none */
	bool stopping;
	int status;
};

static void ours(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
}

void supervise_prepare(void)
{
	sigset_t set;

	ours(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void become_worker(pid_t parent, int slot)
{
	sigset_t others;
	char name[24]; /* the kernel keeps 15 */

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1); /* it died before we asked to be told */
	snprintf(name, sizeof(name), "vacancyd:%d", slot);
	prctl(PR_SET_NAME, name);
	log_forked();
	/* A terminal sends these to all of us; the parent decides what they mean. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	ours(&others);
	sigdelset(&others, SIGTERM); /* the worker unblocks it when it can take it */
	sigprocmask(SIG_UNBLOCK, &others, NULL);
}

/* 0 in the worker, else its pid. */
static pid_t start(struct workers *w, int i)
{
	struct worker_slot *s = &w->slots[i];
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		become_worker(parent, i);
		return 0;
	}
	s->started_ms = clock_ms();
	s->kill_at_ms = 0;
	if (pid > 0) {
		s->pid = pid;
		return pid;
	}
	log_event(LOG_LEVEL_ERROR, "worker.fork", "why", strerror(errno), NULL);
	s->start_at_ms = s->started_ms + BACKOFF_MOST_MS;
	return -1;
}

static void tell_to_end(struct workers *w, struct worker_slot *s)
{
	if (!s->pid || s->kill_at_ms)
		return;
	s->kill_at_ms = clock_ms() + w->parts->config->drain_ms + KILL_GRACE_MS;
	kill(s->pid, SIGTERM);
}

/* Goes on with the replacement: the next slot that still has an old worker. */
static void renew_next(struct workers *w)
{
	while (w->renewing < w->n && !w->slots[w->renewing].pid)
		w->renewing++;
	if (w->renewing < w->n)
		tell_to_end(w, &w->slots[w->renewing]);
}

static void log_end(int i, pid_t pid, int how, bool expected)
{
	char slot[12], number[12], code[12];

	snprintf(slot, sizeof(slot), "%d", i);
	snprintf(number, sizeof(number), "%d", (int)pid);
	snprintf(code, sizeof(code), "%d", WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
	log_event(expected ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "worker.gone", "slot", slot,
	    "pid", number, WIFSIGNALED(how) ? "signal" : "status", code, NULL);
}

static void on_worker_end(struct workers *w, int i, int how)
{
	struct worker_slot *s = &w->slots[i];
	bool orderly = s->kill_at_ms && WIFEXITED(how) && WEXITSTATUS(how) == 0;
	int64_t now = clock_ms();

	log_end(i, s->pid, how, orderly);
	s->pid = 0;
	if (w->stopping) {
		if (!orderly)
			w->status = 1;
		return;
	}
	if (i == w->renewing) {
		s->start_at_ms = now;
		s->backoff_ms = 0;
		return; /* renew_next follows its start */
	}
	metric_add(M_WORKER_RESTARTS, 1);
	if (now - s->started_ms >= STEADY_MS)
		s->backoff_ms = 0;
	s->backoff_ms = s->backoff_ms ? s->backoff_ms * 2 : BACKOFF_FIRST_MS;
	if (s->backoff_ms > BACKOFF_MOST_MS)
		s->backoff_ms = BACKOFF_MOST_MS;
	s->start_at_ms = now + s->backoff_ms;
}

static void reap(struct workers *w)
{
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
		for (int i = 0; i < w->n; i++)
			if (w->slots[i].pid == pid)
				on_worker_end(w, i, how);
}

static void stop(struct workers *w)
{
	if (w->stopping)
		return;
	log_event(LOG_LEVEL_INFO, "daemon.stopping", NULL);
	w->stopping = true;
	for (int i = 0; i < w->n; i++)
		tell_to_end(w, &w->slots[i]);
}

/* What the sockets and the slots were made from stays until a restart. */
static bool may_replace(const struct config *is, const struct config *wanted)
{
	return is->city == wanted->city && is->workers == wanted->workers &&
	       strcmp(is->listen, wanted->listen) == 0 &&
	       strcmp(is->admin_socket, wanted->admin_socket) == 0;
}

static void reload(struct workers *w)
{
	enum log_level level = LOG_LEVEL_INFO;
	struct parts fresh;

	if (w->stopping || w->renewing < w->n) {
		log_event(LOG_LEVEL_WARN, "daemon.not-reloaded", "why", "busy", NULL);
		return;
	}
	if (!parts_read(&fresh, w->config_path)) {
		log_event(LOG_LEVEL_ERROR, "daemon.not-reloaded", "why", "faults", NULL);
		return;
	}
	if (!may_replace(w->parts->config, fresh.config)) {
		log_event(LOG_LEVEL_ERROR, "daemon.not-reloaded", "why",
		    "addresses, city and workers change with a restart", NULL);
		parts_release(&fresh);
		return;
	}
	parts_release(w->parts);
	*w->parts = fresh;
	(void)log_level_of(fresh.config->log_level, &level);
	log_open(level, "main");
	log_event(LOG_LEVEL_INFO, "daemon.reloaded", "policy", fresh.policy.version, NULL);
	w->renewing = 0;
	renew_next(w);
}

/* Starts and kills what is due; false: we are the worker that was started. */
static bool start_and_kill(struct workers *w, int *slot, int64_t *next_ms)
{
	int64_t now = clock_ms();

	*next_ms = INT64_MAX;
	for (int i = 0; i < w->n; i++) {
		struct worker_slot *s = &w->slots[i];

		if (!s->pid && !w->stopping && s->start_at_ms <= now) {
			*slot = i;
			if (start(w, i) == 0)
				return false;
			if (i == w->renewing) {
				w->renewing++;
				renew_next(w);
			}
		}
		if (s->pid && s->kill_at_ms && s->kill_at_ms <= now) {
			log_event(LOG_LEVEL_ERROR, "worker.killed", NULL);
			kill(s->pid, SIGKILL);
			s->kill_at_ms = now + KILL_GRACE_MS;
		}
		if (s->pid && s->kill_at_ms && s->kill_at_ms < *next_ms)
			*next_ms = s->kill_at_ms;
		if (!s->pid && !w->stopping && s->start_at_ms < *next_ms)
			*next_ms = s->start_at_ms;
	}
	return true;
}

static bool is_over(const struct workers *w)
{
	for (int i = 0; i < w->n; i++)
		if (w->slots[i].pid)
			return false;
	return w->stopping;
}

/* Sleeps until a signal or until something is due. */
static void await(struct workers *w, int64_t next_ms)
{
	int64_t ms = next_ms - clock_ms();
	struct timespec time_left = { 0 };
	sigset_t set;

	if (ms > LOOK_MS)
		ms = LOOK_MS;
	if (ms > 0) {
		time_left.tv_sec = ms / 1000;
		time_left.tv_nsec = ms % 1000 * 1000000;
	}
	ours(&set);
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
		.renewing = p->config->workers,
	};
	int64_t next_ms;
	int slot = 0;

	w.slots = must_alloc((size_t)w.n * sizeof(*w.slots));
	while (!is_over(&w)) {
		if (!start_and_kill(&w, &slot, &next_ms)) {
			free(w.slots);
			return worker_run(p, s, slot);
		}
		await(&w, next_ms);
	}
	free(w.slots);
	return w.status;
}
