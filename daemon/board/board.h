/*
 * The board: what is open right now, kept in Redis; derived, and always
 * rebuildable from the ledger.
 *
 * A lost write is late, never wrong.  Key names, scripts and replies appear in
 * this folder only.  Under the hash tag of the city, {4101}, and a generation g
 * (a number that is never used twice, not even after a FLUSHALL):
 *
 *   {4101}gen                     the generation that is read
 *   {4101}gens                    other generations: number -> the one they would replace
 *   {4101}g7:v:4-07-05-01:410105003   a cell: vacancy id -> value
 *   {4101}g7:cells                the set of non-empty cells
 *   {4101}g7:where:N              vacancy id -> version and cell (65,536 buckets by id)
 *   {4101}g7:gone:NN              vacancy id -> version from which on it is not open: its
 *                                 tombstone (64 buckets by id)
 *   {4101}g7:s:NNN                seeker id -> value (256 buckets by id)
 *   {4101}g7:pos                  outbox position and last stream number: "xid id seq"
 *   {4101}g7:stream               the changes, with dense ids n-0: one entry a
 *                                 transaction, fields "v:id:version" -> value
 *   {4101}g7:at                   "seconds n", every ten seconds or so: when the stream had
 *                                 come to n
 *   {4101}swept                   how far the sweeping of another generation has come
 *
 * A value is two bytes of record length, the record, the label.
 *
 * Each script call carries a nonce that the reply must bring back: hiredis 0.14
 * can cross replies after a failed allocation (a mismatch aborts the process).
 *
 * Every call completes its `done` exactly once, possibly before it returns:
 * OK, E_UNAVAILABLE (Redis is away, loading, or refuses for now: it may have
 * been done, asking again is safe), E_INTERNAL (Redis said what it should not),
 * and what is said below.  `out` and `from` must stay until then.
 *
 * hiredis writes without MSG_NOSIGNAL: the process must ignore SIGPIPE.
 */
#ifndef DAEMON_BOARD_BOARD_H
#define DAEMON_BOARD_BOARD_H

#include "daemon/base/change.h"
#include "daemon/base/status.h"

#include <stdbool.h>

struct board;
struct event_base;

struct board_config {
	const char *address; /* "unix:/run/redis.sock" or "127.0.0.1:6379"; these stay */
	const char *user, *password; /* NULL: the default user; it asks for none */
	unsigned call_timeout_ms;
	/* Entries kept at most, about; 0: 1,000,000.  Those older than ten minutes, and than
	 * twice the time that the last load took, go before. */
	unsigned stream_length;
};

struct board *board_new(struct event_base *base, const struct board_config *c);
void board_free(struct board *b); /* outstanding calls complete with E_UNAVAILABLE first */
bool board_is_up(const struct board *b);

struct board_position {
	uint64_t generation; /* 0: the board is empty */
	uint64_t xid, id;    /* outbox position applied */
	uint64_t seq;        /* last stream number */
};

/* What stands there in the outbox has been applied. */
static inline bool board_position_has(const struct board_position *at, uint64_t xid,
    uint64_t id)
{
	return at->xid > xid || (at->xid == xid && at->id >= id);
}

void board_read_position(struct board *b, int city, struct board_position *out,
    struct done done);

/*
 * Apply changes in one script, with compare-and-set on the position: E_CONFLICT
 * when *from is not where the board is, or its generation is neither read nor
 * about to be (read the position again).  On OK *from is advanced.  A change
 * whose version is not newer is skipped, position and all others still move.
 *
 * `xids` has the transaction of each change: neighbours of one transaction are
 * one stream entry, so a household is never seen half-changed.  The input is
 * copied before this returns.  A change that contradicts its own record is
 * logged and left out.
 */
void board_apply(struct board *b, int city, struct board_position *from,
    const struct change *changes, const uint64_t *xids, size_t n, uint64_t to_xid,
    uint64_t to_id, struct done done);

/*
 * Read everything of the current generation; `each` is called in the loop with
 * at most BOARD_EACH_MOST changes, in no order, which are valid until it
 * returns.  A change with an empty record is a tombstone: that vacancy is not
 * open, as of that version.  by_name: an id is the name under which a record
 * stands.  Else names are not even sent, and an id is what the record says.  What is read is a
 * blur between *as_of and the board's position at the end: follow from as_of to sharpen it.
 *
 * E_NOT_FOUND: the board is empty.  E_CONFLICT: another generation came.
 */
enum { BOARD_EACH_MOST = 32 };
typedef void board_each(void *arg, const struct change *changes, size_t n);
void board_load(struct board *b, int city, bool by_name, board_each *each, void *arg,
    struct board_position *as_of, struct done done);

/*
 * Follow the stream after `from` on a connection of its own.  `each` gets every
 * change in order with the number of its entry; `alive` is called at least once
 * a second with the board's position, which has then been delivered; `lost` is
 * called once when a gap, a trimmed stream, another generation or a closed
 * connection is seen: free the follower (in `lost` itself if you like), load again.
 */
struct board_follower;
struct follower_events {
	void (*each)(void *arg, uint64_t seq, const struct change *c);
	void (*alive)(void *arg, const struct board_position *at);
	void (*lost)(void *arg, const char *why);
	void *arg;
};
struct board_follower *board_follow(struct board *b, int city, struct board_position from,
    const struct follower_events *events);
void board_follower_free(struct board_follower *f);

/*
 * A rebuild fills a new generation, catches up with board_apply from *fresh,
 * then switches to it: E_CONFLICT when another generation came meanwhile (it is
 * the better one; what was filled is dropped).  After the switch the abandoned
 * generations are unlinked, slice by slice, before `done`.
 */
void board_begin(struct board *b, int city, uint64_t xid, uint64_t id,
    struct board_position *fresh, struct done done);
void board_switch(struct board *b, int city, const struct board_position *fresh,
    struct done done);
/* Instead: it will not be switched to.  What was filled is unlinked. */
void board_abandon(struct board *b, int city, const struct board_position *fresh,
    struct done done);

/*
 * Fills the fresh generation with records, each of them once, on a connection of
 * its own.  `put` copies; false: it was not taken, because some 30 MB wait for
 * Redis; put it again after `room`, which is called from the loop.  What fails
 * is said at the end: E_UNAVAILABLE, E_INTERNAL, or E_CONFLICT when another
 * generation came meanwhile; `end` frees it with its `done`.
 */
struct board_filler;
struct board_filler *board_filler_new(struct board *b, int city,
    const struct board_position *fresh, void (*room)(void *arg), void *arg);
bool board_filler_put(struct board_filler *f, const struct change *c);
void board_filler_end(struct board_filler *f, struct done done);
void board_filler_free(struct board_filler *f); /* in the middle, without an end */

#endif
