/*
 * Tab-separated tables to JSON, and JSON to ops.load_catalogue.
 *
 * It knows the files' names and the columns of none but the divisions', whose
 * first row names the city.  Loading again changes nothing that is the same.
 */
#include "daemon/ledger/load_catalogue.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/piece.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/levels.h"
#include "daemon/ledger/session.h"

#define COLUMNS_MAX 16

/* The fields of a line; returns how many, or COLUMNS_MAX + 1 when too many. */
static size_t split(struct piece line, struct piece *fields)
{
	size_t n = 0;

	for (;;) {
		const char *tab = memchr(line.at, '\t', line.n);
		size_t len = tab ? (size_t)(tab - line.at) : line.n;

		if (n == COLUMNS_MAX)
			return COLUMNS_MAX + 1;
		fields[n++] = (struct piece){ line.at, len };
		if (!tab)
			return n;
		line.n -= len + 1;
		line.at = tab + 1;
	}
}

static struct piece next_line(const char **at)
{
	struct piece line = { *at, strcspn(*at, "\n") };

	*at += line.n + (line.at[line.n] == '\n');
	if (line.n && line.at[line.n - 1] == '\r')
		line.n--;
	return line;
}

static void put_piece(struct buf *out, struct piece p, bool as_key)
{
	struct buf text = { 0 };

	buf_put(&text, p.at, p.n);
	if (as_key)
		buf_key(out, text.data);
	else
		buf_json(out, text.data);
	buf_free(&text);
}

int tsv_to_json(const char *path, const char *text, struct buf *out)
{
	struct piece names[COLUMNS_MAX + 1], fields[COLUMNS_MAX + 1];
	size_t n, number = 1;
	int rows = 0;

	n = split(next_line(&text), names);
	buf_putc(out, '[');
	while (*text) {
		struct piece line = next_line(&text);

		number++;
		if (!line.n)
			continue;
		if (n > COLUMNS_MAX || split(line, fields) != n) {
			fprintf(stderr, "%s:%zu: not as many fields as the header\n", path,
			    number);
			return -1;
		}
		buf_comma(out);
		buf_putc(out, '{');
		for (size_t i = 0; i < n; i++) {
			put_piece(out, names[i], true);
			put_piece(out, fields[i], false);
		}
		buf_putc(out, '}');
		rows++;
	}
	buf_putc(out, ']');
	return rows;
}

/* Out of the first row: "410100	city	郑州市	". */
static bool city_name(const char *path, const char *divisions, char *name, size_t size)
{
	struct piece fields[COLUMNS_MAX + 1];

	next_line(&divisions);
	if (split(next_line(&divisions), fields) < 3 || !piece_is(fields[1], "city")) {
		fprintf(stderr, "%s:2: not the city itself (code, city, name)\n", path);
		return false;
	}
	snprintf(name, size, "%.*s", (int)fields[2].n, fields[2].at);
	return true;
}

static bool create_city(PGconn *pg, const struct ledger_migration *m, const char *name)
{
	char city[16], year[16];
	const char *values[] = { city, name, city, m->sandbox ? "true" : "false",
		m->fixed_clock, year };

	snprintf(city, sizeof(city), "%d", m->city);
	snprintf(year, sizeof(year), "%d", m->plan_year);
	return session_put(pg, "SELECT ops.create_city($1, $2, $3, $4, $5, $6)", 6, values);
}

enum { DIVISIONS, OCCUPATIONS, UNITS, TARGETS, PERMISSIONS, REGISTERS, TABLES };

bool catalogue_load(PGconn *pg, const struct ledger_migration *m)
{
	struct buf json[TABLES] = { { 0 } }, text = { 0 }, path = { 0 };
	char city[16], names[TABLES][64], name[128] = "";
	const char *values[1 + TABLES] = { city };
	bool fine = true;

	snprintf(city, sizeof(city), "%d", m->city);
	snprintf(names[DIVISIONS], sizeof(*names), "divisions_%d.tsv", m->city);
	snprintf(names[OCCUPATIONS], sizeof(*names), "occupations_csco2022.tsv");
	snprintf(names[UNITS], sizeof(*names), "units_%d.tsv", m->city);
	snprintf(names[TARGETS], sizeof(*names), "targets_%d.tsv", m->plan_year);
	snprintf(names[PERMISSIONS], sizeof(*names), "authorisation.tsv");
	snprintf(names[REGISTERS], sizeof(*names), "registers.tsv");
	for (int i = 0; fine && i < TABLES; i++) {
		int rows;

		buf_clear(&path);
		buf_clear(&text);
		buf_printf(&path, "%s/%s", m->data_dir, names[i]);
		fine = file_read_whole(path.data, &text);
		rows = fine ? tsv_to_json(path.data, text.data, &json[i]) : -1;
		fine = rows >= 0;
		if (fine && i == DIVISIONS)
			fine = city_name(path.data, text.data, name, sizeof(name));
		if (fine)
			printf("loading   %s, %d rows\n", names[i], rows);
		values[1 + i] = json[i].data;
	}
	fine =
	    fine && create_city(pg, m, name) &&
	    session_put(pg, "SELECT ops.load_catalogue($1, $2, $3, $4, $5)", 1 + PERMISSIONS,
		values) &&
	    session_put(pg, "SELECT ops.load_permissions($1)", 1, &values[1 + PERMISSIONS]) &&
	    session_put(pg, "SELECT ops.load_registers($1)", 1, &values[1 + REGISTERS]);
	for (int i = 0; i < TABLES; i++)
		buf_free(&json[i]);
	buf_free(&text);
	buf_free(&path);
	return fine;
}
