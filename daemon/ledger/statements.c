/*
 * The table of statements: the only SQL that runs beside migrations.
 *
 * It knows the functions' names and how many arguments they take; their rules
 * are in config/schema.  The surprising thing: no parameter has a type here.
 * The server takes the types from the functions, so text is cast there.
 */
#include "daemon/ledger/statements.h"

#include <assert.h>

#define P4  "$1, $2, $3, $4"
#define P5  P4 ", $5"
#define P6  P5 ", $6"
#define P7  P6 ", $7"
#define P8  P7 ", $8"
#define P13 P8 ", $9, $10, $11, $12, $13"

#define REPLY(function, params)                                                                \
	"SELECT kind, status, code, body, id, version, record, label FROM api." function       \
	"(" params ")"
#define CALL(function, n)                                                                      \
	{                                                                                      \
		.name = (function), .sql = REPLY(function, P##n), .n_params = (n)              \
	}
#define KEYED(function, n)                                                                     \
	{                                                                                      \
		.name = (function), .sql = REPLY(function, P##n), .n_params = (n),             \
		.keyed = true                                                                  \
	}

/* Instants travel as microseconds since 1970, whatever the server was compiled with. */
#define MICROSECONDS(instant) "(extract(epoch FROM " instant ") * 1000000)::bigint"

static const struct statement table[STATEMENTS] = {
	[LEDGER_PUT_EMPLOYER] = CALL("put_employer", 6),
	[LEDGER_READ_EMPLOYER] = CALL("read_employer", 5),
	[LEDGER_FILE_RETURN] = CALL("file_return", 13),
	[LEDGER_READ_RETURN] = CALL("read_return", 8),
	[LEDGER_READ_VACANCY] = CALL("read_vacancy", 5),
	[LEDGER_REGISTER_SEEKER] = KEYED("register_seeker", 13),
	[LEDGER_READ_SEEKER] = CALL("read_seeker", 5),
	[LEDGER_REGISTER_HOUSEHOLD] = KEYED("register_household", 7),
	[LEDGER_READ_HOUSEHOLD] = CALL("read_household", 5),
	[LEDGER_APPROVE_POSTS] = KEYED("approve_posts", 7),
	[LEDGER_REPORT_PLACEMENT] = KEYED("report_placement", 7),
	[LEDGER_CONFIRM_PLACEMENT] = KEYED("confirm_placement", 7),
	[LEDGER_REGISTER_PLACEMENT] = KEYED("register_placement", 8),
	[LEDGER_VOID_PLACEMENT] = KEYED("void_placement", 8),
	[LEDGER_READ_PLACEMENT] = CALL("read_placement", 5),
	[LEDGER_READ_PROGRESS] = CALL("read_progress", 7),
	[LEDGER_READ_PERSON_PROGRESS] = CALL("read_person_progress", 7),
	[LEDGER_CREATE_KEY] = CALL("create_key", 6),
	[LEDGER_REVOKE_KEY] = CALL("revoke_key", 5),
	[LEDGER_LIST_KEYS] = CALL("list_keys", 4),
	[STATEMENT_HEARTBEAT] = {
		.name = "heartbeat",
		.sql = "SELECT " MICROSECONDS("now") ", fixed, keys_changed, horizon_age_ms, "
		       "horizon_pid FROM ops.heartbeat($1)",
		.n_params = 1,
	},
	[STATEMENT_KEYS] = {
		.name = "keys",
		.sql = "SELECT kid, secret_hash, role, org_code, scope, sandbox, "
		       MICROSECONDS("not_before") ", " MICROSECONDS("expires_at")
		       " FROM ops.keys($1)",
		.n_params = 1,
	},
	[STATEMENT_HORIZON] = {
		.name = "horizon",
		.sql = "SELECT xid, id FROM ops.horizon()",
	},
	[STATEMENT_READ_OUTBOX] = {
		.name = "read_outbox",
		.sql = "SELECT xid, id, entity, entity_id, version, record, label "
		       "FROM ops.read_outbox($1, $2, $3, $4)",
		.n_params = 4,
	},
	[STATEMENT_READ_RECORDS] = {
		.name = "read_records",
		.sql = "SELECT NULL::bigint, NULL::bigint, $2::text, entity_id, version, record, label "
		       "FROM ops.read_records($1, $2, $3, $4)",
		.n_params = 4,
	},
	[STATEMENT_TURN_DAY] = {
		.name = "turn_day",
		.sql = "SELECT ops.turn_day($1, $2)",
		.n_params = 2,
	},
};

const struct statement *statement_of(int number)
{
	assert(number >= 0 && number < STATEMENTS);
	return &table[number];
}
