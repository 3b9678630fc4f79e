/*
 * The SQL of config/schema: tables/NNNN_name.sql, in order, and functions/name.sql.
 */
#ifndef DAEMON_LEDGER_LEVELS_H
#define DAEMON_LEDGER_LEVELS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/buf.h"
#include "daemon/base/status.h"

struct level {
	int number; /* 0: of a file of functions */
	char *name; /* "0003_vacancies", "officers" */
	struct buf text;
	char checksum[65]; /* filled by whoever can compute it */
	bool differs;      /* likewise: from what the database holds */
};

struct levels {
	struct level *list; /* by name, and so by number */
	size_t n;
};

/* The files of one folder, numbered (and at least one) or not.  false: the reason went to
 * stderr.  Release it either way. */
MUST_CHECK bool levels_read(struct levels *l, const char *schema_dir, const char *folder,
    bool is_numbered);
void levels_release(struct levels *l);

/* The whole of a file; false with a reason on stderr. */
MUST_CHECK bool file_read_whole(const char *path, struct buf *out);

#endif
