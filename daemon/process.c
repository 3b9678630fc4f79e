/*
 * Forking a worker, and the signals it gets.
 *
 * It refuses to know when a worker is due and which one follows it.  Workers die with the
 * parent (PDEATHSIG), because two daemons on one port would be worse than none.
 */
#include "daemon/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/log/log.h"
#include "daemon/signs.h"

#define KILL_GRACE_MS 3000 /* after the time to drain, for what is not a request */

void process_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
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
	process_signals(&others);
	sigdelset(&others, SIGTERM); /* the worker unblocks it when it can take it */
	sigprocmask(SIG_UNBLOCK, &others, NULL);
}

pid_t process_start(struct process *p, int slot, int number)
{
	pid_t parent = getpid(), pid;

	signs_clear(number);
	pid = fork();
	if (pid == 0) {
		become_worker(parent, slot);
		return 0;
	}
	*p = (struct process){ .pid = pid > 0 ? pid : 0,
		.number = number,
		.started_ms = clock_ms(),
		.beats = signs_beats(number),
		.heard_ms = clock_ms() };
	if (pid < 0)
		log_event(LOG_LEVEL_ERROR, "worker.fork", "why", strerror(errno), NULL);
	return pid;
}

bool process_serves(const struct process *p)
{
	return p->pid && signs_serves(p->number, SERVED_CLIENTS);
}

void process_tell_to_end(struct process *p, int drain_ms)
{
	if (!p->pid || p->kill_at_ms)
		return;
	p->kill_at_ms = clock_ms() + drain_ms + KILL_GRACE_MS;
	kill(p->pid, SIGTERM);
}

/* A loop that does not turn answers nobody, and does not end by itself. */
void process_watch(struct process *p, int64_t now, int limit_ms, bool has_slept)
{
	uint64_t beats = signs_beats(p->number);
	char pid[12];

	if (!p->pid || p->kill_at_ms || !limit_ms)
		return;
	if (beats != p->beats || has_slept)
		p->heard_ms = now;
	p->beats = beats;
	if (now - p->heard_ms < limit_ms)
		return;
	snprintf(pid, sizeof(pid), "%d", (int)p->pid);
	log_event(LOG_LEVEL_ERROR, "worker.hung", "pid", pid, NULL);
	kill(p->pid, SIGKILL);
	p->heard_ms = now;
}

void process_kill_late(struct process *p, int64_t now, int64_t *next_ms)
{
	if (!p->pid || !p->kill_at_ms)
		return;
	if (p->kill_at_ms <= now) {
		log_event(LOG_LEVEL_ERROR, "worker.killed", NULL);
		kill(p->pid, SIGKILL);
		p->kill_at_ms = now + KILL_GRACE_MS;
	}
	if (p->kill_at_ms < *next_ms)
		*next_ms = p->kill_at_ms;
}

void process_log_end(const struct process *p, int slot, int how, bool is_expected)
{
	char of[12], pid[12], code[12];

	snprintf(of, sizeof(of), "%d", slot);
	snprintf(pid, sizeof(pid), "%d", (int)p->pid);
	snprintf(code, sizeof(code), "%d", WIFSIGNALED(how) ? WTERMSIG(how) : WEXITSTATUS(how));
	log_event(is_expected ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "worker.gone", "slot", of,
	    "pid", pid, WIFSIGNALED(how) ? "signal" : "status", code, NULL);
}
