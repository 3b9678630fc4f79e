/*
 * The catalogue: the code tables of config/data in memory: divisions,
 * occupations, areas of citizen numbers, skills, licences, adjacency.
 *
 * Read once at start; plain look-ups after that.  An unknown code is told
 * apart from a malformed one, and the nearest known ones are offered.
 */
#ifndef DAEMON_CATALOG_CATALOG_H
#define DAEMON_CATALOG_CATALOG_H

#include "matcher/codes.h"

struct catalog;

/* NULL: the reason went to stderr (file, line, what). */
struct catalog *catalog_read(const char *data_dir, int city);
void catalog_free(struct catalog *c);

const struct areas *catalog_areas(const struct catalog *c);
const struct adjacency *catalog_adjacency(const struct catalog *c);

struct division {
	place_t code;
	int digits; /* 4, 6, 9, 12 significant */
	const char *name;
	const char *unit; /* reporting unit of its street or county, "410105", "Z-ZD" */
};
const struct division *catalog_division(const struct catalog *c, place_t code); /* padded to 12 */

struct occupation {
	occupation_t code;
	const char *name;
};
const struct occupation *catalog_occupation(const struct catalog *c, occupation_t code);

/* Vocabularies: skills ("K012" -> 1..255) and licences. */
struct term {
	uint8_t id;
	const char *code, *zh, *en;
	occupation_t group; /* where it is at home; 0 everywhere */
};
const struct term *catalog_skill(const struct catalog *c, const char *code);
const struct term *catalog_skill_by_id(const struct catalog *c, uint8_t id);
const struct term *catalog_licence(const struct catalog *c, const char *code);
const struct term *catalog_licence_by_id(const struct catalog *c, uint8_t id);

/* Up to n nearest known codes to a wrong one, comma separated, for an error's "expected". */
void catalog_nearest(const struct catalog *c, const char *list, const char *wrong, char *out,
    size_t n);

#endif
