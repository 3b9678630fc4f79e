/*
 * Configuration: one table of options, read from vacancyd.conf (libConfuse).
 *
 * Every option has a default, a type, bounds and one comment in
 * config/vacancyd.conf; a value out of bounds is refused with its line.  The
 * policy (config/policy) is parsed here too, into matcher's plain struct.
 */
#ifndef DAEMON_CONFIG_CONFIG_H
#define DAEMON_CONFIG_CONFIG_H

#include <stdbool.h>

#include "daemon/base/status.h"
#include "matcher/match.h"

struct config {
	char *listen;       /* "127.0.0.1:8080"; several by comma; "unix:/path" */
	char *admin_socket; /* "/run/vacancyd/admin.sock" */
	char *ledger;       /* conninfo strings, separated by "|" : tried in turn */
	char *board;        /* "unix:/run/redis/redis.sock" or "127.0.0.1:6379" */
	char *data_dir;     /* config/data as installed */
	char *schema_dir;
	char *policy;       /* file */
	char *master_key;   /* file of the vault */
	char *log_level;
	int city;
	int workers;
	int ledger_connections, ledger_queue;
	int request_deadline_ms, header_deadline_ms, body_deadline_ms, idle_deadline_ms;
	int max_connections, max_body_bytes, max_return_bytes;
	int drain_ms;
};

/* NULL: the reasons, one a line, went to stderr. */
struct config *config_read(const char *path);
void config_free(struct config *c);
MUST_CHECK bool policy_read(const char *path, struct policy *out);

#endif
