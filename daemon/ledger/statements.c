/*
 * The table of statements: the only SQL that runs beside migrations.
 *
 * It knows the functions' names and how many arguments they take; their rules
 * are in config/schema.  No parameter has a type here.  The server takes the
 * types from the functions, so text is cast there.
 */
#include "daemon/ledger/statements.h"

#include <assert.h>

#define P4  "$1, $2, $3, $4"
#define P5  P4 ", $5"
#define P6  P5 ", $6"
#define P7  P6 ", $7"
#define P8  P7 ", $8"
#define P9  P8 ", $9"
#define P10 P9 ", $10"
#define P11 P9 ", $10, $11"
#define P12 P11 ", $12"
#define P13 P10 ", $11, $12, $13"
#define P14 P13 ", $14"

#define REPLY(function, params)                                                                \
	"SELECT kind, status, code, body, id, version, record, label FROM api." function       \
	"(" params ")"
#define READ(function, n)                                                                      \
	{                                                                                      \
		.name = (function), .sql = REPLY(function, P##n), .n_params = (n),             \
		.work = WORK_READ                                                              \
	}
#define WRITE(function, n)                                                                     \
	{                                                                                      \
		.name = (function), .sql = REPLY(function, P##n), .n_params = (n),             \
		.work = WORK_WRITE                                                             \
	}
#define OF_IMPORT(function, n)                                                                 \
	{                                                                                      \
		.name = (function), .sql = REPLY(function, P##n), .n_params = (n),             \
		.work = WORK_WRITE, .has_own_limits = true                                     \
	}
#define REPORT(function, n)                                                                    \
	{                                                                                      \
		.name = (function), .sql = REPLY(function, P##n), .n_params = (n),             \
		.work = WORK_REPORT                                                            \
	}
#define KEYED(function, n)                                                                     \
	{                                                                                      \
		.name = (function), .sql = REPLY(function, P##n), .n_params = (n),             \
		.keyed = true, .work = WORK_WRITE                                              \
	}
#define ADMIN(function, n, class)                                                              \
	{                                                                                      \
		.name = (function), .sql = REPLY(function, P##n), .n_params = (n),             \
		.role = LEDGER_ADMIN, .work = WORK_##class                                     \
	}
/* Of many calls at once: `call` says which of them a row answers, counted from 1. */
#define MANY(function, n)                                                                      \
	{                                                                                      \
		.name = (function),                                                            \
		.sql = "SELECT call, kind, status, code, body, id, version, record, label "    \
		       "FROM api." function "(" P##n ")",                                      \
		.n_params = (n), .keyed = true, .takes_many = true, .work = WORK_WRITE         \
	}

#define JOB(function)                                                                          \
	{                                                                                      \
		.name = (function), .sql = "SELECT ops." function "($1, $2)", .n_params = 2,   \
		.role = LEDGER_APPLIER, .work = WORK_OURS                                      \
	}

/* Instants travel as microseconds since 1970, whatever the server was compiled with. */
#define MICROSECONDS(instant) "(extract(epoch FROM " instant ") * 1000000)::bigint"

static const struct statement table[STATEMENTS] = {
	[LEDGER_PUT_EMPLOYER] = WRITE("put_employer", 7),
	[LEDGER_READ_EMPLOYER] = READ("read_employer", 5),
	[LEDGER_FILE_RETURN] = WRITE("file_return", 14),
	[LEDGER_READ_RETURN] = READ("read_return", 9),
	[LEDGER_LIST_RETURNS] = REPORT("list_returns", 13),
	[LEDGER_LIST_RETURN_VERSIONS] = REPORT("list_return_versions", 9),
	[LEDGER_LIST_OBLIGATIONS] = REPORT("list_obligations", 12),
	[LEDGER_READ_RETURN_LINE] = READ("read_return_line", 8),
	[LEDGER_AMEND_RETURN_LINE] = WRITE("amend_return_line", 11),
	[LEDGER_OPEN_IMPORT] = WRITE("open_import", 7),
	[LEDGER_IMPORT_BATCH] = OF_IMPORT("import_batch", 12),
	[LEDGER_CLOSE_IMPORT] = WRITE("close_import", 7),
	[LEDGER_READ_IMPORT] = READ("read_import", 5),
	[LEDGER_TRY_IMPORT] = READ("try_import", 5),
	[LEDGER_READ_RECEIPTS] = READ("read_receipts", 5),
	[LEDGER_READ_VACANCY] = READ("read_vacancy", 6),
	[LEDGER_SEARCH_VACANCIES] = REPORT("search_vacancies", 9),
	[LEDGER_REGISTER_SEEKER] = MANY("register_seekers", 13),
	[LEDGER_READ_SEEKER] = READ("read_seeker", 6),
	[LEDGER_AMEND_SEEKER] = WRITE("amend_seeker", 9),
	[LEDGER_CHANGE_PERSON] = KEYED("change_person", 10),
	[LEDGER_MERGE_SEEKERS] = KEYED("merge_seekers", 9),
	[LEDGER_FIND_SEEKER] = KEYED("find_seeker", 7),
	[LEDGER_READ_IDENTITY] = READ("read_identity", 5),
	[LEDGER_LIST_DUPLICATES] = READ("list_duplicates", 6),
	[LEDGER_LIST_SEEKERS] = REPORT("list_seekers", 13),
	[LEDGER_READ_RECORDS] = READ("read_records", 7),
	[LEDGER_READ_WHOLE] = REPORT("read_whole", 6),
	[LEDGER_REGISTER_HOUSEHOLD] = KEYED("register_household", 7),
	[LEDGER_READ_HOUSEHOLD] = READ("read_household", 6),
	[LEDGER_AMEND_HOUSEHOLD] = WRITE("amend_household", 7),
	[LEDGER_END_HOUSEHOLD] = KEYED("end_household", 9),
	[LEDGER_LIST_HOUSEHOLDS] = REPORT("list_households", 9),
	[LEDGER_APPROVE_POSTS] = KEYED("approve_posts", 7),
	[LEDGER_REPORT_PLACEMENT] = MANY("report_placements", 7),
	[LEDGER_CONFIRM_PLACEMENT] = KEYED("confirm_placement", 7),
	[LEDGER_REGISTER_PLACEMENT] = KEYED("register_placement", 8),
	[LEDGER_CHANGE_PLACEMENT] = KEYED("change_placement", 9),
	[LEDGER_REPORT_BATCH] = KEYED("report_batch", 7),
	[LEDGER_END_PLACEMENT] = KEYED("end_placement", 8),
	[LEDGER_READ_PLACEMENT] = READ("read_placement", 5),
	[LEDGER_READ_PROGRESS] = REPORT("read_progress", 7),
	[LEDGER_READ_PERSON_PROGRESS] = READ("read_person_progress", 7),
	[LEDGER_LIST_BEHIND] = REPORT("list_behind", 10),
	[LEDGER_CREATE_KEY] = ADMIN("create_key", 6, WRITE),
	[LEDGER_REVOKE_KEY] = ADMIN("revoke_key", 5, WRITE),
	[LEDGER_LIST_KEYS] = ADMIN("list_keys", 4, READ),
	[LEDGER_READ_CLOCK] = ADMIN("read_clock", 4, READ),
	[LEDGER_MOVE_CLOCK] = ADMIN("move_clock", 6, WRITE),
	[LEDGER_ROTATE_KEY] = ADMIN("rotate_key", 8, WRITE),
	[LEDGER_CREATE_FIRST_OFFICER] = ADMIN("create_first_officer", 8, WRITE),
	[LEDGER_PRINT_SECRET_CODE] = ADMIN("print_secret_code", 6, WRITE),
	[LEDGER_CREATE_OFFICER] = KEYED("create_officer", 9),
	[LEDGER_READ_OFFICER] = READ("read_officer", 5),
	[LEDGER_LIST_OFFICERS] = REPORT("list_officers", 7),
	[LEDGER_CHANGE_OFFICER] = WRITE("change_officer", 7),
	[LEDGER_RENEW_OFFICER] = KEYED("renew_officer", 8),
	[LEDGER_MAKE_SECRET_CODE] = KEYED("make_secret_code", 8),
	[LEDGER_SET_OWN_SECRET] = KEYED("set_own_secret", 9),
	[LEDGER_DELEGATE_OFFICER] = KEYED("delegate_officer", 8),
	[LEDGER_END_DELEGATION] = KEYED("end_delegation", 8),
	[LEDGER_LIST_LOOKS] = REPORT("list_looks", 8),
	[LEDGER_LIST_ACTIONS] = REPORT("list_actions", 8),
	[LEDGER_LIST_DECISIONS] = REPORT("list_decisions", 10),
	[LEDGER_LIST_LOTS] = REPORT("list_lots", 8),
	[LEDGER_READ_LOT] = READ("read_lot", 5),
	[LEDGER_LIST_LOT_RECORDS] = REPORT("list_lot_records", 9),
	[LEDGER_DECIDE_LOT] = KEYED("decide_lot", 8),
	[LEDGER_PUT_AGENCY] = WRITE("put_agency", 8),
	[LEDGER_READ_AGENCY] = READ("read_agency", 5),
	[LEDGER_CREATE_REFERRAL] = KEYED("create_referral", 8),
	[LEDGER_STEP_REFERRAL] = KEYED("step_referral", 9),
	[LEDGER_READ_REFERRAL] = READ("read_referral", 5),
	[LEDGER_READ_REFERRAL_PERSON] = READ("read_referral_person", 5),
	[LEDGER_LIST_REFERRALS] = REPORT("list_referrals", 10),
	[LEDGER_SUMMARISE_REFERRALS] = REPORT("summarise_referrals", 7),
	[LEDGER_CREATE_ENTRY] = KEYED("create_entry", 8),
	[LEDGER_READ_ENTRY] = READ("read_entry", 7),
	[LEDGER_LIST_ENTRIES] = REPORT("list_entries", 8),
	[LEDGER_CHANGE_ENTRY] = WRITE("change_entry", 8),
	[LEDGER_END_ENTRY] = KEYED("end_entry", 9),
	[STATEMENT_HEARTBEAT] = {
		.name = "heartbeat",
		.sql = "SELECT " MICROSECONDS("now") ", fixed, keys_changed, horizon_age_ms, "
		       "horizon_pid, sandbox FROM ops.heartbeat($1)",
		.n_params = 1,
		.work = WORK_OURS,
	},
	[STATEMENT_KEYS] = {
		.name = "keys",
		.sql = "SELECT kind, id, secret_hash, role, organisation, org_code, scope, sandbox, "
		       MICROSECONDS("not_before") ", " MICROSECONDS("expires_at")
		       ", rate, burst FROM ops.keys($1)",
		.n_params = 1,
		.work = WORK_OURS,
	},
	[STATEMENT_HORIZON] = {
		.name = "horizon",
		.sql = "SELECT xid, id FROM ops.horizon()",
		.role = LEDGER_APPLIER,
		.work = WORK_OURS,
	},
	[STATEMENT_READ_OUTBOX] = {
		.name = "read_outbox",
		.sql = "SELECT xid, id, entity, entity_id, version, record, label "
		       "FROM ops.read_outbox($1, $2, $3, $4)",
		.n_params = 4,
		.role = LEDGER_APPLIER,
		.work = WORK_OURS,
	},
	[STATEMENT_FIGURES] = {
		.name = "city_figures",
		.sql = "SELECT name, label, value FROM ops.city_figures($1)",
		.n_params = 1,
		.role = LEDGER_APPLIER,
		.work = WORK_REPORT,
	},
	[STATEMENT_LAG] = {
		.name = "outbox_lag",
		.sql = "SELECT ops.outbox_lag($1, $2, $3)",
		.n_params = 3,
		.role = LEDGER_APPLIER,
		.work = WORK_OURS,
	},
	[STATEMENT_JOBS + LEDGER_TURN_DAY] = JOB("turn_day"),
	[STATEMENT_JOBS + LEDGER_EXPIRE_REFERRALS] = JOB("expire_referrals"),
	[STATEMENT_JOBS + LEDGER_FORGET_ANSWERS] = JOB("forget_answers"),
	[STATEMENT_JOBS + LEDGER_SETTLE_LOTS] = JOB("settle_lots"),
	[STATEMENT_JOBS + LEDGER_TRIM_OUTBOX] = {
		.name = "trim_outbox",
		.sql = "SELECT ops.trim_outbox($1, $3, interval '7 days', $2)",
		.n_params = 3,
		.role = LEDGER_APPLIER,
		.work = WORK_OURS,
	},
};

const struct statement *statement_of(int number)
{
	assert(number >= 0 && number < STATEMENTS);
	return &table[number];
}
