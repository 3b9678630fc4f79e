/*
 * What derives from members.tsv, printed: what the members of answers are called in
 * Chinese, for vacancyctl, and the headers of CSV files, for the codec.
 *
 * A member stands once, in the order of bsearch, and a header means one member.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"
#include "daemon/tables/print.h"
#include "daemon/tables/tsv.h"

struct member {
	const char *name, *zh, *headers;
};

struct members {
	struct tsv file;
	struct member *rows;
	size_t n;
};

static bool has_header(const struct members *m, const char *header, size_t n)
{
	for (size_t i = 0; i < m->n; i++)
		if (tsv_has_word(m->rows[i].headers, header, n))
			return true;
	return false;
}

static bool check(struct members *m, const struct member *r)
{
	if (!*r->name || !*r->zh)
		return tsv_refuse(&m->file, "state both member and zh", r->name);
	if (m->n && strcmp(m->rows[m->n - 1].name, r->name) >= 0)
		return tsv_refuse(&m->file, "the rows are in order, a member once", r->name);
	for (const char *h = r->headers; *h;) {
		size_t n = strcspn(h, "|");

		if (has_header(m, h, n))
			return tsv_refuse(&m->file,
			    "another member has this header; leave it to one of the two", h);
		h += n + (h[n] == '|');
	}
	return true;
}

static void release(struct members *m)
{
	free(m->rows);
	free(m->file.text);
}

static bool read_members(struct members *m, const char *data_dir)
{
	*m = (struct members){ 0 };
	if (!tsv_open(&m->file, data_dir, "members.tsv", "member\tzh\theaders"))
		return false;
	m->rows = must_alloc(m->file.lines * sizeof(*m->rows));
	while (tsv_next(&m->file)) {
		struct member r = { m->file.field[0], m->file.field[1], m->file.field[2] };

		if (!check(m, &r))
			break;
		m->rows[m->n++] = r;
	}
	if (m->file.is_broken)
		release(m);
	return !m->file.is_broken;
}

bool print_member_names(const char *data_dir, FILE *out)
{
	struct members m;

	if (!read_members(&m, data_dir))
		return false;
	for (size_t i = 0; i < m.n; i++)
		fprintf(out, "{ \"%s\", \"%s\" },\n", m.rows[i].name, m.rows[i].zh);
	release(&m);
	return true;
}

bool print_member_headers(const char *data_dir, FILE *out)
{
	struct members m;

	if (!read_members(&m, data_dir))
		return false;
	for (size_t i = 0; i < m.n; i++) {
		if (!*m.rows[i].headers)
			continue;
		fputs("#define HEADERS_", out);
		for (const char *c = m.rows[i].name; *c; c++)
			fputc(toupper((unsigned char)*c), out);
		fprintf(out, " \"%s\"\n", m.rows[i].headers);
	}
	release(&m);
	return true;
}
