/*
 * The kinds of files that are imported, one table: what a record of each is, and
 * how it is read for the ledger.
 *
 * A record is read by the reader of the single call's body, and the ledger judges
 * it by the single call's rule; nothing of a kind stands anywhere else in C.
 */
#ifndef DAEMON_API_IMPORT_KINDS_H
#define DAEMON_API_IMPORT_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/codec/codec.h"

struct flow;
struct import_kind;
struct rows;

/* What the reading of a record needs beside its bytes. */
struct import_reading {
	struct flow *f;
	const struct codec
	    *codec; /* its arena holds what is read; its faults are the record's */
	const struct import_kind *kind;
	const char *employer; /* whose a line is that does not say so, or NULL */
	size_t n;             /* its number among those of its batch that go to the ledger */
};

struct import_record {
	const char *about; /* members of its receipt that say what it is; "" */
	const char *coded; /* JSON for the ledger; NULL: it is refused */
	uint64_t thing;    /* what it is about, hashed; 0: it meets no other record */
	bool is_counted;   /* at most one such in a batch */
};

struct import_kind {
	const char *name; /* "seekers" */
	/* The record that the rows gave last.  False: the codec's faults say why; `about` may
	 * be there all the same. */
	bool (*read)(const struct import_reading *r, const struct rows *rows,
	    struct import_record *out);
	body_shape *body; /* of those that are one coded text, without sealed members */
	const struct registry *of; /* whose entries they are, or NULL */
	size_t at_once; /* that the ledger takes in the time of a call; 0: a batch's 500 */
};

/* False: there is none of that name. */
bool import_kind_named(const char *name, struct import_kind *out);
/* "returns, seekers": for whoever asked for another; in the flow's arena. */
const char *import_kind_names(struct flow *f);

#endif
