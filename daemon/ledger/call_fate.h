/*
 * What becomes of a call that is back from a server, or late.  Pure.
 */
#ifndef DAEMON_LEDGER_CALL_FATE_H
#define DAEMON_LEDGER_CALL_FATE_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/status.h"
#include "daemon/ledger/sqlstate.h"

struct call;

enum call_next {
	CALL_ENDS,    /* with fate.status */
	CALL_RESTS,   /* and is made again a moment later */
	CALL_REPEATS, /* at once */
};

struct call_fate {
	enum call_next next;
	enum status status;
};

/* Counts the try; of so many connections each may keep a statement that will not do. */
struct call_fate call_fate(struct call *c, enum verdict verdict, size_t connections);

/* Of one whose time is over. */
enum status call_status_when_late(const struct call *c, bool is_ledger_down);

#endif
