/*
 * Migrations: each file of tables once, in order, in a transaction of its own,
 * then the functions, while an advisory lock keeps others out.
 *
 * It blocks, and runs before any loop.  What ran is kept with its checksum: a
 * file of tables that was altered afterwards, or one that these files do not
 * have, is refused, because then nobody knows what the database is.
 */
#include "daemon/ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "daemon/ledger/functions.h"
#include "daemon/ledger/levels.h"
#include "daemon/ledger/load_catalogue.h"
#include "daemon/ledger/session.h"

#define LOCK_SQL "SELECT pg_advisory_lock(hashtext('vacancyd migrations'))"
#define FOLDER   "tables"

struct schema {
	struct levels tables, functions;
};

/* By the server, so that psql can check it: SELECT encode(sha256(...), 'hex'). */
static bool compute_checksums(PGconn *pg, struct levels *levels)
{
	for (size_t i = 0; i < levels->n; i++) {
		struct level *level = &levels->list[i];
		const char *value = level->text.data;
		PGresult *r = session_ask(pg,
		    "SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')", 1, &value);

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

static void say_what_to_do(void)
{
	fputs(
	    "Nothing was changed.  The database can go on with the version that made it.  For "
	    "this one, back it up (vacancyd-operating(7), BACKUP); let the other version's "
	    "vacancyctl list what matters, with --all --csv; then drop the database, make a "
	    "new one with the script `database-roles`, migrate, and load it.\n",
	    stderr);
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
		if (!level || strcmp(level->name, name) != 0) {
			fprintf(stderr,
			    "the database has tables of %s, which is not among these files: "
			    "it was made by another version, and cannot be brought to this one\n",
			    name);
			return false;
		}
		if (strcmp(level->checksum, sum) != 0) {
			fprintf(stderr,
			    "%s is not the file that the database was made with: the "
			    "database has %s, the file %s\n",
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
	PGresult *r;
	bool fine;

	*last = 0;
	if (!session_has(pg, "ledger.schema_migration")) /* an empty database */
		return PQstatus(pg) == CONNECTION_OK;
	r = session_ask(pg,
	    "SELECT level, name, checksum FROM ledger.schema_migration ORDER BY level", 0,
	    NULL);
	fine = r && compare(r, levels, last);
	if (r && !fine)
		say_what_to_do();
	PQclear(r);
	return fine;
}

static bool apply(PGconn *pg, const struct level *level)
{
	char number[16];
	const char *values[] = { number, level->name, level->checksum };

	snprintf(number, sizeof(number), "%d", level->number);
	if (session_tell(pg, "BEGIN") && session_run(pg, FOLDER, level, NULL) &&
	    functions_belong_to_tables(pg) &&
	    session_put(pg,
		"INSERT INTO ledger.schema_migration (level, name, checksum) "
		"VALUES ($1, $2, $3)",
		3, values) &&
	    session_tell(pg, "COMMIT")) {
		printf("ran       " FOLDER "/%s\n", level->name);
		return true;
	}
	if (!session_tell(pg, "ROLLBACK"))
		fprintf(stderr, "%s: not even undone; the server has gone\n", level->name);
	return false;
}

static bool apply_all(PGconn *pg, const struct levels *levels, int last, bool *any)
{
	*any = false;
	for (size_t i = 0; i < levels->n; i++) {
		if (levels->list[i].number <= last)
			continue;
		if (!apply(pg, &levels->list[i]))
			return false;
		*any = true;
	}
	return true;
}

/* What a function may do, its owner may: it must not be one who may do everything. */
static bool is_no_superuser(PGconn *pg)
{
	PGresult *r = session_ask(pg, "SELECT current_setting('is_superuser')", 0, NULL);
	bool fine = r && strcmp(PQgetvalue(r, 0, 0), "off") == 0;

	if (r && !fine)
		fprintf(stderr, "connected as a superuser: the functions would run with all "
				"rights; connect as the owner of the schema, vacancyd\n");
	PQclear(r);
	return fine;
}

static bool migrate(PGconn *pg, const struct ledger_migration *m, struct schema *s)
{
	int last;
	bool any;

	/* Others wait here; the lock goes with the session. */
	if (!is_no_superuser(pg) || !session_tell(pg, LOCK_SQL) ||
	    !compute_checksums(pg, &s->tables) || !compute_checksums(pg, &s->functions) ||
	    !read_applied(pg, &s->tables, &last))
		return false;
	if (!session_tell(pg, "CREATE SCHEMA IF NOT EXISTS ledger") ||
	    !session_tell(pg,
		"CREATE TABLE IF NOT EXISTS ledger.schema_migration ("
		"level int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
		"applied_at timestamptz NOT NULL DEFAULT now())") ||
	    !functions_prepare(pg) || !apply_all(pg, &s->tables, last, &any) ||
	    !functions_apply(pg, &s->functions, any))
		return false;
	return !m->data_dir || (session_tell(pg, "BEGIN") && catalogue_load(pg, m) &&
				   session_tell(pg, "SELECT ops.forget_other_server()") &&
				   session_tell(pg, "COMMIT"));
}

static bool plan(PGconn *pg, struct schema *s)
{
	int last;

	if (!compute_checksums(pg, &s->tables) || !compute_checksums(pg, &s->functions) ||
	    !read_applied(pg, &s->tables, &last))
		return false;
	for (size_t i = 0; i < s->tables.n; i++)
		printf("%s " FOLDER "/%s\n",
		    s->tables.list[i].number <= last ? "has run  " : "would run",
		    s->tables.list[i].name);
	return functions_plan(pg, &s->functions);
}

bool ledger_migrate(const struct ledger_migration *m)
{
	struct schema s = { 0 };
	PGconn *pg = NULL;
	bool fine = false;

	if (levels_read(&s.tables, m->schema_dir, FOLDER, true) &&
	    levels_read(&s.functions, m->schema_dir, "functions", false) &&
	    (pg = session_connect(m->hosts, m->as)))
		fine = m->plan_only ? plan(pg, &s) : migrate(pg, m, &s);
	PQfinish(pg);
	levels_release(&s.tables);
	levels_release(&s.functions);
	return fine;
}
