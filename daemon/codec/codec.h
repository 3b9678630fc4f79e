/*
 * The codec: what clients send, as JSON, into what the ledger takes; and the
 * answers that this process writes itself.
 *
 * Pure: no clock, no I/O; the day and the catalogue are arguments.  Every
 * broken rule of a body is collected, with where, which rule, what stood there
 * and what would be right, before anything is refused.  Fields that are sealed
 * in the ledger (citizen number, name, telephone, address, contacts) come out
 * apart from the coded text, for the caller to seal, and never stand in a
 * fault.  Everything returned lives in the arena.
 *
 * This header has what all readers share; each kind of body and of answer has
 * its own.
 */
#ifndef DAEMON_CODEC_CODEC_H
#define DAEMON_CODEC_CODEC_H

#include <stddef.h>

#include "daemon/flow/problem.h"
#include "matcher/model.h"

struct arena;
struct buf;
struct catalog;
struct field;
struct registry;
struct rows;

#define CODEC_BODY_MAX  ((size_t)64 * 1024)
#define CODEC_DEPTH_MAX 8
/* Of one body; the longest return that the rules allow has some 16,000. */
#define CODEC_VALUES_MAX 20000

/* Of every day in a request, if nothing narrower is said. */
#define FIRST_DAY day_of(1990, 1, 1)
#define LAST_DAY  day_of(2099, 12, 31)

/* What a reader needs beside the bytes. */
struct codec {
	struct arena *arena;
	const struct catalog *catalog;
	struct faults *faults;           /* added to */
	day_t today;                     /* the ledger's business day */
	const struct registry *registry; /* whose entry a body is; else NULL */
	/* In a file a person may be named by their citizen number: what finds them by it. NULL:
	 * by the id of their file alone. */
	const char *(*blind)(void *arg, const char *citizen);
	void *blind_arg;
	/* Codes that are taken although no table has them; NULL: none. */
	bool (*recognises)(const void *who, const char *code);
	const void *who;
	/* The caller's division: of several places of one name those inside are meant.  NULL:
	 * nothing is narrowed. */
	const char *scope;
};

enum read_result {
	READ_OK,
	READ_MALFORMED, /* not JSON as we take it: 400 */
	READ_INVALID    /* JSON, but it breaks rules: 422 */
};

/*
 * Most bodies need no sealing: one coded JSON text each.  A shape reads the members of a
 * one and writes them coded; codec_read does for all of them what is the same for all.
 */
typedef void body_shape(const struct field *top, struct buf *coded);
enum read_result codec_read(const struct codec *c, body_shape *shape, const char *text,
    size_t len, const char **coded);
/* The same of the record that the rows of a file gave last. */
enum read_result codec_read_row(const struct codec *c, body_shape *shape,
    const struct rows *rows, const char **coded);
/* Where none is needed: no text at all, or an empty object. */
body_shape empty_body;

#endif
