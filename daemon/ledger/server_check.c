/*
 * What a server must be before a call is sent to it, and as whom we may come.
 *
 * It knows settings, not connections.  Whoever may do everything there serves nobody: what is
 * taken over is then the operator.  The timeline.  A primary that was cut
 * off and replaced still takes writes; its timeline is lower than the one that
 * was seen since, and that gives it away.
 */
#include "daemon/ledger/server_check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log/log.h"

enum { IN_RECOVERY, READ_ONLY, OWNS, TIMELINE, FSYNC, PAGE_WRITES, COMMIT, PREPARED, COLUMNS };

const char server_check_sql[] =
    "SELECT pg_is_in_recovery(), current_setting('transaction_read_only'),"
    " coalesce((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace"
    " WHERE nspname = 'ledger'), false),"
    " CASE WHEN pg_is_in_recovery() THEN 0"
    " ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,"
    " current_setting('fsync'), current_setting('full_page_writes'),"
    " current_setting('synchronous_commit'), current_setting('max_prepared_transactions'),"
    " set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
    " set_config('idle_in_transaction_session_timeout', '2s', false),"
    " set_config('client_connection_check_interval', '1s', false),"
    " set_config('TimeZone', 'Asia/Shanghai', false)";

static void warn_unless(bool fine, const char *label, const char *setting, const char *value,
    const char *danger)
{
	if (!fine)
		log_event(LOG_LEVEL_WARN, "ledger.unsafe-setting", "host", label, "setting",
		    setting, "value", value, "danger", danger, NULL);
}

static void warn_of_settings(const PGresult *r, const char *label)
{
	const char *fsync = PQgetvalue(r, 0, FSYNC), *pages = PQgetvalue(r, 0, PAGE_WRITES);
	const char *commit = PQgetvalue(r, 0, COMMIT), *prepared = PQgetvalue(r, 0, PREPARED);

	warn_unless(strcmp(fsync, "on") == 0, label, "fsync", fsync,
	    "a power cut loses what was acknowledged");
	warn_unless(strcmp(pages, "on") == 0, label, "full_page_writes", pages,
	    "a power cut corrupts tables");
	warn_unless(strcmp(commit, "off") != 0, label, "synchronous_commit", commit,
	    "a crash loses what was acknowledged");
	warn_unless(strcmp(prepared, "0") == 0, label, "max_prepared_transactions", prepared,
	    "a forgotten prepared transaction holds the outbox for ever");
}

const char *server_check_refusal(const PGresult *r, const char *label, int *timeline)
{
	int theirs;

	if (!r || PQntuples(r) != 1 || PQnfields(r) < COLUMNS)
		return "not a PostgreSQL server that we know";
	if (strcmp(PQgetvalue(r, 0, IN_RECOVERY), "t") == 0)
		return "in recovery: a standby";
	if (strcmp(PQgetvalue(r, 0, READ_ONLY), "on") == 0)
		return "read-only";
	if (strcmp(PQgetvalue(r, 0, OWNS), "f") != 0)
		return "as one who owns the schema and may do everything: see privileges.sql";
	theirs = (int)strtol(PQgetvalue(r, 0, TIMELINE), NULL, 10);
	if (theirs < *timeline)
		return "on an older timeline: a primary that was replaced";
	if (theirs > *timeline) /* once a server, not once a connection */
		warn_of_settings(r, label);
	*timeline = theirs;
	return NULL;
}
