/*
 * Industries: GB/T 4754 by edition.
 *
 * The same letter, and the same four digits, mean different things in the
 * editions of 2002 and 2017, so a code is nothing without its edition; digits
 * that exist under another letter are told apart from digits that do not.
 */
#include "daemon/catalog/catalog_tables.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"

/* Sections have an empty code, so they stand first in their edition, by letter. */
static int by_code(const void *a, const void *b)
{
	const struct industry *x = a;
	const struct industry *y = b;
	int c = (x->edition > y->edition) - (x->edition < y->edition);

	if (!c)
		c = strcmp(x->code, y->code);
	return c || *x->code ? c : x->section - y->section;
}

bool read_industries(struct catalog *c)
{
	struct tsv t;

	if (!catalog_open(c, &t, "industries_gb4754.tsv",
		"edition\tsection\tcode\tsection_name"))
		return false;
	c->industries = must_alloc(t.lines * sizeof(*c->industries));
	while (tsv_next(&t)) {
		if (t.field[1][0] < 'A' || t.field[1][0] > 'T' || t.field[1][1])
			return tsv_refuse(&t, "a section is A to T", t.field[1]);
		c->industries[c->n_industries++] =
		    (struct industry){ (int)strtol(t.field[0], NULL, 10), t.field[1][0],
			    t.field[2], t.field[3] };
	}
	qsort(c->industries, c->n_industries, sizeof(*c->industries), by_code);
	return !t.is_broken;
}

enum code_fault catalog_industry(const struct catalog *c, int edition, const char *text)
{
	struct industry key = { .edition = edition, .section = text[0] };
	const struct industry *found;
	size_t len;

	if (text[0] < 'A' || text[0] > 'T')
		return CODE_FORMAT;
	key.code = text + 1;
	len = strlen(key.code);
	if (len == 1 || len > 4 || strspn(key.code, "0123456789") != len)
		return CODE_FORMAT;
	found = bsearch(&key, c->industries, c->n_industries, sizeof(key), by_code);
	if (!found)
		return CODE_UNKNOWN;
	return found->section == text[0] ? CODE_OK : CODE_SECTION;
}
