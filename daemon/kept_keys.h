/*
 * A worker's part in keeping keys and officers: what it hands on to be kept, and what it goes
 * by when PostgreSQL is away.
 */
#ifndef DAEMON_KEPT_KEYS_H
#define DAEMON_KEPT_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/ledger/ledger.h"

struct parts;

struct kept_keys {
	const struct parts *parts;
	struct ledger *ledger;
	int process;
	bool is_keeper;          /* one worker is, for all */
	struct ledger_kept last; /* what was handed on; its bytes are gone */
	bool has_looked;
};

/* Again and again: hands on what has changed, or was handed on long ago. */
void kept_keys_hand_on(struct kept_keys *k);
/* Once: the ledger has told nothing so far. */
void kept_keys_restore(struct kept_keys *k);

#endif
