/*
 * What the files of the board share: the connection and the bounds.
 */
#ifndef DAEMON_BOARD_INSIDE_H
#define DAEMON_BOARD_INSIDE_H

#include "daemon/board/board.h"

struct wire;

struct board {
	struct event_base *base;
	struct wire *wire;
	char *address;
	unsigned call_timeout_ms;
	unsigned stream_length;
	char why[128]; /* why it is down, as last logged; "" while it is up */
};

#endif
