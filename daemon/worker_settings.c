/*
 * Which of the settings each part of a worker is made with.
 *
 * It makes none of them.
 */
#include "daemon/worker_settings.h"

#include "daemon/parts.h"
#include "daemon/serving.h"
#include "daemon/vault/vault.h"

struct ledger_config settings_of_ledger(const struct parts *p, const struct worker_place *place,
    bool keeps_keys)
{
	const struct config *c = p->config;
	const bool is_operators = place->slot == 0;

	return (struct ledger_config){
		.hosts = c->ledger,
		.as = { [LEDGER_REQUEST] = c->ledger_request,
		    [LEDGER_APPLIER] = is_operators ? c->ledger_applier : NULL,
		    [LEDGER_ADMIN] = is_operators ? c->ledger_admin : NULL },
		.connections = c->ledger_connections,
		.queue_limit = c->ledger_queue,
		.reports = c->ledger_reports,
		.share_percent = c->ledger_share_percent,
		.report_percent = c->report_percent,
		.report_saved_ms = c->report_saved_ms,
		.connect_timeout_ms = c->ledger_connect_ms,
		.call_timeout_ms = c->ledger_call_ms,
		.city = c->city,
		.sandbox = c->sandbox,
		.process = place->number,
		.keeps_keys = keeps_keys,
		.hash_secret = vault_hash_secret,
	};
}

struct board_config settings_of_board(const struct parts *p)
{
	const struct config *c = p->config;

	return (struct board_config){
		.address = c->board,
		.user = *c->board_user ? c->board_user : NULL,
		.password = p->board_password,
		.call_timeout_ms = (unsigned)c->board_call_ms,
		.stream_length = (unsigned)c->stream_length,
	};
}

struct http_config settings_of_http(const struct config *c)
{
	return (struct http_config){
		.handshake_deadline_ms = (unsigned)c->tls_handshake_ms,
		.header_deadline_ms = (unsigned)c->header_deadline_ms,
		.body_deadline_ms = (unsigned)c->body_deadline_ms,
		.idle_deadline_ms = (unsigned)c->idle_deadline_ms,
		.write_deadline_ms = (unsigned)c->write_deadline_ms,
		.turn_deadline_ms = (unsigned)c->request_deadline_ms / 2,
		.max_connections = c->max_connections,
		.max_per_address = c->max_connections_per_address,
		.max_body = (size_t)c->max_body_bytes,
		.log_clients = c->log_clients,
		.request_work_us = (int64_t)c->request_work_ms * 1000,
	};
}

struct import_limits settings_of_imports(const struct config *c)
{
	return (struct import_limits){
		.at_once = c->imports_at_once,
		.refusals = c->import_refusals,
		.deadline_ms = c->import_deadline_ms,
		.receipts_bytes = c->import_receipts_bytes,
		.kept_bytes = c->import_kept_bytes,
		.dir = c->import_dir,
	};
}
