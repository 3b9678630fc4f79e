/*
 * Statements on one connection, waited for, and their errors in words.
 *
 * It knows no migration: what is run, and in which transaction, is its caller's.
 */
#include "daemon/ledger/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/hosts.h"

static void ignore_notice(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

static bool is_fine(const PGresult *r)
{
	ExecStatusType status = PQresultStatus(r);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
	       status == PGRES_EMPTY_QUERY;
}

PGresult *session_ask(PGconn *pg, const char *sql, int n, const char *const *values)
{
	PGresult *r = PQexecParams(pg, sql, n, NULL, values, NULL, NULL, 0);

	if (is_fine(r))
		return r;
	fprintf(stderr, "%s", PQresultErrorMessage(r));
	PQclear(r);
	return NULL;
}

bool session_put(PGconn *pg, const char *sql, int n, const char *const *values)
{
	PGresult *r = session_ask(pg, sql, n, values);
	bool fine = r != NULL;

	PQclear(r);
	return fine;
}

bool session_tell(PGconn *pg, const char *sql)
{
	return session_put(pg, sql, 0, NULL);
}

bool session_has(PGconn *pg, const char *table)
{
	PGresult *r = session_ask(pg, "SELECT to_regclass($1)", 1, &table);
	bool has = r && !PQgetisnull(r, 0, 0);

	PQclear(r);
	return has;
}

bool session_each(PGconn *pg, const char *query)
{
	PGresult *r = session_ask(pg, query, 0, NULL);
	bool fine = r != NULL;

	for (int i = 0; fine && i < PQntuples(r); i++)
		fine = session_tell(pg, PQgetvalue(r, i, 0));
	PQclear(r);
	return fine;
}

/* "tables/0003_vacancies.sql:41: the message": the server counts characters, not bytes. */
static void show_error(const char *folder, const struct level *file, const PGresult *r)
{
	const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *context = PQresultErrorField(r, PG_DIAG_CONTEXT);
	long characters = position ? strtol(position, NULL, 10) : 0;
	int line = 1;

	for (const char *s = file->text.data; *s && characters > 1; s++) {
		line += *s == '\n';
		characters -= (*s & 0xc0) != 0x80;
	}
	fprintf(stderr, "%s/%s.sql:%d: %s\n", folder, file->name, line,
	    text ? text : "no answer");
	if (context)
		fprintf(stderr, "%s\n", context);
}

bool session_run(PGconn *pg, const char *folder, const struct level *file, bool *refused)
{
	PGresult *r = PQexec(pg, file->text.data);
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	bool fine = is_fine(r);

	if (!fine && refused && state && strcmp(state, "42P13") == 0)
		*refused = true;
	else if (!fine)
		show_error(folder, file, r);
	PQclear(r);
	if (fine && PQtransactionStatus(pg) != PQTRANS_INTRANS) {
		fprintf(stderr, "%s/%s.sql: ends its transaction itself\n", folder, file->name);
		return false;
	}
	return fine;
}

PGconn *session_connect(const char *list, const char *as)
{
	const char *const words[] = { "connect_timeout", "target_session_attrs", "dbname",
		"application_name", "client_encoding", NULL };
	struct hosts hosts;
	PGconn *pg = NULL;

	hosts_init(&hosts, list, as);
	for (size_t i = 0; i < hosts.n && !pg; i++) {
		const char *const values[] = { "5", "read-write", hosts.list[i].conninfo,
			"vacancyd migrate", "UTF8", NULL };

		if (hosts.list[i].has_password) {
			fputs("a password among the words of a connection can be read by "
			      "others: put it into a file, and name that with passfile=\n",
			    stderr);
			break;
		}
		pg = PQconnectdbParams(words, values, 1);
		if (PQstatus(pg) == CONNECTION_OK)
			break;
		fprintf(stderr, "%s", PQerrorMessage(pg));
		PQfinish(pg);
		pg = NULL;
	}
	hosts_release(&hosts);
	if (!pg)
		return NULL;
	PQsetNoticeReceiver(pg, ignore_notice, NULL);
	/* Names are printed with their schemas, whatever the database's own path. */
	if (session_tell(pg, "SET search_path = public"))
		return pg;
	PQfinish(pg);
	return NULL;
}
