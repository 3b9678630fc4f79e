/*
 * One blocking connection, for what runs before the loop: migrations and code
 * tables.  Reasons go to stderr.
 */
#ifndef DAEMON_LEDGER_SESSION_H
#define DAEMON_LEDGER_SESSION_H

#include <stdbool.h>

#include <libpq-fe.h>

#include "daemon/base/status.h"
#include "daemon/ledger/levels.h"

/* To the first server of the list (hosts.h) that takes writes, or NULL.  A password among the
 * words is refused: whatever it came from, others can read it. */
PGconn *session_connect(const char *list, const char *as);

/* Rows of a statement, or NULL. */
PGresult *session_ask(PGconn *pg, const char *sql, int n, const char *const *values);
MUST_CHECK bool session_tell(PGconn *pg, const char *sql);
/* The same with values, for a statement whose rows are of no interest. */
MUST_CHECK bool session_put(PGconn *pg, const char *sql, int n, const char *const *values);
/* Runs the statements that the rows of `query` are. */
MUST_CHECK bool session_each(PGconn *pg, const char *query);
/* Whether there is such a table; false as well when it cannot be asked. */
MUST_CHECK bool session_has(PGconn *pg, const char *table);

/* A file within the transaction that is open.  `refused`: where to say, instead of failing
 * with words, that PostgreSQL does not replace a function by one of another type or of other
 * argument names; NULL: in words like everything else. */
MUST_CHECK bool session_run(PGconn *pg, const char *folder, const struct level *file,
    bool *refused);

#endif
