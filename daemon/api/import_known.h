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

struct import_known {
	uint64_t upto;      /* the line of the last record that was taken; 0: none was */
	uint64_t pass_upto; /* records up to here are passed over */
	bool is_over;       /* the file ended there */
	char digest[65];    /* of all up to there */

	uint8_t now[32]; /* of all that has come */
	bool is_met;     /* it came to `upto`, and was the same */
	bool is_other;   /* it is another file */
	struct buf text;
};

void import_known_free(struct import_known *k);
/* The next record, as it stands in the file.  True: it was taken before, or the file is
 * another: it is passed over. */
bool import_known_pass(struct import_known *k, uint64_t line, const char *text, size_t len);
/* What counts and is no record: the header of a table. */
void import_known_note(struct import_known *k, const char *text, size_t len);
/* Nothing comes any more: then one that has not come so far is another file. */
void import_known_end(struct import_known *k);

#endif
