/*
 * The catalogue as its own files see it: sorted arrays, and the texts into
 * which every name points.
 */
#ifndef DAEMON_CATALOG_CATALOG_TABLES_H
#define DAEMON_CATALOG_CATALOG_TABLES_H

#include "daemon/catalog/catalog.h"
#include "daemon/tables/tsv.h"

struct area {
	uint32_t code;
	int first, last; /* editions, 200212; 0 when only old lists have it */
	/* A county, or a city that has none; not a province or a sum of others. */
	bool is_place;
};

struct successor {
	uint32_t code, next;
};

struct industry {
	int edition;
	char section;
	const char *code; /* "" for the section itself */
	const char *name; /* the section's; else "" */
};

/* One vocabulary: its terms by id, and how many there are. */
struct words {
	struct term by_id[256]; /* code NULL: no such id */
	size_t n;
};

#define TABLES 10

struct catalog {
	const char *dir; /* while reading */
	int city;
	char *texts[TABLES];
	size_t n_texts;

	struct area *areas; /* by code */
	struct areas area_codes;
	int newest_area; /* edition */
	struct successor *successors;
	size_t n_successors;
	struct adjacency near;
	struct division *divisions; /* by code */
	size_t n_divisions;
	struct occupation *occupations; /* by code */
	size_t n_occupations;
	struct industry *industries; /* by edition and code */
	size_t n_industries;
	struct words skills, licences;
	struct skill_words skill_words;
	struct names *names; /* names.c */
};

/* Opens a table whose text then belongs to the catalogue. */
MUST_CHECK bool catalog_open(struct catalog *c, struct tsv *t, const char *name,
    const char *header);

/* Each reads its tables; false: said why. */
MUST_CHECK bool read_places(struct catalog *c);
MUST_CHECK bool read_occupations(struct catalog *c);
MUST_CHECK bool read_words(struct catalog *c);
MUST_CHECK bool read_industries(struct catalog *c);
/* After all of them. */
void names_read(struct catalog *c);
void names_free(struct names *names); /* NULL is fine */

/* A detail, or a group that has none: what a post can be. */
bool is_leaf(const struct catalog *c, const struct occupation *o);

#endif
