/*
 * What the files of the board share: the connection and the bounds.
 */
#ifndef DAEMON_BOARD_INSIDE_H
#define DAEMON_BOARD_INSIDE_H

#include "daemon/board/board.h"

#include <sys/queue.h>

struct redis;

/* A long piece of work with a connection of its own. */
struct job {
	LIST_ENTRY(job) link;
	/* Complete with E_UNAVAILABLE, now.  NULL: the board does not know it any more. */
	void (*stop)(struct job *job);
};
LIST_HEAD(job_list, job);

/* How many calls' time Redis may be silent while it owes a job something. */
enum { JOB_PATIENCE = 5 };

struct board {
	struct event_base *base;
	struct redis *redis;
	char *address;
	unsigned call_timeout_ms;
	unsigned stream_length;
	int64_t load_ms; /* what the last load took */
	struct job_list jobs;
	char why[128]; /* why it is down, as last logged; "" while it is up */
};

void job_join(struct board *b, struct job *job, void (*stop)(struct job *job));
void job_leave(struct job *job);
void board_log_bad_record(const struct change *c);

#endif
