/*
 * Owns the filling of a generation that nobody reads yet.
 *
 * It refuses to know where records come from, and what becomes of them: while
 * one bundle is on its way the next is gathered, and when both are full whoever
 * feeds us waits.  Plain commands cannot notice that another rebuild was faster,
 * so the generation is asked for with each bundle, and once more at the end.
 */
#include "daemon/board/board.h"

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/board/board_parts.h"
#include "daemon/board/bulk.h"
#include "daemon/board/bundle.h"
#include "daemon/board/scripts.h"

#include <stdlib.h>
#include <string.h>

enum { PIECES = 6 }; /* of commands, that are not answered yet */

struct board_filler {
	struct transfer transfer;
	struct board *b;
	int city;
	uint64_t generation;
	void (*room)(void *arg);
	void *arg;
	struct bulk *bulk;
	struct hashes *hashes;
	struct bundle *gathered, *leaving;
	bool is_leaving; /* something of it has not left */
	struct buf piece;
	size_t owed[PIECES]; /* replies to each piece under way, the oldest first */
	size_t n_owed;
	bool is_refusing; /* somebody waits for room */
	bool is_ending, is_checked;
	bool is_over; /* only the scripts under way keep the memory */
	int asking;
	enum status st;
	struct done done;
};

static void on_pending(void *arg, enum status st, enum script_word word,
    const struct board_position *at);

static void ask(struct board_filler *f)
{
	struct script_args a = script_args_new();

	f->asking++;
	script_arg_number(&a, f->generation);
	script_run(f->b->redis, 0, SCRIPT_PENDING, f->city, &a, on_pending, f);
}

static void leave(struct board_filler *f)
{
	struct bundle *left = f->leaving;

	f->leaving = f->gathered;
	f->gathered = left;
	bundle_clear(f->gathered);
	f->is_leaving = true;
	/* Asking may fail before it returns: who called us goes on with f. */
	f->asking++;
	ask(f);
	f->asking--;
}

/* --- the end --- */

static void free_when_idle(struct board_filler *f)
{
	if (f->is_over && f->asking == 0)
		free(f);
}

void board_filler_free(struct board_filler *f)
{
	if (!f)
		return;
	transfer_leave(&f->transfer);
	bulk_free(f->bulk);
	bundle_free(f->gathered);
	bundle_free(f->leaving);
	hashes_free(f->hashes);
	buf_free(&f->piece);
	f->is_over = true;
	free_when_idle(f);
}

static void finish(struct board_filler *f, enum status st)
{
	struct done done = f->done;

	board_filler_free(f);
	done_call(done, st);
}

/* Sends the next piece of the bundle that leaves; false: all of it has left. */
static bool send_piece(struct board_filler *f)
{
	size_t commands;

	buf_clear(&f->piece);
	commands = bundle_commands(f->leaving, &f->piece);
	if (commands == 0)
		return false;
	f->owed[f->n_owed++] = commands;
	bulk_send(f->bulk, f->piece.data, f->piece.len, commands);
	return true;
}

/* Goes on with whatever can be done now; f may be gone afterwards. */
static void send_more(struct board_filler *f)
{
	while (f->st == OK && f->is_leaving && f->n_owed < PIECES) {
		f->is_leaving = send_piece(f);
		if (!f->is_leaving && f->is_ending && !bundle_is_empty(f->gathered))
			leave(f);
	}
	if (f->is_refusing && (f->st != OK || !f->is_leaving)) {
		f->is_refusing = false;
		f->room(f->arg);
		return;
	}
	if (!f->is_ending || f->asking > 0)
		return;
	if (f->st != OK)
		finish(f, f->st);
	else if (f->is_leaving || f->n_owed > 0)
		return;
	else if (f->is_checked)
		finish(f, OK);
	else {
		f->is_checked = true;
		ask(f);
	}
}

static void on_pending(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct board_filler *f = arg;

	(void)at;
	f->asking--;
	if (f->is_over) {
		free_when_idle(f);
		return;
	}
	if (st == OK && word == SAID_CONFLICT)
		st = E_CONFLICT;
	if (f->st == OK)
		f->st = st;
	send_more(f);
}

static void on_reply(void *arg)
{
	struct board_filler *f = arg;

	if (--f->owed[0] > 0)
		return;
	f->n_owed--;
	memmove(f->owed, f->owed + 1, f->n_owed * sizeof(*f->owed));
	send_more(f);
}

static void on_lost(void *arg, enum status st)
{
	struct board_filler *f = arg;

	f->st = st;
	send_more(f);
}

static void stop(struct transfer *transfer)
{
	struct board_filler *f = (struct board_filler *)transfer;

	if (f->is_ending)
		finish(f, E_UNAVAILABLE);
	else
		f->st = E_UNAVAILABLE; /* whoever feeds us hears it at the end */
}

struct board_filler *board_filler_new(struct board *b, int city,
    const struct board_position *fresh, void (*room)(void *arg), void *arg)
{
	struct board_filler *f = must_alloc(sizeof(*f));
	const struct bulk_events to = { .reply = on_reply, .lost = on_lost, .arg = f };

	f->b = b;
	f->city = city;
	f->generation = fresh->generation;
	f->room = room;
	f->arg = arg;
	f->hashes = hashes_new();
	f->gathered = bundle_new(city, f->generation, f->hashes);
	f->leaving = bundle_new(city, f->generation, f->hashes);
	f->bulk = bulk_new(b->base, &b->server, b->call_timeout_ms * TRANSFER_PATIENCE, &to);
	transfer_join(b, &f->transfer, stop);
	return f;
}

bool board_filler_put(struct board_filler *f, const struct change *c)
{
	if (f->st != OK)
		return true;
	if (bundle_is_full(f->gathered)) {
		if (f->is_leaving) {
			f->is_refusing = true;
			return false;
		}
		leave(f);
		send_more(f);
		if (f->st != OK)
			return true;
	}
	bundle_put(f->gathered, c);
	return true;
}

void board_filler_end(struct board_filler *f, struct done done)
{
	f->done = done;
	f->is_ending = true;
	if (f->st == OK && !f->is_leaving && !bundle_is_empty(f->gathered))
		leave(f);
	send_more(f);
}
