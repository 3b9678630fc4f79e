/*
 * The outbox applier: carries what the ledger has written to the board.
 *
 * The only writer of the board.  It may die anywhere and be started twice: the
 * position lives in the board and moves by compare-and-set, with the data.  An
 * empty board is rebuilt from the ledger without being asked.
 */
#ifndef DAEMON_OUTBOX_OUTBOX_H
#define DAEMON_OUTBOX_OUTBOX_H

#include "daemon/base/status.h"
#include "daemon/board/board.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct ledger;
struct outbox;

/* Starts at once; waits while the ledger or the board is away. */
struct outbox *outbox_new(struct event_base *base, struct ledger *l, struct board *b, int city);
/* Before board_free and ledger_free: what is under way ends with them, in silence. */
void outbox_free(struct outbox *o);
/* There is something to read: a commit of this daemon. */
void outbox_wake(struct outbox *o);

/* The transaction that the board has come to; false while that is not known. */
bool outbox_passed(const struct outbox *o, uint64_t *xid);

/* Where the board was last seen; false: nowhere yet. */
bool outbox_position(const struct outbox *o, uint64_t *xid, uint64_t *id);
/* How long ago the board had all that the ledger had, which is 0 to some milliseconds while
 * both are there; false: never yet. */
bool outbox_behind(const struct outbox *o, int64_t *ms);

struct rebuild_report {
	uint64_t generation;
	size_t vacancies, seekers; /* read from the ledger, closed ones included */
	size_t caught_up;          /* changes that came meanwhile */
	int64_t milliseconds;
};

/*
 * Fill a new generation from the ledger and switch to it; the old one serves
 * until then.  E_BUSY: one is running.  E_CONFLICT: another process was faster,
 * and its generation stands.
 */
void outbox_rebuild(struct outbox *o, struct rebuild_report *out, struct done done);

#define VERIFY_MAX_DIFFERENCES 20

struct difference {
	char entity;
	uint64_t id;
	const char *what; /* "not on the board", "the record", ... */
};

struct verify_report {
	struct board_position position;
	size_t vacancies, seekers; /* compared */
	size_t n_differences;
	struct difference differences[VERIFY_MAX_DIFFERENCES]; /* the first of them */
	int attempts;
	int64_t milliseconds;
};

/*
 * Compare the ledger with the board, record by record, while the position
 * stands still; what differs is looked at again before it is believed.
 * E_BUSY: one is running.  E_CONFLICT: the position never stood still.
 * E_NOT_FOUND: the board is empty.
 */
void outbox_verify(struct outbox *o, struct verify_report *out, struct done done);

#endif
