/*
 * Functions brought to what the files say.
 *
 * Every file is run in one transaction, so order between them does not matter
 * and nobody sees half of it.  A row of pg_proc that this transaction wrote
 * (xmin) is a function that the files define; those that they defined before and
 * did not write now are dropped.  So it is PostgreSQL that says what is defined,
 * never a reading of the text; only a plan, which may change nothing, reads it.
 *
 * PostgreSQL does not replace a function by one of another type or with other
 * argument names.  Then all is undone and begun again by dropping every function
 * of the files: sessions that hold one by its number plan their calls anew.
 */
#include "daemon/ledger/functions.h"

#include <stdio.h>
#include <string.h>

#include "daemon/ledger/session.h"

#define FOLDER "functions"
#define WRITTEN_NOW                                                                            \
	"SELECT oid::regprocedure::text FROM pg_proc WHERE xmin = pg_current_xact_id()::xid"
#define GONE                                                                                   \
	" FROM ledger.function_of_file WHERE function NOT IN (" WRITTEN_NOW                    \
	") ORDER BY function"

/* Bodies are read once all are there: of SQL with every name in them, of PL/pgSQL the syntax.
 */
#define BODIES                                                                                 \
	"SELECT format('SELECT %s(%s)', l.lanvalidator::regproc, p.oid) FROM pg_proc p "       \
	"JOIN pg_language l ON l.oid = p.prolang WHERE p.xmin = pg_current_xact_id()::xid"

/* Who may call what, the files say too: privileges.sql. */
#define GRANTS                                                                                 \
	"SELECT 'SELECT ops.grant_roles()' WHERE to_regproc('ops.grant_roles') IS NOT NULL"

bool functions_prepare(PGconn *pg)
{
	return session_tell(pg, "CREATE TABLE IF NOT EXISTS ledger.function_file ("
				"name text PRIMARY KEY, checksum text NOT NULL, "
				"applied_at timestamptz NOT NULL DEFAULT now())") &&
	       session_tell(pg, "CREATE TABLE IF NOT EXISTS ledger.function_of_file ("
				"function text PRIMARY KEY)");
}

bool functions_belong_to_tables(PGconn *pg)
{
	return session_tell(pg, "DELETE FROM ledger.function_of_file "
				"WHERE function IN (" WRITTEN_NOW ")");
}

/* Marks the files that are not what the database holds.  *is: one is not, or one is no more. */
static bool compare(PGconn *pg, struct levels *files, bool *is)
{
	PGresult *r =
	    session_ask(pg, "SELECT name, checksum FROM ledger.function_file", 0, NULL);
	size_t same = 0;

	for (size_t i = 0; r && i < files->n; i++) {
		struct level *file = &files->list[i];

		file->differs = true;
		for (int k = 0; k < PQntuples(r) && file->differs; k++)
			file->differs = strcmp(PQgetvalue(r, k, 0), file->name) != 0 ||
					strcmp(PQgetvalue(r, k, 1), file->checksum) != 0;
		same += !file->differs;
	}
	*is = r && (same < files->n || same < (size_t)PQntuples(r));
	PQclear(r);
	return r != NULL;
}

static bool run_files(PGconn *pg, const struct levels *files, bool *refused)
{
	for (size_t i = 0; i < files->n; i++)
		if (!session_run(pg, FOLDER, &files->list[i], refused))
			return false;
	return true;
}

static bool keep_checksums(PGconn *pg, const struct levels *files)
{
	bool fine = session_tell(pg, "DELETE FROM ledger.function_file");

	for (size_t i = 0; fine && i < files->n; i++) {
		const char *values[] = { files->list[i].name, files->list[i].checksum };

		fine = session_put(pg,
		    "INSERT INTO ledger.function_file (name, checksum) VALUES ($1, $2)", 2,
		    values);
	}
	return fine;
}

/* *gone: what was dropped because no file defines it. */
static bool run_all(PGconn *pg, const struct levels *files, bool *refused, PGresult **gone)
{
	const bool drop_first = !refused;

	return session_tell(pg, "SET LOCAL check_function_bodies = off") &&
	       (!drop_first || session_each(pg, "SELECT 'DROP FUNCTION IF EXISTS ' || function "
						"FROM ledger.function_of_file")) &&
	       run_files(pg, files, refused) &&
	       session_tell(pg, "SET LOCAL check_function_bodies = on") &&
	       session_each(pg, BODIES) &&
	       (*gone = session_ask(pg, "SELECT function" GONE, 0, NULL)) &&
	       session_each(pg, "SELECT 'DROP FUNCTION IF EXISTS ' || function" GONE) &&
	       session_tell(pg, "DELETE FROM ledger.function_of_file") &&
	       session_tell(pg, "INSERT INTO ledger.function_of_file " WRITTEN_NOW) &&
	       keep_checksums(pg, files) && session_each(pg, GRANTS);
}

static void print_all(const char *verb, const PGresult *names)
{
	for (int i = 0; i < PQntuples(names); i++)
		printf("%s %s\n", verb, PQgetvalue(names, i, 0));
}

static bool apply(PGconn *pg, const struct levels *files, bool *refused)
{
	PGresult *gone = NULL;
	bool fine = session_tell(pg, "BEGIN") && run_all(pg, files, refused, &gone) &&
		    session_tell(pg, "COMMIT");

	if (fine) {
		for (size_t i = 0; i < files->n; i++)
			if (files->list[i].differs)
				printf("ran       " FOLDER "/%s\n", files->list[i].name);
		print_all("dropped  ", gone);
	} else if (!session_tell(pg, "ROLLBACK")) {
		fprintf(stderr, FOLDER ": not even undone; the server has gone\n");
	}
	PQclear(gone);
	return fine;
}

bool functions_apply(PGconn *pg, struct levels *files, bool anyhow)
{
	bool differs, refused = false;

	if (!compare(pg, files, &differs))
		return false;
	if (!differs && !anyhow)
		return session_each(pg, GRANTS);
	return apply(pg, files, &refused) || (refused && apply(pg, files, NULL));
}

/* What is defined as the text says it: names and the types of arguments, as PostgreSQL writes
 * them; a type that a file of tables has yet to bring is no function's that is there. */
static const char would_go[] =
    "SELECT function FROM ledger.function_of_file EXCEPT "
    "SELECT f[1] || '(' || coalesce((SELECT string_agg(coalesce(to_regtype(t)::text, t), ',' "
    "ORDER BY n) FROM regexp_split_to_table(nullif(f[2], ''), ',\\s*') WITH ORDINALITY x(a, n), "
    "regexp_replace(a, '^(VARIADIC )?\\w+ | DEFAULT .*$', '', 'g') t WHERE a !~ '^OUT '), '') "
    "|| ')' FROM regexp_matches($1, '^CREATE OR REPLACE FUNCTION ([\\w.]+)\\(([^()]*)\\)', 'gw') f "
    "ORDER BY 1";

bool functions_plan(PGconn *pg, struct levels *files)
{
	struct buf text = { 0 };
	PGresult *gone = NULL;
	bool differs, known = session_has(pg, "ledger.function_file");
	bool fine = !known || compare(pg, files, &differs);

	for (size_t i = 0; fine && i < files->n; i++) {
		buf_puts(&text, files->list[i].text.data);
		printf("%s " FOLDER "/%s\n",
		    !known || files->list[i].differs ? "would run" : "has run  ",
		    files->list[i].name);
	}
	if (fine && known) {
		const char *value = text.data ? text.data : "";

		gone = session_ask(pg, would_go, 1, &value);
		fine = gone != NULL;
		print_all("would drop", gone);
	}
	PQclear(gone);
	buf_free(&text);
	return fine;
}
