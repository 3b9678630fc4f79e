/*
 * One worker process, as its parent sees it: begun, listened to, told to end, killed.
 */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process {
	pid_t pid;      /* 0: none */
	int number;     /* of its signs and metrics, among all processes */
	int generation; /* of the settings that it has */
	int64_t started_ms;
	int64_t kill_at_ms; /* it was told to end; 0: it was not */
	uint64_t beats;     /* the last that were seen, and when */
	int64_t heard_ms;
};

/* The signals that the parent waits for, and no worker takes but SIGTERM. */
void process_signals(sigset_t *set);

/* Forks.  0 in the new process, which dies with its parent; else its pid, or -1: it is logged.
 */
pid_t process_start(struct process *p, int slot, int number);
bool process_serves(const struct process *p);
/* Once; it is killed if it is still there after so long and a little more. */
void process_tell_to_end(struct process *p, int drain_ms);
/* Kills one whose loop has not turned for so long; 0: never.  `has_slept`: we ourselves stood
 * still, and nobody else is to blame. */
void process_watch(struct process *p, int64_t now, int limit_ms, bool has_slept);
/* Kills one that was told to end long ago, and says when to look again. */
void process_kill_late(struct process *p, int64_t now, int64_t *next_ms);
void process_log_end(const struct process *p, int slot, int how, bool is_expected);

#endif
