/*
 * A vacancy return, and the lines in it.
 */
#ifndef DAEMON_CODEC_RETURN_H
#define DAEMON_CODEC_RETURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/codec/codec.h"

struct arena;

#define CODEC_RETURN_MAX ((size_t)256 * 1024)
#define RETURN_LINES_MAX 200

/* One line of a return: the coded text is `members`, without braces and contact. */
struct filed_line {
	const char *ref;
	const char *members;
	const char *interview_contact; /* to be sealed; NULL when not stated */
	const char *place;             /* twelve digits */
	bool reserved;
};

struct filed_return {
	bool nil, has_staff;
	int64_t staff;
	const char *contact, *telephone; /* to be sealed; NULL when not stated */
	const char *closed;              /* a JSON array */
	size_t n_lines;
	struct filed_line *lines;
	const char
	    *canonical; /* the body with its members sorted: the same return, the same text */
};

/* `district` is the six-digit code in the path; NULL when that is wrong itself. */
enum read_result codec_read_return(const struct codec *c, const char *body, size_t len,
    const char *district, struct filed_return *out);
/* A line's contact, sealed, as hex, and the key that tells it from another; NULL: it has none.
 */
struct sealed_contact {
	const char *hex, *key;
};
/* The coded return; sealed[i] is line i's. */
const char *codec_write_return(struct arena *a, const struct filed_return *r,
    const struct sealed_contact *sealed);

#endif
