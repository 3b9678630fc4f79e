/*
 * The table of SQLSTATEs.
 *
 * It knows the codes and nothing of calls or connections.  A row is a whole
 * code or the start of one; the first that fits decides.
 */
#include "daemon/ledger/sqlstate.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *start;
	enum verdict verdict;
} rows[] = {
	{ "40001", VERDICT_AGAIN }, /* serialization_failure */
	{ "40P01", VERDICT_AGAIN }, /* deadlock_detected */
	{ "55P03", VERDICT_AGAIN }, /* lock_not_available: lock_timeout */
	{ "08", VERDICT_AWAY },     /* connection exceptions */
	{ "57P", VERDICT_AWAY },    /* shutdown, crash, starting up, idle too long */
	{ "25006", VERDICT_AWAY },  /* read_only_sql_transaction: no longer the primary */
	{ "53300", VERDICT_AWAY },  /* too_many_connections */
	/* Prepared statements vanish with a pooler's server; plans go stale with a migration.
	 */
	{ "26000", VERDICT_STALE }, { "0A000", VERDICT_STALE },
	{ "57014", VERDICT_LATE }, /* query_canceled: statement_timeout, perhaps after commit */
	{ "53", VERDICT_FULL },    /* disk, memory, configured limits */
	{ "58", VERDICT_FULL },    /* I/O errors */
};

enum verdict sqlstate_verdict(const char *sqlstate)
{
	if (!*sqlstate)
		return VERDICT_FINE;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strncmp(sqlstate, rows[i].start, strlen(rows[i].start)) == 0)
			return rows[i].verdict;
	return VERDICT_DEFECT;
}
