/*
 * Owns the reading of a whole generation: cells, tombstones, seekers.
 *
 * It refuses to know what the reader builds of it.  Hashes are asked for some
 * way ahead, so that Redis is never idle and never holds much for us, and what
 * has come is handed on where it lies, many at a time.  The cells are read
 * first, so a vacancy that moves from one to another meanwhile may be missed or
 * seen twice; the stream from *as_of on has it, and whoever loads must follow
 * from there.
 */
#include "daemon/board/board.h"

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/board/board_parts.h"
#include "daemon/board/bulk.h"
#include "daemon/board/record_keys.h"
#include "daemon/board/redis_keys.h"
#include "daemon/board/scripts.h"
#include "daemon/log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How much is asked for ahead: a bucket is worth so many cells. */
enum { AHEAD = 1024, BUCKET = 128, CELL = 1 };

struct load {
	struct transfer transfer;
	struct board *b;
	int city;
	bool by_name;
	board_each *each;
	void *arg;
	struct board_position *as_of;
	struct board_position start;
	struct done done;
	int64_t started_ms;
	struct bulk *bulk;
	bool has_cells;
	char (*cells)[CELL_NAME_SIZE];
	size_t n_cells, cells_room;
	size_t asked, answered; /* hashes: the cells, then the buckets of gone and of seekers */
	size_t ahead;
	bool has_id; /* a field's name has come, its value not yet */
	bool bad_id;
	uint64_t id;
	struct change some[BOARD_EACH_MOST]; /* not handed on yet */
	size_t n_some;
	struct buf commands;
	int asking;   /* scripts under way */
	bool is_over; /* only they keep the memory */
};

static void free_when_idle(struct load *l)
{
	if (l->is_over && l->asking == 0)
		free(l);
}

static void finish(struct load *l, enum status st)
{
	struct done done = l->done;

	if (st == OK) {
		*l->as_of = l->start;
		l->b->load_ms = clock_ms() - l->started_ms;
	}
	transfer_leave(&l->transfer);
	bulk_free(l->bulk);
	buf_free(&l->commands);
	free(l->cells);
	l->is_over = true;
	free_when_idle(l);
	done_call(done, st);
}

static size_t items(const struct load *l)
{
	return l->n_cells + GONE_BUCKETS + SEEKER_BUCKETS;
}

/* --- what has come --- */

static void deliver(struct load *l)
{
	size_t n = l->n_some;

	l->n_some = 0;
	if (n > 0)
		l->each(l->arg, l->some, n);
}

static void on_spent(void *arg)
{
	deliver(arg);
}

static bool is_gone(const struct load *l, size_t item)
{
	return item >= l->n_cells && item < l->n_cells + GONE_BUCKETS;
}

/* Whether the names of a hash's fields are sent: those of tombstones are all that says whose
 * they are. */
static bool has_names(const struct load *l, size_t item)
{
	return l->by_name || is_gone(l, item);
}

static bool read_value(const struct load *l, char *value, size_t n, struct change *c)
{
	uint64_t id;

	if (is_gone(l, l->answered))
		return keys_read_number(value, &c->version);
	if (!keys_read_value(value, n, c) || !record_numbers(&c->record, &id, &c->version))
		return false;
	if (!l->by_name)
		c->id = id;
	return true;
}

static void take_value(struct load *l, char *value, size_t n)
{
	struct change *c = &l->some[l->n_some];
	bool is_seeker = l->answered >= l->n_cells + GONE_BUCKETS;
	char id[24];

	*c = (struct change){ .entity = is_seeker ? 's' : 'v', .id = l->id, .label = "" };
	if (l->bad_id || !read_value(l, value, n, c)) {
		(void)snprintf(id, sizeof(id), "%" PRIu64, l->id);
		log_event(LOG_LEVEL_ERROR, "board.bad_value", "id", id, NULL);
	} else if (++l->n_some == BOARD_EACH_MOST) {
		deliver(l);
	}
}

static void take_cell(struct load *l, const char *name, size_t n)
{
	if (n >= CELL_NAME_SIZE)
		return;
	if (l->n_cells == l->cells_room) {
		l->cells_room = l->cells_room ? l->cells_room * 2 : 1024;
		l->cells = must_realloc(l->cells, l->cells_room * sizeof(*l->cells));
	}
	memcpy(l->cells[l->n_cells++], name, n + 1);
}

static void on_text(void *arg, char *s, size_t n)
{
	struct load *l = arg;

	if (!l->has_cells) {
		take_cell(l, s, n);
	} else if (has_names(l, l->answered) && !l->has_id) {
		l->has_id = true;
		l->bad_id = !keys_read_number(s, &l->id);
	} else {
		take_value(l, s, n);
		l->has_id = false;
	}
}

/* --- what is asked for --- */

static struct redis_key key_of_item(const struct load *l, size_t number)
{
	size_t n = number;

	if (n < l->n_cells)
		return keys_cell(l->city, l->start.generation, l->cells[n]);
	n -= l->n_cells;
	if (n < GONE_BUCKETS)
		return keys_gone(l->city, l->start.generation, (unsigned)n);
	return keys_seekers(l->city, l->start.generation, (unsigned)(n - GONE_BUCKETS));
}

static size_t weight(const struct load *l, size_t number)
{
	return number < l->n_cells ? CELL : BUCKET;
}

static void put_command(struct load *l, const char *command, const char *key)
{
	bulk_put_head(&l->commands, 2);
	bulk_put_text(&l->commands, command);
	bulk_put_text(&l->commands, key);
}

static void ask_cells(struct load *l)
{
	put_command(l, "SMEMBERS", keys_of(l->city, l->start.generation, "cells").text);
	bulk_send(l->bulk, l->commands.data, l->commands.len, 1);
}

static void ask_on(struct load *l)
{
	size_t n = 0;

	buf_clear(&l->commands);
	for (; l->asked < items(l) && l->ahead < AHEAD; l->asked++, n++) {
		put_command(l, has_names(l, l->asked) ? "HGETALL" : "HVALS",
		    key_of_item(l, l->asked).text);
		l->ahead += weight(l, l->asked);
	}
	bulk_send(l->bulk, l->commands.data, l->commands.len, n);
}

/* A switch while we read has unlinked what we were reading. */
static void on_position_again(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct load *l = arg;

	(void)word;
	l->asking--;
	if (l->is_over) {
		free_when_idle(l);
		return;
	}
	if (st == OK && at->generation != l->start.generation)
		st = E_CONFLICT;
	finish(l, st);
}

static void on_reply(void *arg)
{
	struct load *l = arg;

	if (!l->has_cells) {
		l->has_cells = true;
		ask_on(l);
		return;
	}
	l->ahead -= weight(l, l->answered);
	l->answered++;
	l->has_id = l->bad_id = false;
	l->id = 0;
	if (l->ahead <= AHEAD / 2 && l->asked < items(l))
		ask_on(l);
	if (l->answered < items(l))
		return;
	l->asking++;
	script_run(l->b->redis, 0, SCRIPT_POSITION, l->city, NULL, on_position_again, l);
}

static void on_lost(void *arg, enum status st)
{
	finish(arg, st);
}

static void on_position(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct load *l = arg;
	const struct bulk_events to = { on_text, on_spent, on_reply, on_lost, l };

	(void)word;
	l->asking--;
	if (l->is_over) {
		free_when_idle(l);
		return;
	}
	if (st == OK && at->generation == 0)
		st = E_NOT_FOUND;
	if (st != OK) {
		finish(l, st);
		return;
	}
	l->start = *at;
	l->bulk =
	    bulk_new(l->b->base, &l->b->server, l->b->call_timeout_ms * TRANSFER_PATIENCE, &to);
	ask_cells(l);
}

static void stop(struct transfer *transfer)
{
	finish((struct load *)transfer, E_UNAVAILABLE);
}

void board_load(struct board *b, int city, bool by_name, board_each *each, void *arg,
    struct board_position *as_of, struct done done)
{
	struct load *l = must_alloc(sizeof(*l));

	*l = (struct load){
		.b = b,
		.city = city,
		.by_name = by_name,
		.each = each,
		.arg = arg,
		.as_of = as_of,
		.done = done,
		.started_ms = clock_ms(),
		.asking = 1,
	};
	transfer_join(b, &l->transfer, stop);
	script_run(b->redis, 0, SCRIPT_POSITION, city, NULL, on_position, l);
}
