/*
 * How large a pool is and how long it waits: of the settings, for each role of the database.
 */
#ifndef DAEMON_LEDGER_POOL_SIZE_H
#define DAEMON_LEDGER_POOL_SIZE_H

#include <stddef.h>

#include "daemon/ledger/ledger.h"

struct pool_size {
	size_t connections;
	size_t reports;     /* of them, at a time */
	size_t of_an_owner; /* calls; 0: no bound */
	size_t queue;
	int connect_timeout_ms, call_timeout_ms;
};

struct pool_size pool_size_of(const struct ledger_config *config, enum ledger_role role);

#endif
