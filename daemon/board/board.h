/*
 * The board: what is open right now, kept in Redis; derived, and always
 * rebuildable from the ledger.
 *
 * A lost write is late, never wrong.  Key names, scripts and replies appear in
 * this folder only.  Under the hash tag of the city, {4101}, and a generation g:
 *
 *   {4101}gen                     the generation that is read
 *   {4101}g1:v:4-07-05-01:410105003   a cell: vacancy id -> record + label
 *   {4101}g1:cells                the set of non-empty cells
 *   {4101}g1:where:NN             vacancy id -> version and cell (64 buckets by id)
 *   {4101}g1:s:NNN                seeker id -> record (256 buckets by id)
 *   {4101}g1:pos                  outbox position (xid id) and last stream number
 *   {4101}g1:stream               the changes, with dense ids n-0
 *
 * Each script call carries a nonce that the reply must bring back: hiredis 0.14
 * can cross replies after a failed allocation (a mismatch aborts the process).
 */
#ifndef DAEMON_BOARD_BOARD_H
#define DAEMON_BOARD_BOARD_H

#include "daemon/base/status.h"
#include "daemon/base/change.h"

#include <stdbool.h>

struct arena;
struct board;
struct event_base;

struct board_config {
	const char *address; /* "unix:/run/redis.sock" or "127.0.0.1:6379" */
	unsigned call_timeout_ms;
};

struct board *board_new(struct event_base *base, const struct board_config *c);
void board_free(struct board *b);
bool board_is_up(const struct board *b);

struct board_position {
	uint64_t generation;
	uint64_t xid, id; /* outbox position applied */
	uint64_t seq;     /* last stream number */
};

void board_read_position(struct board *b, int city, struct board_position *out,
    struct done done);

/*
 * Apply changes in one script, with compare-and-set on the position: E_CONFLICT
 * when *from is not where the board is (read the position again).  On OK *from is
 * advanced.  A change whose version is not newer is skipped, position and all
 * others still move.
 */
void board_apply(struct board *b, int city, struct board_position *from,
    const struct change *changes, size_t n, uint64_t to_xid, uint64_t to_id,
    struct done done);

/* Read everything of the current generation; `each` is called in the loop, in no order. */
typedef void board_each(void *arg, const struct change *c);
void board_load(struct board *b, int city, board_each *each, void *arg,
    struct board_position *as_of, struct done done);

/*
 * Follow the stream after `from` on a connection of its own.  `each` gets every
 * change in order with its number; `lost` is called once when a gap, a trimmed
 * stream, another generation or a closed connection is seen: load again.
 */
struct board_follower;
struct board_follower *board_follow(struct board *b, int city, struct board_position from,
    void (*each)(void *arg, uint64_t seq, const struct change *c),
    void (*alive)(void *arg), void (*lost)(void *arg, const char *why), void *arg);
void board_follower_free(struct board_follower *f);

/* A rebuild fills a new generation, then switches to it. */
void board_begin(struct board *b, int city, uint64_t xid, uint64_t id,
    struct board_position *fresh, struct done done);
void board_fill(struct board *b, int city, const struct board_position *fresh,
    const struct change *changes, size_t n, struct done done);
void board_switch(struct board *b, int city, const struct board_position *fresh,
    struct done done);

#endif
