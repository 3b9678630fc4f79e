/*
 * Owns the reading of a whole generation: cells, tombstones, seekers.
 *
 * It refuses to know what the reader builds of it.  A few hashes are asked for
 * at a time, so that neither Redis's output buffer nor our loop is held for
 * long.  Surprising: the cells are read first, so a vacancy that moves from one
 * to another meanwhile may be missed or seen twice; the stream from *as_of on
 * has it, and whoever loads must follow from there.
 */
#include "daemon/board/board.h"

#include "daemon/base/oom.h"
#include "daemon/board/inside.h"
#include "daemon/board/keys.h"
#include "daemon/board/record_keys.h"
#include "daemon/board/scripts.h"
#include "daemon/board/wire.h"
#include "daemon/log/log.h"

#include <hiredis/hiredis.h>

#include <stdlib.h>
#include <string.h>

enum { WINDOW = 16 };

struct load {
	struct board *b;
	int city;
	board_each *each;
	void *arg;
	struct board_position *as_of;
	struct board_position start;
	struct done done;
	enum status st;
	char (*cells)[CELL_NAME_SIZE];
	size_t n_cells;
	size_t next, outstanding; /* items: the cells, then the where and seeker buckets */
	bool pumping;
};

/* One hash asked for. */
struct item {
	struct load *l;
	size_t number;
};

static void pump(struct load *l);

static void finish(struct load *l, enum status st)
{
	struct done done = l->done;

	if (st == OK)
		*l->as_of = l->start;
	free(l->cells);
	free(l);
	done_call(done, st);
}

static bool give_value(struct load *l, char entity, const redisReply *id,
    const redisReply *value)
{
	struct change c = { .entity = entity };

	if (!keys_read_number(id->str, &c.id) || !keys_read_value(value->str, value->len, &c) ||
	    !record_version(&c.record, &c.version))
		return false;
	l->each(l->arg, &c);
	return true;
}

static bool give_tombstone(struct load *l, const redisReply *id, const redisReply *where)
{
	struct change c = { .entity = 'v', .label = "" };

	if (strchr(where->str, ' '))
		return true; /* it stands in a cell, which has been or will be read */
	if (!keys_read_number(id->str, &c.id) || !keys_read_number(where->str, &c.version))
		return false;
	l->each(l->arg, &c);
	return true;
}

static bool give_hash(struct load *l, size_t number, const redisReply *r)
{
	if (r->type != REDIS_REPLY_ARRAY || r->elements % 2 != 0)
		return false;
	for (size_t i = 0; i < r->elements; i += 2) {
		const redisReply *id = r->element[i], *value = r->element[i + 1];
		bool good;

		if (id->type != REDIS_REPLY_STRING || value->type != REDIS_REPLY_STRING)
			return false;
		if (number < l->n_cells)
			good = give_value(l, 'v', id, value);
		else if (number < l->n_cells + WHERE_BUCKETS)
			good = give_tombstone(l, id, value);
		else
			good = give_value(l, 's', id, value);
		if (!good)
			log_event(LOG_LEVEL_ERROR, "board.bad_value", "id", id->str, NULL);
	}
	return true;
}

static void on_hash(void *arg, enum status st, const redisReply *r)
{
	struct item was = *(struct item *)arg;
	struct load *l = was.l;

	free(arg);
	l->outstanding--;
	if (st == OK && l->st == OK && !give_hash(l, was.number, r))
		st = E_INTERNAL;
	if (l->st == OK)
		l->st = st;
	if (!l->pumping)
		pump(l);
}

static struct key key_of_item(const struct load *l, size_t number)
{
	size_t n = number;

	if (n < l->n_cells)
		return keys_cell(l->city, l->start.generation, l->cells[n]);
	n -= l->n_cells;
	if (n < WHERE_BUCKETS)
		return keys_where(l->city, l->start.generation, (unsigned)n);
	return keys_seekers(l->city, l->start.generation, (unsigned)(n - WHERE_BUCKETS));
}

/* A switch while we read has unlinked what we were reading. */
static void on_position_again(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct load *l = arg;

	(void)word;
	if (st == OK && at->generation != l->start.generation)
		st = E_CONFLICT;
	finish(l, st);
}

static void pump(struct load *l)
{
	size_t items = l->n_cells + WHERE_BUCKETS + SEEKER_BUCKETS;

	l->pumping = true;
	while (l->st == OK && l->next < items && l->outstanding < WINDOW) {
		struct key key = key_of_item(l, l->next);
		const char *argv[] = { "HGETALL", key.text };
		struct item *item = must_alloc(sizeof(*item));

		*item = (struct item){ .l = l, .number = l->next++ };
		l->outstanding++;
		wire_call(l->b->wire, 0, 2, argv, NULL, on_hash, item);
	}
	l->pumping = false;
	if (l->outstanding > 0)
		return;
	if (l->st != OK)
		finish(l, l->st);
	else
		script_run(l->b->wire, 0, SCRIPT_POSITION, l->city, NULL, on_position_again, l);
}

static void on_cells(void *arg, enum status st, const redisReply *r)
{
	struct load *l = arg;

	if (st != OK || r->type != REDIS_REPLY_ARRAY) {
		finish(l, st != OK ? st : E_INTERNAL);
		return;
	}
	l->cells = must_alloc(r->elements * sizeof(*l->cells));
	for (size_t i = 0; i < r->elements; i++) {
		const redisReply *cell = r->element[i];

		if (cell->type != REDIS_REPLY_STRING || cell->len >= CELL_NAME_SIZE)
			continue;
		memcpy(l->cells[l->n_cells++], cell->str, cell->len + 1);
	}
	pump(l);
}

static void ask_cells(struct load *l)
{
	struct key key = keys_of(l->city, l->start.generation, "cells");
	const char *argv[] = { "SMEMBERS", key.text };

	wire_call(l->b->wire, 0, 2, argv, NULL, on_cells, l);
}

static void on_position(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct load *l = arg;

	(void)word;
	if (st == OK && at->generation == 0)
		st = E_NOT_FOUND;
	if (st != OK) {
		finish(l, st);
		return;
	}
	l->start = *at;
	ask_cells(l);
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
	};
	script_run(b->wire, 0, SCRIPT_POSITION, city, NULL, on_position, l);
}
