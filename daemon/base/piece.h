/*
 * A piece of a text, where it stands; and a list of them, by comma or blank.
 */
#ifndef DAEMON_BASE_PIECE_H
#define DAEMON_BASE_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct piece {
	const char *at;
	size_t n;
};

/* The next of a list, which `*rest` then stands behind.  False: there is no more. */
static inline bool piece_next(const char **rest, struct piece *out)
{
	out->at = *rest + strspn(*rest, ", \t");
	out->n = strcspn(out->at, ", \t");
	*rest = out->at + out->n;
	return out->n > 0;
}

static inline bool piece_is(struct piece p, const char *text)
{
	return strlen(text) == p.n && memcmp(p.at, text, p.n) == 0;
}

#endif
