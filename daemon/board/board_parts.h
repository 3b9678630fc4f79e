/*
 * What the files of the board share: the connection and the bounds.
 */
#ifndef DAEMON_BOARD_BOARD_PARTS_H
#define DAEMON_BOARD_BOARD_PARTS_H

#include "daemon/board/board.h"
#include "daemon/board/redis.h"

#include <sys/queue.h>

/* A transfer of the whole board, with a connection of its own. */
struct transfer {
	LIST_ENTRY(transfer) link;
	/* Complete with E_UNAVAILABLE, now.  NULL: the board does not know it any more. */
	void (*stop)(struct transfer *transfer);
};
LIST_HEAD(transfer_list, transfer);

/* How many calls' time Redis may be silent while it owes a transfer something. */
enum { TRANSFER_PATIENCE = 5 };

struct board {
	struct event_base *base;
	struct redis *redis;
	struct redis_server server;
	unsigned call_timeout_ms;
	unsigned stream_length;
	int64_t load_ms; /* what the last load took */
	struct transfer_list transfers;
	char why[128]; /* why it is down, as last logged; "" while it is up */
};

void transfer_join(struct board *b, struct transfer *transfer,
    void (*stop)(struct transfer *transfer));
void transfer_leave(struct transfer *transfer);
void board_log_bad_record(const struct change *c);

#endif
