/*
 * Names for codes: what people write where a code belongs.
 */
#ifndef DAEMON_CATALOG_NAMES_H
#define DAEMON_CATALOG_NAMES_H

#include <stddef.h>

struct catalog;

#define NAMED_MAX 4
/* The codes that a name or another spelling means: one is the answer, more are to be chosen
 * from. */
struct named {
	size_t n; /* how many there are, which may be more than are kept */
	char code[NAMED_MAX][16];
};

/* A detailed occupation. */
struct named catalog_occupations_named(const struct catalog *c, const char *name);
/* "skills" or "licences". */
struct named catalog_terms_named(const struct catalog *c, const char *list, const char *name);
/* A division of any level by its name, or by a way to it: 金水区经八路街道纬四路社区.  What
 * ends a name (区, 街道, 社区居委会) can be left out. */
struct named catalog_divisions_named(const struct catalog *c, const char *name);

#endif
