/*
 * vacancyd.conf: the table of options, and reading a file into it.
 *
 * It owns the names, defaults and bounds, and refuses to know what an option
 * does.  config/vacancyd.conf says the same for people; a test compares them.
 * libConfuse keeps the last of two values in silence, so an option that is
 * given twice is found here.
 */
#include "daemon/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/endpoint.h"
#include "daemon/base/network.h"
#include "daemon/base/oom.h"
#include "daemon/config/installed.h"
#include "daemon/config/origins.h"
#include "daemon/config/reader.h"

#define OPTION(member) .name = #member, .offset = offsetof(struct config, member)
#define TEXT(member, value)                                                                    \
	{                                                                                      \
		OPTION(member), .kind = OPTION_TEXT, .text = (value)                           \
	}
#define TEXT_OR_NONE(member, value)                                                            \
	{                                                                                      \
		OPTION(member), .kind = OPTION_TEXT, .text = (value), .may_be_empty = true     \
	}
#define NUMBER(member, value, least, most)                                                     \
	{                                                                                      \
		OPTION(member), .kind = OPTION_NUMBER, .number = (value), .min = (least),      \
				.max = (most)                                                  \
	}
#define TRUTH(member, value)                                                                   \
	{                                                                                      \
		OPTION(member), .kind = OPTION_TRUTH, .number = (value)                        \
	}

const struct config_option config_options[] = {
	TEXT_OR_NONE(listen, "127.0.0.1:8080"),
	TEXT(plain_http, "loopback"),
	TEXT_OR_NONE(tls_listen, ""),
	TEXT_OR_NONE(tls_certificate, ""),
	TEXT_OR_NONE(tls_key, ""),
	TEXT(admin_socket, "/run/vacancyd/admin.sock"),
	TEXT_OR_NONE(metrics_listen, "127.0.0.1:8081"),
	TEXT(ledger, "host=/run/postgresql dbname=vacancyd"),
	TEXT(ledger_request, "user=vacancyd_request"),
	TEXT(ledger_applier, "user=vacancyd_applier"),
	TEXT(ledger_admin, "user=vacancyd_admin"),
	TEXT(ledger_migrate, "user=vacancyd"),
	TEXT(board, "unix:/run/redis/redis-server.sock"),
	TEXT_OR_NONE(board_user, ""),
	TEXT_OR_NONE(board_password_file, ""),
	TEXT(data_dir, "/usr/share/vacancyd/data"),
	TEXT(schema_dir, "/usr/share/vacancyd/schema"),
	TEXT(policy, "/etc/vacancyd/policy/zhengzhou-2007.conf"),
	TEXT(master_key, "/etc/vacancyd/master.key"),
	TEXT(log_level, "info"),
	TEXT(log_clients, "network"),
	TEXT_OR_NONE(trusted_proxies, ""),
	TEXT(proxy_header, "X-Forwarded-For"),
	NUMBER(city, 4101, 1000, 9999),
	NUMBER(plan_year, 2007, 2000, 2999),
	TRUTH(sandbox, true),
	TEXT_OR_NONE(fixed_clock, "2007-07-12 10:00+08"),
	NUMBER(workers, 1, 1, 64),
	NUMBER(ledger_connections, 8, 1, 64),
	NUMBER(ledger_queue, 512, 1, 65536),
	NUMBER(ledger_reports, 2, 1, 64),
	NUMBER(ledger_share_percent, 25, 1, 100),
	NUMBER(report_percent, 50, 0, 6400),
	NUMBER(report_saved_ms, 10000, 1, 600000),
	NUMBER(request_work_ms, 10, 0, 60000),
	NUMBER(ledger_connect_ms, 1000, 50, 60000),
	NUMBER(ledger_call_ms, 4000, 50, 60000),
	NUMBER(board_call_ms, 1000, 50, 60000),
	NUMBER(stream_length, 1000000, 1000, 100000000),
	NUMBER(request_deadline_ms, 5000, 50, 60000),
	NUMBER(tls_handshake_ms, 5000, 50, 60000),
	NUMBER(header_deadline_ms, 5000, 50, 60000),
	NUMBER(body_deadline_ms, 10000, 50, 60000),
	NUMBER(idle_deadline_ms, 15000, 50, 600000),
	NUMBER(write_deadline_ms, 10000, 50, 60000),
	NUMBER(max_connections, 4000, 1, 65536),
	NUMBER(max_connections_per_address, 64, 0, 65536),
	NUMBER(max_body_bytes, 65536, 1024, 65536),
	NUMBER(imports_at_once, 2, 1, 8),
	NUMBER(import_refusals, 1000, 1, 1000000),
	NUMBER(import_deadline_ms, 600000, 1000, 86400000),
	NUMBER(import_receipts_bytes, 268435456, 65536, 2000000000),
	NUMBER(import_kept_bytes, 1073741824, 1048576, 2000000000),
	TEXT(import_dir, "/tmp"),
	TEXT_OR_NONE(state_dir, "/var/lib/vacancyd"),
	NUMBER(keys_kept_s, 900, 0, 900),
	NUMBER(drain_ms, 5000, 0, 60000),
	NUMBER(watchdog_ms, 10000, 0, 600000),
	TEXT_OR_NONE(cors_origins, ""),
};
const size_t n_config_options = sizeof(config_options) / sizeof(config_options[0]);

enum { OPTIONS = sizeof(config_options) / sizeof(config_options[0]) };

static bool seen[OPTIONS];

static size_t index_of(const char *name)
{
	size_t i = 0;

	while (strcmp(config_options[i].name, name) != 0)
		i++;
	return i;
}

static void check_origins(cfg_t *cfg, const char *list)
{
	struct piece one;
	const char *why;

	while (piece_next(&list, &one)) {
		why = origin_fault(one.at, one.n);
		if (why)
			reader_fault(cfg, "cors_origins: '%.*s' is no origin: %s", (int)one.n,
			    one.at, why);
	}
}

static void check_word(cfg_t *cfg, const char *name, const char *value, const char *words)
{
	const char *rest = words;
	struct piece one;

	while (piece_next(&rest, &one))
		if (piece_is(one, value))
			return;
	reader_fault(cfg, "%s: '%s' is none of %s", name, value, words);
}

static void check_proxies(cfg_t *cfg, const char *list)
{
	struct network any;
	struct piece one;

	while (piece_next(&list, &one))
		if (!piece_is(one, "unix") && !network_read(one, &any))
			reader_fault(cfg,
			    "trusted_proxies: '%.*s' is no address, no network as 10.0.0.0/8, "
			    "nor unix",
			    (int)one.n, one.at);
}

static void check_endpoints(cfg_t *cfg, const char *name, const char *list)
{
	struct endpoint at;
	struct piece one;

	while (piece_next(&list, &one))
		if (!endpoint_read(one, &at) || !endpoint_is_plain(&at))
			reader_fault(cfg,
			    "%s: '%.*s' is none of 127.0.0.1:80, [::1]:80, unix:/path", name,
			    (int)one.n, one.at);
}

static void check_board(cfg_t *cfg, const char *value)
{
	struct endpoint at;

	if (*value && !endpoint_read((struct piece){ value, strlen(value) }, &at))
		reader_fault(cfg, "board: '%s' is neither host:port nor unix:/path", value);
}

static void check_text(cfg_t *cfg, const struct config_option *o, const char *value)
{
	if (strcmp(o->name, "cors_origins") == 0)
		check_origins(cfg, value);
	if (!*value && !o->may_be_empty)
		reader_fault(cfg, "%s: must not be empty", o->name);
	if (strcmp(o->name, "log_level") == 0)
		check_word(cfg, o->name, value, "error, warn, info, debug");
	if (strcmp(o->name, "log_clients") == 0)
		check_word(cfg, o->name, value, "none, network, whole");
	if (strcmp(o->name, "proxy_header") == 0)
		check_word(cfg, o->name, value, "X-Forwarded-For, Forwarded");
	if (strcmp(o->name, "trusted_proxies") == 0)
		check_proxies(cfg, value);
	if (strcmp(o->name, "listen") == 0 || strcmp(o->name, "tls_listen") == 0 ||
	    strcmp(o->name, "metrics_listen") == 0)
		check_endpoints(cfg, o->name, value);
	if (strcmp(o->name, "board") == 0)
		check_board(cfg, value);
	if (strcmp(o->name, "plain_http") == 0)
		check_word(cfg, o->name, value, "loopback, behind-a-proxy");
}

static void check_listening(cfg_t *cfg, const struct config *c)
{
	const char *rest = c->listen;
	struct endpoint at;
	struct piece one;

	if (!*c->listen && !*c->tls_listen)
		reader_fault(cfg, "listen: no address, nor one in tls_listen");
	if (*c->tls_listen && (!*c->tls_certificate || !*c->tls_key))
		reader_fault(cfg, "tls_listen: needs tls_certificate and tls_key");
	if (strcmp(c->plain_http, "loopback") != 0)
		return;
	while (piece_next(&rest, &one))
		if (endpoint_read(one, &at) && !endpoint_is_local(&at))
			reader_fault(cfg,
			    "listen: %.*s can be reached from elsewhere, without TLS: name it in "
			    "tls_listen, or say plain_http = \"behind-a-proxy\"",
			    (int)one.n, one.at);
}

/* Called while the line is read; 0 lets the reading go on. */
static int check_option(cfg_t *cfg, cfg_opt_t *opt)
{
	size_t i = index_of(opt->name);
	const struct config_option *o = &config_options[i];
	long n;

	if (seen[i])
		reader_fault(cfg, "%s: given twice", o->name);
	seen[i] = true;
	switch (o->kind) {
	case OPTION_TEXT:
		check_text(cfg, o, cfg_opt_getnstr(opt, 0));
		break;
	case OPTION_NUMBER:
		n = cfg_opt_getnint(opt, 0);
		if (n < o->min || n > o->max)
			reader_fault(cfg, "%s: %ld is not within %d to %d", o->name, n, o->min,
			    o->max);
		break;
	case OPTION_TRUTH:
		break;
	}
	return 0;
}

/* As libConfuse wants it described. */
static cfg_opt_t described(const struct config_option *o)
{
	switch (o->kind) {
	case OPTION_NUMBER:
		return (cfg_opt_t)CFG_INT(o->name, o->number, CFGF_NONE);
	case OPTION_TRUTH:
		return (
		    cfg_opt_t)CFG_BOOL(o->name, o->number ? cfg_true : cfg_false, CFGF_NONE);
	case OPTION_TEXT:
		break;
	}
	return (cfg_opt_t)CFG_STR(o->name, o->text, CFGF_NONE);
}

static char **text_at(struct config *c, const struct config_option *o)
{
	return (char **)(void *)((char *)c + o->offset);
}

static void take(struct config *c, const struct config_option *o, cfg_t *cfg)
{
	void *to = (char *)c + o->offset;

	switch (o->kind) {
	case OPTION_TEXT:
		*text_at(c, o) = seen[o - config_options]
				     ? must_strdup(cfg_getstr(cfg, o->name))
				     : installed_path(o->text);
		break;
	case OPTION_NUMBER:
		*(int *)to = (int)cfg_getint(cfg, o->name);
		break;
	case OPTION_TRUTH:
		*(bool *)to = cfg_getbool(cfg, o->name) == cfg_true;
		break;
	}
}

struct config *config_read(const char *path)
{
	cfg_opt_t opts[OPTIONS + 1];
	struct config *c;
	cfg_t *cfg;

	memset(seen, 0, sizeof(seen));
	for (size_t i = 0; i < OPTIONS; i++)
		opts[i] = described(&config_options[i]);
	opts[OPTIONS] = (cfg_opt_t)CFG_END();
	cfg = reader_open(path, opts, check_option);
	if (!cfg)
		return NULL;
	c = must_alloc(sizeof(*c));
	for (size_t i = 0; i < OPTIONS; i++)
		take(c, &config_options[i], cfg);
	if (*c->fixed_clock && !c->sandbox)
		reader_fault(cfg, "fixed_clock: only a sandbox may hold one; set it to \"\"");
	check_listening(cfg, c);
	if (*c->board_user && !*c->board_password_file)
		reader_fault(cfg, "board_user: needs board_password_file");
	cfg_free(cfg);
	if (reader_faults() == 0)
		return c;
	config_free(c);
	return NULL;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < OPTIONS; i++)
		if (config_options[i].kind == OPTION_TEXT)
			free(*text_at(c, &config_options[i]));
	free(c);
}
