/*
 * What is known of a file already, by the name it is sent under: how far it was
 * taken, and the digest of all it said up to there.
 *
 * So another file under the same name is told before anything of it is taken, however
 * long both are, and the same file goes on where it was cut.
 */
#ifndef DAEMON_API_IMPORT_KNOWN_H
#define DAEMON_API_IMPORT_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"

struct flow;

struct import_known {
	size_t upto;      /* so many records of it were taken */
	size_t pass_upto; /* and so many are passed over */
	bool is_over;     /* the file ended there */
	char digest[65];  /* of all up to there */

	size_t n;        /* records that have come */
	uint8_t now[32]; /* the digest of them */
	bool is_met;     /* it came to `upto`, and was the same */
	bool is_other;   /* it is another file */
	struct buf text;
};

void import_known_free(struct import_known *k);
/* The next record, with what it says.  True: it was taken before, or the file is another: it is
 * passed over. */
bool import_known_pass(struct import_known *k, struct flow *f, const char *text, size_t len);
/* Nothing comes any more: then one that has not come so far is another file. */
void import_known_end(struct import_known *k);

#endif
