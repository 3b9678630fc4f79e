/*
 * The functions in force: the files of config/schema/functions, applied together
 * whenever one of them differs from what the database holds.
 *
 * Whoever calls holds the lock that keeps other migrations out.
 */
#ifndef DAEMON_LEDGER_FUNCTIONS_H
#define DAEMON_LEDGER_FUNCTIONS_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "daemon/base/status.h"
#include "daemon/ledger/levels.h"

/* Where it is kept what the files were and what they defined. */
MUST_CHECK bool functions_prepare(PGconn *pg);

/* A file of tables has run, in the transaction that is open: what it defines is its own from
 * now on, and stays when no file of functions defines it. */
MUST_CHECK bool functions_belong_to_tables(PGconn *pg);

/* In one transaction: all files, then what none of them defines any more goes.  When nothing
 * differs and `anyhow` is false, nothing is done. */
MUST_CHECK bool functions_apply(PGconn *pg, struct levels *files, bool anyhow);

/* Prints which files differ and which functions would be dropped. */
MUST_CHECK bool functions_plan(PGconn *pg, struct levels *files);

#endif
