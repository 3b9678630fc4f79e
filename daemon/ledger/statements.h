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
	STATEMENT_FIGURES,
	STATEMENT_LAG,
	STATEMENT_JOBS, /* and those after it, each a ledger_job */
	STATEMENTS = STATEMENT_JOBS + LEDGER_JOBS
};

/* What a call is to others: a report looks at many rows for one answer. */
enum work_class { WORK_READ, WORK_WRITE, WORK_REPORT, WORK_OURS, WORKS };

struct statement {
	const char *name; /* under which it is prepared, and named in the log */
	const char *sql;
	size_t n_params; /* all of them, the caller's too */
	bool keyed;      /* takes an Idempotency-Key and a request hash after the caller */
	/* All parameters but the first are arrays, with an element for each of many calls; the
	 * first column of the answer says whose row it is. */
	bool takes_many;
	enum ledger_role role; /* as whom it goes: privileges.sql lets that one, and no other */
	enum work_class work;
	bool has_own_limits; /* its work is on nobody's account: imports */
};

const struct statement *statement_of(int number);

#endif
