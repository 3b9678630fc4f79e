/*
 * Owns the reading of a whole generation: cells, tombstones, seekers.
 *
 * It refuses to know what the reader builds of it.  Hashes are asked for some
 * way ahead, so that Redis is never idle and never holds much for us, and each
 * field is handed on where it lies.  Surprising: the cells are read first, so a
 * vacancy that moves from one to another meanwhile may be missed or seen twice;
 * the stream from *as_of on has it, and whoever loads must follow from there.
 */
#include "daemon/board/board.h"

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/board/bulk.h"
#include "daemon/board/inside.h"
#include "daemon/board/keys.h"
#include "daemon/board/record_keys.h"
#include "daemon/board/scripts.h"
#include "daemon/board/wire.h"
#include "daemon/log/log.h"

#include <hiredis/hiredis.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How much is asked for ahead: a bucket is worth so many cells. */
enum { AHEAD = 512, BUCKET = 128, CELL = 1 };

struct load {
	struct job job;
	struct board *b;
	int city;
	board_each *each;
	void *arg;
	struct board_position *as_of;
	struct board_position start;
	struct done done;
	int64_t started_ms;
	struct bulk *bulk;
	char (*cells)[CELL_NAME_SIZE];
	size_t n_cells;
	size_t asked, answered; /* hashes: the cells, then the buckets of gone and of seekers */
	size_t ahead;
	bool has_id; /* a field's name has come, its value not yet */
	bool bad_id;
	uint64_t id;
	struct buf commands;
	int asking;   /* scripts under way */
	bool is_over; /* only they keep the memory */
};

static void free_when_unasked(struct load *l)
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
	job_leave(&l->job);
	bulk_free(l->bulk);
	buf_free(&l->commands);
	free(l->cells);
	l->is_over = true;
	free_when_unasked(l);
	done_call(done, st);
}

static size_t items(const struct load *l)
{
	return l->n_cells + GONE_BUCKETS + SEEKER_BUCKETS;
}

static bool give(struct load *l, char *value, size_t n)
{
	struct change c = { .entity = 'v', .id = l->id, .label = "" };

	if (l->answered >= l->n_cells && l->answered < l->n_cells + GONE_BUCKETS) {
		if (!keys_read_number(value, &c.version))
			return false;
	} else {
		if (l->answered >= l->n_cells)
			c.entity = 's';
		if (!keys_read_value(value, n, &c) || !record_version(&c.record, &c.version))
			return false;
	}
	l->each(l->arg, &c);
	return true;
}

static void on_text(void *arg, char *s, size_t n)
{
	struct load *l = arg;
	char id[24];

	if (!l->has_id) {
		l->has_id = true;
		l->bad_id = !keys_read_number(s, &l->id);
		return;
	}
	l->has_id = false;
	if (!l->bad_id && give(l, s, n))
		return;
	(void)snprintf(id, sizeof(id), "%" PRIu64, l->bad_id ? 0 : l->id);
	log_event(LOG_LEVEL_ERROR, "board.bad_value", "id", id, NULL);
}

static struct key key_of_item(const struct load *l, size_t number)
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

static void ask_on(struct load *l)
{
	size_t n = 0;

	buf_clear(&l->commands);
	for (; l->asked < items(l) && l->ahead < AHEAD; l->asked++, n++) {
		struct key key = key_of_item(l, l->asked);

		bulk_put_head(&l->commands, 2);
		bulk_put_text(&l->commands, "HGETALL");
		bulk_put_text(&l->commands, key.text);
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
		free_when_unasked(l);
		return;
	}
	if (st == OK && at->generation != l->start.generation)
		st = E_CONFLICT;
	finish(l, st);
}

static void on_reply(void *arg)
{
	struct load *l = arg;

	l->ahead -= weight(l, l->answered);
	l->answered++;
	l->has_id = false;
	if (l->ahead <= AHEAD / 2 && l->asked < items(l))
		ask_on(l);
	if (l->answered < items(l))
		return;
	l->asking++;
	script_run(l->b->wire, 0, SCRIPT_POSITION, l->city, NULL, on_position_again, l);
}

static void on_lost(void *arg, enum status st)
{
	finish(arg, st);
}

static void on_cells(void *arg, enum status st, const redisReply *r)
{
	struct load *l = arg;
	const struct bulk_events to = { on_text, on_reply, on_lost, l };

	l->asking--;
	if (l->is_over) {
		free_when_unasked(l);
		return;
	}
	if (st != OK || r->type != REDIS_REPLY_ARRAY) {
		finish(l, st != OK ? st : E_INTERNAL);
		return;
	}
	l->cells = must_alloc((r->elements + 1) * sizeof(*l->cells));
	for (size_t i = 0; i < r->elements; i++) {
		const redisReply *cell = r->element[i];

		if (cell->type != REDIS_REPLY_STRING || cell->len >= CELL_NAME_SIZE)
			continue;
		memcpy(l->cells[l->n_cells++], cell->str, cell->len + 1);
	}
	l->bulk =
	    bulk_new(l->b->base, l->b->address, l->b->call_timeout_ms * JOB_PATIENCE, &to);
	ask_on(l);
}

static void ask_cells(struct load *l)
{
	struct key key = keys_of(l->city, l->start.generation, "cells");
	const char *argv[] = { "SMEMBERS", key.text };

	l->asking++;
	wire_call(l->b->wire, 0, 2, argv, NULL, on_cells, l);
}

static void on_position(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct load *l = arg;

	(void)word;
	l->asking--;
	if (l->is_over) {
		free_when_unasked(l);
		return;
	}
	if (st == OK && at->generation == 0)
		st = E_NOT_FOUND;
	if (st != OK) {
		finish(l, st);
		return;
	}
	l->start = *at;
	ask_cells(l);
}

static void stop(struct job *job)
{
	finish((struct load *)job, E_UNAVAILABLE);
}

void board_load(struct board *b, int city, board_each *each, void *arg,
    struct board_position *as_of, struct done done)
{
	struct load *l = must_alloc(sizeof(*l));

	*l = (struct load){
		.b = b,
		.city = city,
		.each = each,
		.arg = arg,
		.as_of = as_of,
		.done = done,
		.started_ms = clock_ms(),
		.asking = 1,
	};
	job_join(b, &l->job, stop);
	script_run(b->wire, 0, SCRIPT_POSITION, city, NULL, on_position, l);
}
