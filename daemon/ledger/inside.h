/*
 * What the files of this folder share of a ledger.
 */
#ifndef DAEMON_LEDGER_INSIDE_H
#define DAEMON_LEDGER_INSIDE_H

#include "daemon/ledger/ledger.h"

struct heartbeat;
struct keys;
struct pool;

struct ledger {
	struct pool *pool;
	struct heartbeat *heartbeat;
	struct keys *keys;
	void (*on_commit)(void *arg);
	void *on_commit_arg;
};

#endif
