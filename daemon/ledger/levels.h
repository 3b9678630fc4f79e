/*
 * The migrations of a folder: files named NNNN_name.sql, in order.
 */
#ifndef DAEMON_LEDGER_LEVELS_H
#define DAEMON_LEDGER_LEVELS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/buf.h"
#include "daemon/base/status.h"

struct level {
	int number;
	char *name; /* "0003_returns" */
	struct buf text;
	char checksum[65]; /* filled by whoever can compute it */
};

struct levels {
	struct level *list; /* by number */
	size_t n;
};

/* false: the reason went to stderr.  Release it either way. */
MUST_CHECK bool levels_read(struct levels *l, const char *dir);
void levels_release(struct levels *l);

/* The whole of a file; false with a reason on stderr. */
MUST_CHECK bool file_read_whole(const char *path, struct buf *out);

#endif
