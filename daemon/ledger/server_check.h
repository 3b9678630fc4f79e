/*
 * The first question on a new connection: is this a server to write to?
 */
#ifndef DAEMON_LEDGER_SERVER_CHECK_H
#define DAEMON_LEDGER_SERVER_CHECK_H

#include <libpq-fe.h>

/* Also makes the session's settings.  Parameters: statement_timeout, lock_timeout, in ms. */
extern const char server_check_sql[];

/* NULL: take it.  `timeline` is the highest seen, and is raised.  Settings that endanger
 * what was acknowledged are logged. */
const char *server_check_refusal(const PGresult *rows, const char *label, int *timeline);

#endif
