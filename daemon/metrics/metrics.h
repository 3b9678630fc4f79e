/*
 * Metrics: counters and gauges of all workers in one shared mapping, written
 * out in the Prometheus text format by whichever worker is asked.
 *
 * The parent makes the mapping before it forks, so a worker that dies leaves
 * its counts.  The set of metrics is fixed at compile time.
 */
#ifndef DAEMON_METRICS_METRICS_H
#define DAEMON_METRICS_METRICS_H

#include <stdint.h>

struct buf;

enum metric {
	M_HTTP_CONNECTIONS, /* gauge */
	M_HTTP_REQUESTS,
	M_HTTP_2XX, /* counters by class of status */
	M_HTTP_4XX,
	M_HTTP_5XX,
	M_HTTP_REFUSED, /* framing refused by the gate */
	M_HTTP_MICROSECONDS,
	M_FLOWS_ALIVE,
	M_LEDGER_CALLS,
	M_LEDGER_BUSY,
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
	M_WORKER_RESTARTS, /* the parent's: after a crash */
	METRICS
};

void metrics_open(int workers); /* before fork; until metrics_worker we are the parent */
/* After fork: which slot is ours.  Its gauges begin at 0, its counters go on. */
void metrics_worker(int slot);
void metric_add(enum metric m, int64_t n);
void metric_set(enum metric m, int64_t n);
/* Counters are the sum of all workers; a gauge is one line a worker. */
void metrics_write(struct buf *b);
void metrics_close(void);

#endif
