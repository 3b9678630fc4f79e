/*
 * The code tables of config/data, loaded into the ledger after migrations.
 */
#ifndef DAEMON_LEDGER_LOAD_CATALOGUE_H
#define DAEMON_LEDGER_LOAD_CATALOGUE_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "daemon/base/buf.h"
#include "daemon/base/status.h"

struct ledger_migration;

/* In the transaction that is open.  false: the reason went to stderr. */
MUST_CHECK bool catalogue_load(PGconn *pg, const struct ledger_migration *m);

/* A table with a header line as a JSON array of objects, all values strings; appended.
 * Returns the number of rows; -1 with a reason on stderr.  `path` is for that reason. */
int tsv_to_json(const char *path, const char *text, struct buf *out);

#endif
