/*
 * The catalogue: the code tables of config/data in memory: divisions,
 * occupations, areas of citizen numbers, skills, licences, adjacency, industries.
 *
 * Read once at start; plain look-ups after that.  An unknown code is told
 * apart from a malformed one, and the nearest known ones are offered.
 */
#ifndef DAEMON_CATALOG_CATALOG_H
#define DAEMON_CATALOG_CATALOG_H

#include "matcher/codes.h"
#include "matcher/match.h"

struct catalog;

/* NULL: the reason went to stderr (file, line, what). */
struct catalog *catalog_read(const char *data_dir, int city);
void catalog_free(struct catalog *c);

/* 4101. */
int catalog_city(const struct catalog *c);
/* The area codes of every edition, retired ones too. */
const struct areas *catalog_areas(const struct catalog *c);
/* Six digits as a county-level division of one edition (200612): CODE_FORMAT,
 * CODE_OTHER_EDITION or CODE_UNKNOWN if not. */
enum code_fault catalog_area(const struct catalog *c, const char *text, int edition);
/* A county outside the city where one can work: CODE_AREA for the city's own and for what is no
 * county, CODE_UNKNOWN, or CODE_OTHER_EDITION when it stood neither then nor in the newest
 * edition. */
enum code_fault catalog_county_elsewhere(const struct catalog *c, place_t place, int edition);
const struct adjacency *catalog_adjacency(const struct catalog *c);

struct division {
	place_t code;
	int digits; /* 4, 6, 9, 12 significant */
	const char *name;
	const char
	    *unit; /* reporting unit of its street or county, "410105", "Z-ZD"; city "" */
};
/* A code padded to 12, of whatever level; NULL when there is none. */
const struct division *catalog_division(const struct catalog *c, place_t code);

struct occupation {
	occupation_t code;
	const char *name;
	const char *en, *spellings; /* "" where nobody gave one; "保安|门卫" */
};
const struct occupation *catalog_occupation(const struct catalog *c, occupation_t code);
/* A detail that is named so, or called so every day; 0: none.  No spelling is of two. */
occupation_t catalog_occupation_named(const struct catalog *c, const char *text);

/* Vocabularies: skills ("K012" -> 1..255) and licences. */
struct term {
	uint8_t id;
	const char *code, *zh, *en;
	occupation_t group; /* where it is at home; 0 everywhere */
};
const struct term *catalog_skill(const struct catalog *c, const char *code);
const struct term *catalog_skill_by_id(const struct catalog *c, uint8_t id);
/* Their names, for explanations. */
const struct skill_words *catalog_skill_words(const struct catalog *c);
const struct term *catalog_licence(const struct catalog *c, const char *code);
const struct term *catalog_licence_by_id(const struct catalog *c, uint8_t id);

/* GB/T 4754 of an edition (2002, 2017): "N", "N78", "N782", "N7820".  CODE_FORMAT,
 * CODE_SECTION (right digits under another letter) or CODE_UNKNOWN if not. */
enum code_fault catalog_industry(const struct catalog *c, int edition, const char *text);

/* A list as a whole: an entry and the entry above it ("": none).  Names may be NULL. */
struct code {
	char text[48];
	char parent[32];
	int level; /* 1 at the top */
	const char *zh, *en;
	const char *definition_zh, *definition_en; /* of the short lists; else NULL */
	const char *spellings; /* of those and of occupations; else NULL.  "全职|全日" */
};
typedef void code_visitor(void *arg, const struct code *code);
/* Every code of it, in order; false when there is no such list. */
bool catalog_list(const struct catalog *c, const char *list, code_visitor *each, void *arg);
const char *catalog_list_name(size_t i); /* NULL past the last */

/* How near its names and other spellings come to what was asked for: 0 not at all, 1000 the
 * same. */
int catalog_nearness(const struct code *c, const char *asked);

/*
 * What to put in the place of a wrong code, the best first: whole codes, none of them the
 * wrong one, and only such as `is_taken` there, which is asked of each before it is offered.
 */
#define OFFERED  3
#define CODE_LEN 16
struct offers {
	const char *wrong; /* a code, or a name in the place of one */
	bool (*is_taken)(const void *arg, const char *code); /* NULL: any code is */
	const void *arg;
	char text[OFFERED][CODE_LEN];
	size_t n;
};
/* False: it is not for here, is there already, or there are three. */
bool offers_add(struct offers *o, const char *code);
/* With commas between; "" when there are none. */
#define OFFERS_TEXT (OFFERED * (CODE_LEN + 2))
void offers_print(const struct offers *o, char out[static OFFERS_TEXT]);

/* The nearest of a list: "division", "occupation", "skill", "licence", or their plurals. */
void catalog_nearest(const struct catalog *c, const char *list, struct offers *o);
/* The first divisions of so many digits inside this one, and the one around it. */
void catalog_inside(const struct catalog *c, place_t above, int digits, struct offers *o);
/* The county-level code (410182) that took over from a retired one (410121); 0: none is known.
 */
uint32_t catalog_successor(const struct catalog *c, uint32_t area);

#endif
