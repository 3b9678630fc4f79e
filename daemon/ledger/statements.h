/*
 * Every statement that the daemon sends while it runs.
 */
#ifndef DAEMON_LEDGER_STATEMENTS_H
#define DAEMON_LEDGER_STATEMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/ledger/ledger.h"

/* The operations of ledger.h come first, under their own numbers. */
enum statement_number {
	STATEMENT_HEARTBEAT = LEDGER_OPS,
	STATEMENT_KEYS,
	STATEMENT_HORIZON,
	STATEMENT_READ_OUTBOX,
	STATEMENT_READ_RECORDS,
	STATEMENT_TURN_DAY,
	STATEMENTS
};

struct statement {
	const char *name; /* under which it is prepared, and named in the log */
	const char *sql;
	bool keyed;      /* takes an Idempotency-Key and a request hash after the caller */
	size_t n_params; /* all of them, the caller's too */
};

const struct statement *statement_of(int number);

#endif
