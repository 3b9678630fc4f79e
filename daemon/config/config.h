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
#include <stddef.h>

#include "daemon/base/status.h"
#include "matcher/match.h"

struct config {
	char *listen;                    /* "127.0.0.1:8080"; several by comma; "unix:/path" */
	char *tls_listen;                /* as `listen`; "": nowhere */
	char *tls_certificate, *tls_key; /* files */
	char *plain_http;                /* "loopback", "behind-a-proxy" */
	char *admin_socket;              /* "/run/vacancyd/admin.sock" */
	char *metrics_listen;            /* as `listen`; "": nowhere but on the admin socket */
	char *ledger;                    /* conninfo strings, separated by "|": tried in turn */
	char *board_user, *board_password_file; /* "": the default user; no password */
	char *ledger_request, *ledger_applier, *ledger_admin, *ledger_migrate; /* as whom */
	char *board;    /* "unix:/run/redis/redis.sock" or "127.0.0.1:6379" */
	char *data_dir; /* config/data as installed */
	char *schema_dir;
	char *policy;     /* file */
	char *master_key; /* file of the vault */
	char *log_level;
	char *log_clients;                    /* "none", "network", "whole" */
	char *trusted_proxies, *proxy_header; /* "10.0.0.5, unix"; "X-Forwarded-For" */
	int city, plan_year;
	bool sandbox;
	char *fixed_clock; /* "2007-07-12 10:00+08"; "": the clock runs */
	int workers;
	int ledger_connections, ledger_queue, ledger_reports, ledger_share_percent;
	int report_percent, report_saved_ms, request_work_ms;
	int ledger_connect_ms, ledger_call_ms;
	int board_call_ms, stream_length;
	int tls_handshake_ms, request_deadline_ms, header_deadline_ms, body_deadline_ms,
	    idle_deadline_ms;
	int write_deadline_ms;
	int max_connections, max_connections_per_address, max_body_bytes;
	int imports_at_once, import_refusals, import_deadline_ms, import_receipts_bytes,
	    import_kept_bytes;
	char *import_dir; /* receipts of imports */
	char *state_dir;  /* what outlives the daemon; "": nothing does */
	int keys_kept_s;
	int drain_ms, watchdog_ms;
	char *cors_origins; /* "https://desk.example"; several by comma; "": none */
};

/* The options as a table: for the manual, and for whoever shows them. */
struct config_option {
	const char *name;
	size_t offset;    /* into struct config: a char *, an int or a bool */
	const char *text; /* the default of a text */
	bool may_be_empty;
	int number, min, max;
	enum { OPTION_TEXT, OPTION_NUMBER, OPTION_TRUTH } kind;
};
extern const struct config_option config_options[];
extern const size_t n_config_options;

/* NULL: the reasons, one a line, went to stderr. */
struct config *config_read(const char *path);
void config_free(struct config *c);
/* False: the reasons, one a line, went to stderr, and *out is unspecified. */
MUST_CHECK bool policy_read(const char *path, struct policy *out);

#endif
