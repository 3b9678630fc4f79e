/*
 * Whom a worker serves: when it begins to take their connections, and how it stops.
 */
#ifndef DAEMON_SERVING_H
#define DAEMON_SERVING_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/status.h"

struct http;
struct ledger;
struct mirror;
struct sockets;
struct tls;

struct worker_place {
	int slot;
	int number;   /* among all processes: of its signs and metrics */
	bool follows; /* another of its slot, which serves until this one does */
};

struct serving {
	const struct worker_place *place;
	const struct sockets *sockets;
	const struct tls *tls;
	int64_t started_ms;
	const struct ledger *ledger;
	const struct mirror *mirror;
	struct http *clients;
	struct http *operator, * probes; /* NULL but in slot 0 */
	bool is_draining;
	int n_draining; /* servers that are not empty yet */
	struct done drained;
};

/* Begins to serve whoever can be: again and again, until all are.  False: a socket will not do.
 */
MUST_CHECK bool serving_begin(struct serving *s);
bool serving_clients(const struct serving *s);
/* Another worker serves them. */
bool serving_clients_elsewhere(const struct serving *s);
bool serving_operator_elsewhere(const struct serving *s);

/* Takes no more connections, of the operator only if told; `drained` when the last is gone. */
void serving_drain(struct serving *s, bool operator_too, struct done drained);

#endif
