/*
 * The mirror: a city's board in this process, from which every match is
 * answered without I/O.
 *
 * It loads from the board, follows its stream, loads again after a gap, and
 * goes on answering from what it has when Redis is away; it always knows how
 * old it is.  A worker's own writes are put in before their reply is sent, and
 * are put in again over a reload until the stream has passed them.
 */
#ifndef DAEMON_MIRROR_MIRROR_H
#define DAEMON_MIRROR_MIRROR_H

#include "daemon/base/change.h"
#include "daemon/base/status.h"
#include "matcher/match.h"

#include <stdbool.h>

struct board;
struct event_base;
struct mirror;

/* Starts at once; without Redis it is not ready, and goes on trying.  `turn` is a file
 * that workers have in common: one of them at a time makes a second image beside the one
 * that serves.  NULL: each when it likes. */
struct mirror *mirror_new(struct event_base *base, struct board *b, int city, const char *turn);
/* Before board_free.  A load under way is completed by the board, later, in silence. */
void mirror_free(struct mirror *m);

bool mirror_is_ready(const struct mirror *m);     /* loaded once */
bool mirror_is_following(const struct mirror *m); /* the stream is alive */
int64_t mirror_age_ms(const struct mirror *m);    /* since it was what the board said */
uint64_t mirror_seq(const struct mirror *m);      /* last stream number applied */
const char *mirror_why(const struct mirror *m);   /* why the last resync happened, or "" */

/* Whether the write at an outbox position (a consistency token) is in: the stream has come
 * that far, or it is an own one. */
bool mirror_has_reached(const struct mirror *m, uint64_t xid, uint64_t id);
/* Completes when it is, OK, perhaps at once; E_TIMEOUT after `ms`, or when the mirror is freed.
 */
void mirror_await(struct mirror *m, uint64_t xid, uint64_t id, unsigned ms, struct done done);

/* An own write: all its changes, and its position. */
void mirror_apply(struct mirror *m, const struct change *changes, size_t n, uint64_t xid,
    uint64_t id);

/* Never NULL; empty before the first load.  Valid until the loop turns: a reload swaps it. */
const struct index *mirror_index(const struct mirror *m);
/* Display text of an open vacancy: pointers valid until the next change. */
struct vacancy_label {
	const char *title, *employer, *pay;
};
size_t mirror_label_bytes(const struct mirror *m); /* what the display text costs */
bool mirror_label(const struct mirror *m, uint64_t vacancy, struct vacancy_label *out);

#endif
