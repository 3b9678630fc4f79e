/*
 * A piece of a COPY in the binary form, as libpq hands it over: at most one record.
 */
#ifndef DAEMON_LEDGER_COPIED_H
#define DAEMON_LEDGER_COPIED_H

#include <stdbool.h>
#include <stddef.h>

struct change;

struct copied {
	char *data; /* NULL: none */
	size_t len, at;
	size_t row;    /* where its record begins: with `at` there it is read once more */
	bool has_head; /* the table's signature has been read */
};

enum copied_piece { PIECE_EMPTY, PIECE_RECORD, PIECE_BAD };
enum copied_piece copied_read(struct copied *c, bool is_vacancy, struct change *out);

#endif
