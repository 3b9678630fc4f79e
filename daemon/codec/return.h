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
struct return_rows;

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
	const struct return_rows *rows; /* of the file that its lines came in; NULL: none did */
	bool lacks_room;                /* for that file, here; nothing is wrong with it */
	const char
	    *canonical; /* the body with its members sorted: the same return, the same text */
};

/* {employer}/{district}/{quarter}, in canonical form; what is wrong is NULL. */
struct return_path {
	const char *employer, *district, *quarter;
};
/* `dir`: where a workbook waits that is in it, without a name. */
enum read_result codec_read_return(const struct codec *c, const char *body, size_t len,
    const struct return_path *path, const char *dir, struct filed_return *out);
/* A line's contact, sealed, as hex, and the key that tells it from another; NULL: it has none.
 */
struct sealed_contact {
	const char *hex, *key;
};
/* The coded return; sealed[i] is line i's. */
const char *codec_write_return(struct arena *a, const struct filed_return *r,
    const struct sealed_contact *sealed);

#endif
