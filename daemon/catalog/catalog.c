/*
 * The catalogue: reads all tables, or none.
 *
 * What is in them belongs to places.c, words.c and industries.c.  A table that
 * is missing, misshapen or at odds with itself stops the daemon at the start:
 * a wrong code table would make wrong refusals all day.
 */
#include "daemon/catalog/catalog_tables.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/oom.h"

bool catalog_open(struct catalog *c, struct tsv *t, const char *name, const char *header)
{
	if (!tsv_open(t, c->dir, name, header))
		return false;
	assert(c->n_texts < TABLES);
	c->texts[c->n_texts++] = t->text;
	return true;
}

struct catalog *catalog_read(const char *data_dir, int city)
{
	struct catalog *c = must_alloc(sizeof(*c));

	c->dir = data_dir;
	c->city = city;
	if (!read_places(c) || !read_occupations(c) || !read_words(c) || !read_industries(c)) {
		catalog_free(c);
		return NULL;
	}
	names_read(c);
	c->dir = NULL;
	return c;
}

void catalog_free(struct catalog *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_texts; i++)
		free(c->texts[i]);
	free(c->areas);
	free(c->successors);
	free((void *)c->area_codes.codes);
	free((void *)c->near.pairs);
	free(c->divisions);
	free(c->occupations);
	free(c->industries);
	names_free(c->names);
	free(c);
}
