/*
 * One COPY: a connection, and the rows that were not sent yet.
 *
 * It refuses to know what a row says.
 */
#include "tests/bench/copy_stream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <libpq-fe.h>

#define CITY 4101

struct copy_stream {
	PGconn *db;
	const char *table;
	char text[65536];
	size_t n;
};

static void die(const char *what, PGconn *db)
{
	fprintf(stderr, "bench_copy: %s: %s", what, db ? PQerrorMessage(db) : "\n");
	exit(1);
}

static void must(PGconn *db, const char *sql, ExecStatusType wanted)
{
	PGresult *r = PQexec(db, sql);

	if (PQresultStatus(r) != wanted)
		die(sql, db);
	PQclear(r);
}

struct copy_stream *copy_open(const char *ledger, const char *table, const char *columns)
{
	struct copy_stream *s = calloc(1, sizeof(*s));
	char sql[1024];

	if (!s)
		abort();
	s->table = table;
	s->db = PQconnectdb(ledger);
	if (PQstatus(s->db) != CONNECTION_OK)
		die(ledger, s->db);
	must(s->db, "SET session_replication_role = replica", PGRES_COMMAND_OK);
	must(s->db, "SET synchronous_commit = off", PGRES_COMMAND_OK);
	snprintf(sql, sizeof(sql), "COPY ledger.%s (%s) FROM STDIN", table, columns);
	must(s->db, sql, PGRES_COPY_IN);
	return s;
}

static void flush(struct copy_stream *s)
{
	if (s->n && PQputCopyData(s->db, s->text, (int)s->n) != 1)
		die("COPY", s->db);
	s->n = 0;
}

void copy_row(struct copy_stream *s, const char *format, ...)
{
	va_list ap;
	int n;

	if (s->n > sizeof(s->text) / 2)
		flush(s);
	s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n, "%d\t", CITY);
	va_start(ap, format);
	n = vsnprintf(s->text + s->n, sizeof(s->text) - s->n, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 2 > sizeof(s->text) - s->n)
		die("a row is too long", NULL);
	s->n += (size_t)n;
	s->text[s->n++] = '\n';
}

void copy_close(struct copy_stream *s, bool has_ids)
{
	char sql[256];
	PGresult *r;

	flush(s);
	if (PQputCopyEnd(s->db, NULL) != 1)
		die(s->table, s->db);
	r = PQgetResult(s->db);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		die(s->table, s->db);
	PQclear(r);
	PQclear(PQgetResult(s->db));
	if (has_ids) {
		snprintf(sql, sizeof(sql),
		    "SELECT setval(pg_get_serial_sequence('ledger.%s', 'id'), "
		    "(SELECT coalesce(max(id), 1) FROM ledger.%s))",
		    s->table, s->table);
		must(s->db, sql, PGRES_TUPLES_OK);
	}
	PQfinish(s->db);
	free(s);
}
