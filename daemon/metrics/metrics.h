/*
 * Metrics: counters and gauges of all workers in one shared mapping, written
 * out in the Prometheus text format by whichever worker is asked.
 *
 * The parent makes the mapping before it forks, so a worker that dies leaves
 * its counts.  The set of metrics is fixed at compile time, and what a label may
 * say when the mapping is made: no caller can add to either.
 */
#ifndef DAEMON_METRICS_METRICS_H
#define DAEMON_METRICS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum metric {
	M_HTTP_CONNECTIONS, /* gauge */
	M_HTTP_PREFLIGHTS,
	M_KEYS_MALFORMED, /* keys that were refused, by why */
	M_KEYS_UNKNOWN,
	M_KEYS_WRONG,
	M_KEYS_REVOKED,
	M_KEYS_EXPIRED,
	M_KEYS_OF_ROLE,
	M_TLS_HANDSHAKES,
	M_TLS_FAILURES,
	M_FLOWS_ALIVE,
	M_LEDGER_CALLS,
	M_LEDGER_BUSY,
	M_LEDGER_READS, /* by class: how many, then how long they held a connection */
	M_LEDGER_WRITES,
	M_LEDGER_REPORTS,
	M_LEDGER_OURS,
	M_LEDGER_READS_US,
	M_LEDGER_WRITES_US,
	M_LEDGER_REPORTS_US,
	M_LEDGER_OURS_US,
	M_REPORTS_LIMITED,
	M_LEDGER_RECONNECTS,
	M_LEDGER_UP,
	M_BOARD_UP,
	M_OUTBOX_APPLIED,
	M_OUTBOX_CONFLICTS,
	M_MIRROR_VACANCIES,
	M_MIRROR_SEEKERS,
	M_MIRROR_AGE_MS,
	M_MIRROR_RESYNCS,
	M_MATCH_QUERIES,
	M_LOG_LOST,
	M_WORKER_RESTARTS, /* the parent's: after a crash */
	M_PROCESS_CPU_US,  /* those of a worker, under the names that Prometheus gives them */
	M_PROCESS_RESIDENT_BYTES,
	M_PROCESS_OPEN_FILES,
	M_PROCESS_MOST_FILES,
	M_PROCESS_START_MS,
	METRICS
};

/* What is told apart by label: the routes of clients and the kinds of problem, by number. */
struct metric_labels {
	size_t n_routes, n_problems;
	void (*route)(size_t i, const char **method, const char **path);
	const char *(*problem)(size_t i);
};

/* Before fork; until metrics_worker we are the parent.  NULL: nothing is told apart. */
void metrics_open(int workers, const struct metric_labels *labels);
/* After fork: which slot is ours, below the number of workers, or below twice that: of one that
 * is to follow another.  Its gauges begin at 0, its counters go on. */
void metrics_worker(int slot);
/* The gauges of our worker are ours from now on, no longer those of whom we follow. */
void metrics_show(void);
void metric_add(enum metric m, int64_t n);
void metric_set(enum metric m, int64_t n);

/* A request of a route was answered so, in so long. */
void metric_answered(size_t route, int status, int64_t us);
/* A request was refused so: one of a route, or one that came to none. */
void metric_refused(size_t problem, bool has_route);
/* How this process is; to be said again from time to time.  Its resident bytes. */
int64_t metrics_measure_process(void);

/* Counters are the sum of all workers; a gauge is one line a worker. */
void metrics_write(struct buf *b);
/* The head of one more, and a line of it, written the same way: for what is no worker's.
 * `label` is whole, as `rank="P1"`, or NULL; `value` is of so many decimals. */
void metrics_put_head(struct buf *b, const char *name, const char *help, const char *type);
void metrics_put_line(struct buf *b, const char *name, const char *label, int64_t value,
    int decimals);
void metrics_close(void);

#endif
