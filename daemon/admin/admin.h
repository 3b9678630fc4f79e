/*
 * The operator's routes: health, metrics, keys, and the board's rebuild and
 * verification; served on a unix socket whose permissions are their guard.
 *
 * Their flows run on an engine of their own, made with &admin->app, because a
 * rebuild may take longer than any client of the exchange would wait.
 */
#ifndef DAEMON_ADMIN_ADMIN_H
#define DAEMON_ADMIN_ADMIN_H

#include "daemon/api/app.h"

struct board;
struct figures;
struct outbox;

#define ADMIN_DEADLINE_MS 1800000u

struct admin {
	struct app app; /* first: a flow of this engine has it as its app */
	struct board *board;
	struct outbox *outbox;
	struct figures *figures;
	int64_t certificate_until; /* in seconds since 1970; 0: no TLS */
	bool is_draining;
};

extern const struct route admin_routes[];
extern const size_t n_admin_routes;

/* Those of them that change nothing: what whoever watches over the daemon asks, by TCP too. */
extern const struct route probe_routes[];
extern const size_t n_probe_routes;

#endif
