/*
 * Owns the filling of a generation that nobody reads yet.
 *
 * It refuses to know where records come from, and compares no versions: each
 * record comes once.  Records are gathered into a batch and leave it hash by
 * hash, so that a command carries many of them; while one batch is on its way
 * the next is gathered, and when both are full whoever feeds us waits.
 * Surprising: plain commands cannot notice that another rebuild was faster, so
 * the generation is asked for with each batch, and once more at the end.
 */
#include "daemon/board/board.h"

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/board/bulk.h"
#include "daemon/board/inside.h"
#include "daemon/board/keys.h"
#include "daemon/board/record_keys.h"
#include "daemon/board/scripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BATCH_ROWS = 64 << 10,
	BATCH_BYTES = 16 << 20,
	CHUNK_BYTES = 96 << 10, /* commands are sent in pieces of about this size */
	CHUNKS = 6,             /* pieces that are not answered yet */
	FIELDS_MOST = 256,      /* of one command */
	CELLS_AHEAD = 512,      /* cells announced at a time */
	END = -1,
};

/* A record of the batch; its value lies in the batch's bytes. */
struct row {
	uint64_t id, version;
	uint64_t cell; /* packed; 0: not an open vacancy */
	uint32_t at, len;
	int32_t next[2]; /* the next row of its group: of its cell, of its bucket */
};

/* The rows of one hash. */
struct group {
	uint64_t name; /* a packed cell, or the number of a bucket */
	int32_t first;
	uint32_t n;
	bool fresh; /* a cell that this generation did not have */
};

/* In this order they leave; cells are strung by next[0], all others by next[1]. */
enum kind { CELLS, WHERE, GONE, SEEKERS, KINDS };

static const size_t groups_most[KINDS] = { BATCH_ROWS, BATCH_ROWS, GONE_BUCKETS,
	SEEKER_BUCKETS };

struct batch {
	struct row *rows;
	size_t n;
	struct buf values;
	struct group *groups[KINDS];
	size_t n_groups[KINDS];
};

/* Where a hash's group is, if it has one in the batch of that number. */
struct seat {
	uint64_t cell; /* in the table of cells; 0: free */
	uint32_t batch, group;
};

struct board_filler {
	struct job job;
	struct board *b;
	int city;
	uint64_t generation;
	void (*room)(void *arg);
	void *arg;
	struct bulk *bulk;
	struct batch gathered, leaving;
	uint32_t batch; /* the number of the gathered one, from 1 */
	bool is_leaving;
	int kind; /* what of the leaving batch is next */
	size_t group;
	struct seat *cells; /* of the whole generation: open addressing */
	size_t n_cells, size;
	struct seat *buckets[KINDS];
	struct buf chunk;
	size_t commands;     /* in the chunk */
	size_t owed[CHUNKS]; /* replies to each piece under way, the oldest first */
	size_t n_owed;
	bool is_refusing; /* somebody waits for room */
	bool is_ending, is_checked;
	bool is_over; /* only the scripts under way keep the memory */
	int asking;
	enum status st;
	struct done done;
};

static void batch_init(struct batch *t)
{
	t->rows = must_alloc(BATCH_ROWS * sizeof(*t->rows));
	for (int k = 0; k < KINDS; k++)
		t->groups[k] = must_alloc(groups_most[k] * sizeof(struct group));
}

static void batch_clear(struct batch *t)
{
	t->n = 0;
	buf_clear(&t->values);
	for (int k = 0; k < KINDS; k++)
		t->n_groups[k] = 0;
}

static void batch_release(struct batch *t)
{
	free(t->rows);
	buf_free(&t->values);
	for (int k = 0; k < KINDS; k++)
		free(t->groups[k]);
}

static bool batch_is_full(const struct batch *t)
{
	return t->n == BATCH_ROWS || t->values.len >= BATCH_BYTES;
}

/* --- gathering --- */

static struct seat *seat_of_cell(struct board_filler *f, uint64_t cell)
{
	size_t at = (size_t)((cell ^ cell >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 20);

	for (at &= f->size - 1; f->cells[at].cell && f->cells[at].cell != cell;)
		at = (at + 1) & (f->size - 1);
	return &f->cells[at];
}

static void make_room_for_cell(struct board_filler *f)
{
	struct seat *old = f->cells;
	size_t n = f->size;

	if (f->n_cells * 2 < f->size)
		return;
	f->size = n ? n * 2 : 4096;
	f->cells = must_alloc(f->size * sizeof(*f->cells));
	for (size_t i = 0; i < n; i++) {
		if (old[i].cell)
			*seat_of_cell(f, old[i].cell) = old[i];
	}
	free(old);
}

static void join(struct board_filler *f, int kind, struct seat *seat, uint64_t name, bool fresh)
{
	struct batch *t = &f->gathered;
	struct row *row = &t->rows[t->n];
	struct group *g;

	if (seat->batch != f->batch) {
		seat->batch = f->batch;
		seat->group = (uint32_t)t->n_groups[kind]++;
		t->groups[kind][seat->group] =
		    (struct group){ .name = name, .first = END, .fresh = fresh };
	}
	g = &t->groups[kind][seat->group];
	row->next[kind != CELLS] = g->first;
	g->first = (int32_t)t->n;
	g->n++;
}

static void join_bucket(struct board_filler *f, int kind, unsigned bucket)
{
	join(f, kind, &f->buckets[kind][bucket], bucket, false);
}

static void join_cell(struct board_filler *f, uint64_t cell)
{
	struct seat *seat;
	bool fresh;

	make_room_for_cell(f);
	seat = seat_of_cell(f, cell);
	fresh = seat->cell == 0;
	if (fresh)
		*seat = (struct seat){ .cell = cell };
	f->n_cells += fresh;
	join(f, CELLS, seat, cell, fresh);
}

static uint64_t pack_cell(const struct record_keys *keys)
{
	return (uint64_t)keys->occupation << 32 | keys->place / 1000;
}

static size_t cell_text(uint64_t cell, char out[static CELL_NAME_SIZE])
{
	/* It was a name when it was packed. */
	(void)!keys_cell_name((uint32_t)(cell >> 32), (cell & UINT32_MAX) * 1000, out);
	return strlen(out);
}

static void gather(struct board_filler *f, const struct change *c)
{
	struct batch *t = &f->gathered;
	struct row *row = &t->rows[t->n];
	struct record_keys keys;
	char name[CELL_NAME_SIZE];
	bool is_vacancy = c->entity == 'v';

	if (c->record.len > UINT16_MAX || !record_keys_read(c, &keys) ||
	    (is_vacancy && keys.open && !keys_cell_name(keys.occupation, keys.place, name))) {
		board_log_bad_record(c);
		return;
	}
	*row =
	    (struct row){ .id = c->id, .version = c->version, .at = (uint32_t)t->values.len };
	if (is_vacancy && !keys.open) {
		join_bucket(f, GONE, keys_gone_bucket(c->id));
	} else {
		keys_put_value(&t->values, c);
		row->len = (uint32_t)(t->values.len - row->at);
		if (is_vacancy) {
			row->cell = pack_cell(&keys);
			join_cell(f, row->cell);
			join_bucket(f, WHERE, keys_where_bucket(c->id));
		} else {
			join_bucket(f, SEEKERS, keys_seeker_bucket(c->id));
		}
	}
	t->n++;
}

/* --- leaving --- */

static void put_id(struct board_filler *f, uint64_t id)
{
	char text[24];

	bulk_put_arg(&f->chunk, text, (size_t)snprintf(text, sizeof(text), "%" PRIu64, id));
}

/* Before the first of so many cells: whoever sweeps finds cells by their set. */
static void announce_cells(struct board_filler *f)
{
	const struct batch *t = &f->leaving;
	struct key key = keys_of(f->city, f->generation, "cells");
	size_t end = f->group + CELLS_AHEAD, n = 0;

	if (end > t->n_groups[CELLS])
		end = t->n_groups[CELLS];
	for (size_t i = f->group; i < end; i++)
		n += t->groups[CELLS][i].fresh;
	if (n == 0)
		return;
	bulk_put_head(&f->chunk, n + 2);
	bulk_put_text(&f->chunk, "SADD");
	bulk_put_text(&f->chunk, key.text);
	for (size_t i = f->group; i < end; i++) {
		char name[CELL_NAME_SIZE];

		if (t->groups[CELLS][i].fresh)
			bulk_put_arg(&f->chunk, name,
			    cell_text(t->groups[CELLS][i].name, name));
	}
	f->commands++;
}

static struct key key_of_group(const struct board_filler *f, int kind, uint64_t name)
{
	char cell[CELL_NAME_SIZE];

	switch ((enum kind)kind) {
	case CELLS:
		(void)cell_text(name, cell);
		return keys_cell(f->city, f->generation, cell);
	case WHERE:
		return keys_where(f->city, f->generation, (unsigned)name);
	case GONE:
		return keys_gone(f->city, f->generation, (unsigned)name);
	case SEEKERS:
	case KINDS:
		break;
	}
	return keys_seekers(f->city, f->generation, (unsigned)name);
}

static void put_field(struct board_filler *f, int kind, const struct row *row)
{
	char text[24 + CELL_NAME_SIZE];
	size_t n;

	put_id(f, row->id);
	if (kind == CELLS || kind == SEEKERS) {
		bulk_put_arg(&f->chunk, f->leaving.values.data + row->at, row->len);
		return;
	}
	n = (size_t)snprintf(text, sizeof(text), "%" PRIu64, row->version);
	if (kind == WHERE) {
		text[n++] = ' ';
		n += cell_text(row->cell, text + n);
	}
	bulk_put_arg(&f->chunk, text, n);
}

static void put_group(struct board_filler *f, int kind, const struct group *g)
{
	struct key key = key_of_group(f, kind, g->name);
	uint32_t left = g->n, fields = 0;

	for (int32_t at = g->first; at != END; left--) {
		const struct row *row = &f->leaving.rows[at];

		if (fields == 0) {
			fields = left < FIELDS_MOST ? left : FIELDS_MOST;
			bulk_put_head(&f->chunk, 2 + 2 * (size_t)fields);
			bulk_put_text(&f->chunk, "HSET");
			bulk_put_text(&f->chunk, key.text);
			f->commands++;
		}
		put_field(f, kind, row);
		fields--;
		at = row->next[kind != CELLS];
	}
}

/* One piece of the leaving batch; false when nothing is left of it. */
static bool next_chunk(struct board_filler *f)
{
	const struct batch *t = &f->leaving;

	buf_clear(&f->chunk);
	f->commands = 0;
	while (f->kind < KINDS && f->chunk.len < CHUNK_BYTES) {
		if (f->group == t->n_groups[f->kind]) {
			f->kind++;
			f->group = 0;
			continue;
		}
		if (f->kind == CELLS && f->group % CELLS_AHEAD == 0)
			announce_cells(f);
		put_group(f, f->kind, &t->groups[f->kind][f->group++]);
	}
	return f->commands > 0;
}

static void on_pending(void *arg, enum status st, enum script_word word,
    const struct board_position *at);

static void ask(struct board_filler *f)
{
	struct script_args a = script_args_new();

	f->asking++;
	script_arg_number(&a, f->generation);
	script_run(f->b->wire, 0, SCRIPT_PENDING, f->city, &a, on_pending, f);
}

static void leave(struct board_filler *f)
{
	struct batch t = f->leaving;

	f->leaving = f->gathered;
	f->gathered = t;
	batch_clear(&f->gathered);
	f->batch++;
	f->is_leaving = true;
	f->kind = CELLS;
	f->group = 0;
	ask(f);
}

/* --- the end --- */

static void free_when_unasked(struct board_filler *f)
{
	if (f->is_over && f->asking == 0)
		free(f);
}

void board_filler_free(struct board_filler *f)
{
	if (!f)
		return;
	job_leave(&f->job);
	bulk_free(f->bulk);
	batch_release(&f->gathered);
	batch_release(&f->leaving);
	free(f->cells);
	for (int k = 0; k < KINDS; k++)
		free(f->buckets[k]);
	buf_free(&f->chunk);
	f->is_over = true;
	free_when_unasked(f);
}

static void finish(struct board_filler *f, enum status st)
{
	struct done done = f->done;

	board_filler_free(f);
	done_call(done, st);
}

/* Goes on with whatever can be done now; f may be gone afterwards. */
static void pump(struct board_filler *f)
{
	while (f->st == OK && f->is_leaving && f->n_owed < CHUNKS) {
		f->is_leaving = next_chunk(f);
		if (f->is_leaving) {
			f->owed[f->n_owed++] = f->commands;
			bulk_send(f->bulk, f->chunk.data, f->chunk.len, f->commands);
		} else if (f->is_ending && f->gathered.n > 0) {
			leave(f);
		}
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
		free_when_unasked(f);
		return;
	}
	if (st == OK && word == SAID_CONFLICT)
		st = E_CONFLICT;
	if (f->st == OK)
		f->st = st;
	pump(f);
}

static void on_reply(void *arg)
{
	struct board_filler *f = arg;

	if (--f->owed[0] > 0)
		return;
	f->n_owed--;
	memmove(f->owed, f->owed + 1, f->n_owed * sizeof(*f->owed));
	pump(f);
}

static void on_lost(void *arg, enum status st)
{
	struct board_filler *f = arg;

	f->st = st;
	pump(f);
}

static void stop(struct job *job)
{
	struct board_filler *f = (struct board_filler *)job;

	if (f->is_ending)
		finish(f, E_UNAVAILABLE);
	else
		f->st = E_UNAVAILABLE; /* whoever feeds us hears it at the end */
}

struct board_filler *board_filler_new(struct board *b, int city,
    const struct board_position *fresh, void (*room)(void *arg), void *arg)
{
	const size_t buckets[KINDS] = { 0, WHERE_BUCKETS, GONE_BUCKETS, SEEKER_BUCKETS };
	struct board_filler *f = must_alloc(sizeof(*f));
	const struct bulk_events to = { .reply = on_reply, .lost = on_lost, .arg = f };

	f->b = b;
	f->city = city;
	f->generation = fresh->generation;
	f->room = room;
	f->arg = arg;
	f->batch = 1;
	batch_init(&f->gathered);
	batch_init(&f->leaving);
	for (int k = 0; k < KINDS; k++)
		f->buckets[k] = must_alloc((buckets[k] + 1) * sizeof(struct seat));
	f->bulk = bulk_new(b->base, b->address, b->call_timeout_ms * JOB_PATIENCE, &to);
	job_join(b, &f->job, stop);
	return f;
}

bool board_filler_put(struct board_filler *f, const struct change *c)
{
	if (f->st != OK)
		return true;
	if (batch_is_full(&f->gathered)) {
		if (f->is_leaving) {
			f->is_refusing = true;
			return false;
		}
		leave(f);
		pump(f);
		if (f->st != OK)
			return true;
	}
	gather(f, c);
	return true;
}

void board_filler_end(struct board_filler *f, struct done done)
{
	f->done = done;
	f->is_ending = true;
	if (f->st == OK && !f->is_leaving && f->gathered.n > 0)
		leave(f);
	pump(f);
}
