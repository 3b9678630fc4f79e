/*
 * What an error reply of Redis means for us.
 */
#ifndef DAEMON_BOARD_REDIS_REPLIES_H
#define DAEMON_BOARD_REDIS_REPLIES_H

#include "daemon/base/status.h"

#include <stdbool.h>

struct error_reply {
	const char *word; /* the first word of the reply; NULL ends the table */
	enum status status;
	bool reconnect; /* this server will not do: try the address again */
	const char *meaning;
};

/* Never NULL: an unknown word is E_INTERNAL. */
const struct error_reply *error_reply_find(const char *text);

#endif
