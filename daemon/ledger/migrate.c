/*
 * Migrations: each file once, in order, in a transaction of its own, while an
 * advisory lock keeps others out.
 *
 * It blocks, and runs before any loop.  What ran is kept with its checksum: a
 * file that was altered afterwards, or a level that these files do not have,
 * is refused, because then nobody knows what the database is.
 */
#include "daemon/ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "daemon/ledger/catalogue.h"
#include "daemon/ledger/hosts.h"
#include "daemon/ledger/levels.h"

#define LOCK_SQL "SELECT pg_advisory_lock(hashtext('vacancyd migrations'))"

static void ignore_notice(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

/* The first server that takes writes. */
static PGconn *connect_to_one(const char *list)
{
	const char *const words[] = { "connect_timeout", "target_session_attrs", "dbname",
		"application_name", "client_encoding", NULL };
	struct hosts hosts;
	PGconn *pg = NULL;

	hosts_init(&hosts, list);
	for (size_t i = 0; i < hosts.n && !pg; i++) {
		const char *const values[] = { "5", "read-write", hosts.list[i].conninfo,
			"vacancyd migrate", "UTF8", NULL };

		pg = PQconnectdbParams(words, values, 1);
		if (PQstatus(pg) == CONNECTION_OK)
			break;
		fprintf(stderr, "%s", PQerrorMessage(pg));
		PQfinish(pg);
		pg = NULL;
	}
	hosts_release(&hosts);
	if (pg)
		PQsetNoticeReceiver(pg, ignore_notice, NULL);
	return pg;
}

/* Rows of a statement, or NULL with the server's words on stderr. */
static PGresult *ask(PGconn *pg, const char *sql, int n, const char *const *values,
    const int *lengths, const int *formats)
{
	PGresult *r = PQexecParams(pg, sql, n, NULL, values, lengths, formats, 0);

	if (PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK)
		return r;
	fprintf(stderr, "%s", PQresultErrorMessage(r));
	PQclear(r);
	return NULL;
}

static bool tell(PGconn *pg, const char *sql)
{
	PGresult *r = ask(pg, sql, 0, NULL, NULL, NULL);
	bool fine = r != NULL;

	PQclear(r);
	return fine;
}

/* By the server, so that psql can check it: SELECT encode(sha256(...), 'hex'). */
static bool compute_checksums(PGconn *pg, struct levels *levels)
{
	for (size_t i = 0; i < levels->n; i++) {
		struct level *level = &levels->list[i];
		const char *value = level->text.data;
		int length = (int)level->text.len, format = 1;
		PGresult *r = ask(pg, "SELECT encode(sha256($1::bytea), 'hex')", 1, &value,
		    &length, &format);

		if (!r)
			return false;
		snprintf(level->checksum, sizeof(level->checksum), "%s", PQgetvalue(r, 0, 0));
		PQclear(r);
	}
	return true;
}

static const struct level *level_of(const struct levels *levels, int number)
{
	for (size_t i = 0; i < levels->n; i++)
		if (levels->list[i].number == number)
			return &levels->list[i];
	return NULL;
}

/* Holds what has run against the files. */
static bool compare(const PGresult *applied, const struct levels *levels, int *last)
{
	*last = 0;
	for (int i = 0; i < PQntuples(applied); i++) {
		const char *name = PQgetvalue(applied, i, 1), *sum = PQgetvalue(applied, i, 2);
		const struct level *level;

		*last = (int)strtol(PQgetvalue(applied, i, 0), NULL, 10);
		level = level_of(levels, *last);
		if (!level) {
			fprintf(stderr,
			    "the database has migration %s, which is not among these files: "
			    "it belongs to another release\n",
			    name);
			return false;
		}
		if (strcmp(level->checksum, sum) != 0) {
			fprintf(stderr,
			    "%s was altered after it ran: the database has %s, the file %s\n",
			    level->name, sum, level->checksum);
			return false;
		}
	}
	for (size_t i = 0; i < levels->n && levels->list[i].number < *last; i++) {
		char number[16];
		bool ran = false;

		snprintf(number, sizeof(number), "%d", levels->list[i].number);
		for (int k = 0; k < PQntuples(applied); k++)
			ran |= strcmp(PQgetvalue(applied, k, 0), number) == 0;
		if (!ran) {
			fprintf(stderr, "%s never ran, but a later one did\n",
			    levels->list[i].name);
			return false;
		}
	}
	return true;
}

static bool read_applied(PGconn *pg, const struct levels *levels, int *last)
{
	PGresult *there = ask(pg, "SELECT to_regclass('ledger.schema_migration') IS NOT NULL",
	    0, NULL, NULL, NULL);
	PGresult *r;
	bool fine;

	if (!there)
		return false;
	fine = strcmp(PQgetvalue(there, 0, 0), "t") == 0;
	PQclear(there);
	*last = 0;
	if (!fine) /* an empty database */
		return true;
	r = ask(pg, "SELECT level, name, checksum FROM ledger.schema_migration ORDER BY level",
	    0, NULL, NULL, NULL);
	fine = r && compare(r, levels, last);
	PQclear(r);
	return fine;
}

/* "0003_returns.sql:41: the message": the server counts characters, not bytes. */
static void show_error(const struct level *level, const PGresult *r)
{
	const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *context = PQresultErrorField(r, PG_DIAG_CONTEXT);
	long characters = position ? strtol(position, NULL, 10) : 0;
	int line = 1;

	for (const char *s = level->text.data; *s && characters > 1; s++) {
		line += *s == '\n';
		characters -= (*s & 0xc0) != 0x80;
	}
	fprintf(stderr, "%s.sql:%d: %s\n", level->name, line, text ? text : "no answer");
	if (context)
		fprintf(stderr, "%s\n", context);
}

static bool run_level(PGconn *pg, const struct level *level)
{
	PGresult *r = PQexec(pg, level->text.data);
	ExecStatusType status = PQresultStatus(r);
	bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
		    status == PGRES_EMPTY_QUERY;

	if (!fine)
		show_error(level, r);
	PQclear(r);
	if (fine && PQtransactionStatus(pg) != PQTRANS_INTRANS) {
		fprintf(stderr, "%s.sql: ends its transaction itself\n", level->name);
		return false;
	}
	return fine;
}

static bool apply(PGconn *pg, const struct level *level)
{
	char number[16];
	const char *values[] = { number, level->name, level->checksum };
	PGresult *r = NULL;
	bool fine;

	snprintf(number, sizeof(number), "%d", level->number);
	fine = tell(pg, "BEGIN") && run_level(pg, level);
	if (fine) {
		r = ask(pg,
		    "INSERT INTO ledger.schema_migration (level, name, checksum) "
		    "VALUES ($1, $2, $3)",
		    3, values, NULL, NULL);
		fine = r != NULL;
		PQclear(r);
	}
	if (fine && tell(pg, "COMMIT")) {
		printf("ran       %s\n", level->name);
		return true;
	}
	if (!tell(pg, "ROLLBACK"))
		fprintf(stderr, "%s: not even undone; the server has gone\n", level->name);
	return false;
}

static bool apply_all(PGconn *pg, const struct levels *levels, int last)
{
	for (size_t i = 0; i < levels->n; i++)
		if (levels->list[i].number > last && !apply(pg, &levels->list[i]))
			return false;
	return true;
}

static bool grant(PGconn *pg, const char *role)
{
	PGresult *r = ask(pg, "SELECT ops.grant_daemon($1)", 1, &role, NULL, NULL);
	bool fine = r != NULL;

	PQclear(r);
	return fine;
}

static bool migrate(PGconn *pg, const struct ledger_migration *m, struct levels *levels)
{
	int last;

	/* Others wait here; the lock goes with the session. */
	if (!tell(pg, LOCK_SQL) || !compute_checksums(pg, levels) ||
	    !read_applied(pg, levels, &last))
		return false;
	if (!tell(pg, "CREATE SCHEMA IF NOT EXISTS ledger") ||
	    !tell(pg, "CREATE TABLE IF NOT EXISTS ledger.schema_migration ("
		      "level int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
		      "applied_at timestamptz NOT NULL DEFAULT now())") ||
	    !apply_all(pg, levels, last))
		return false;
	if (m->data_dir &&
	    (!tell(pg, "BEGIN") || !catalogue_load(pg, m) || !tell(pg, "COMMIT")))
		return false;
	return !m->daemon_role || grant(pg, m->daemon_role);
}

static bool plan(PGconn *pg, struct levels *levels)
{
	int last;

	if (!compute_checksums(pg, levels) || !read_applied(pg, levels, &last))
		return false;
	for (size_t i = 0; i < levels->n; i++)
		printf("%s %s\n", levels->list[i].number <= last ? "has run  " : "would run",
		    levels->list[i].name);
	return true;
}

bool ledger_migrate(const struct ledger_migration *m)
{
	struct levels levels;
	PGconn *pg = NULL;
	bool fine = false;

	if (levels_read(&levels, m->schema_dir) && (pg = connect_to_one(m->hosts)))
		fine = m->plan_only ? plan(pg, &levels) : migrate(pg, m, &levels);
	PQfinish(pg);
	levels_release(&levels);
	return fine;
}
