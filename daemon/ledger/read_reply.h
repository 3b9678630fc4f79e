/*
 * From the rows of an api function to a reply.
 */
#ifndef DAEMON_LEDGER_READ_REPLY_H
#define DAEMON_LEDGER_READ_REPLY_H

#include <libpq-fe.h>

#include "daemon/ledger/ledger.h"

/* Everything is copied into the arena.  false: the rows are no api.reply. */
MUST_CHECK bool reply_read(const PGresult *rows, struct arena *a, struct reply *out);

#endif
