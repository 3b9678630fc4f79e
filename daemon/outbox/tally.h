/*
 * The table of a comparison: what the board has, crossed off by what the ledger
 * has.  Pure.
 */
#ifndef DAEMON_OUTBOX_TALLY_H
#define DAEMON_OUTBOX_TALLY_H

#include "daemon/base/change.h"
#include "daemon/outbox/outbox.h"

struct tally;
/* Counts and the first differences go to `out`. */
struct tally *tally_new(struct verify_report *out);
void tally_free(struct tally *t);
void tally_board(struct tally *t, const struct change *c);
void tally_ledger(struct tally *t, const struct change *c);
void tally_end(struct tally *t); /* whatever was not crossed off */

#endif
