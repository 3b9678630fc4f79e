/*
 * Owns a bundle's rows, their groups, and the commands they become.
 *
 * It refuses to know connections and answers, and compares no versions: each
 * record comes once.  Which group of the bundle a hash has stands with the
 * hash, beside the number of the bundle, so nothing has to be wiped before the
 * next one.
 */
#include "daemon/board/bundle.h"

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/board/board_parts.h"
#include "daemon/board/bulk.h"
#include "daemon/board/record_keys.h"
#include "daemon/board/redis_keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BUNDLE_ROWS = 64 << 10,
	BUNDLE_BYTES = 16 << 20,
	PIECE_BYTES = 96 << 10, /* commands are given in pieces of about this size */
	FIELDS_MOST = 256,      /* of one command */
	CELLS_AHEAD = 512,      /* cells announced at a time */
	END = -1,
};

/* A record of the bundle; its value lies in the bundle's bytes. */
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
enum group_kind { CELLS, WHERE, GONE, SEEKERS, KINDS };

static const size_t groups_most[KINDS] = { BUNDLE_ROWS, BUNDLE_ROWS, GONE_BUCKETS,
	SEEKER_BUCKETS };

struct bundle {
	int city;
	uint64_t generation;
	struct hashes *hashes;
	uint32_t number; /* from 1; no two bundles of a generation have the same */
	struct row *rows;
	size_t n;
	struct buf values;
	struct group *groups[KINDS];
	size_t n_groups[KINDS];
	int kind;     /* of the group that leaves next */
	size_t group; /* and which of its kind */
};

/* Where a hash's group is, if it has one in the bundle of that number. */
struct place_in_bundle {
	uint64_t cell; /* in the table of cells; 0: free */
	uint32_t bundle, group;
};

struct hashes {
	struct place_in_bundle *cells; /* open addressing */
	size_t n_cells, size;
	struct place_in_bundle *buckets[KINDS];
	uint32_t bundles; /* so many have been begun */
};

struct hashes *hashes_new(void)
{
	const size_t buckets[KINDS] = { 0, WHERE_BUCKETS, GONE_BUCKETS, SEEKER_BUCKETS };
	struct hashes *h = must_alloc(sizeof(*h));

	for (int k = 0; k < KINDS; k++)
		h->buckets[k] = must_alloc((buckets[k] + 1) * sizeof(struct place_in_bundle));
	return h;
}

void hashes_free(struct hashes *h)
{
	free(h->cells);
	for (int k = 0; k < KINDS; k++)
		free(h->buckets[k]);
	free(h);
}

void bundle_clear(struct bundle *t)
{
	t->number = ++t->hashes->bundles;
	t->n = 0;
	buf_clear(&t->values);
	for (int k = 0; k < KINDS; k++)
		t->n_groups[k] = 0;
	t->kind = CELLS;
	t->group = 0;
}

struct bundle *bundle_new(int city, uint64_t generation, struct hashes *h)
{
	struct bundle *t = must_alloc(sizeof(*t));

	t->city = city;
	t->generation = generation;
	t->hashes = h;
	t->rows = must_alloc(BUNDLE_ROWS * sizeof(*t->rows));
	for (int k = 0; k < KINDS; k++)
		t->groups[k] = must_alloc(groups_most[k] * sizeof(struct group));
	bundle_clear(t);
	return t;
}

void bundle_free(struct bundle *t)
{
	free(t->rows);
	buf_free(&t->values);
	for (int k = 0; k < KINDS; k++)
		free(t->groups[k]);
	free(t);
}

bool bundle_is_empty(const struct bundle *t)
{
	return t->n == 0;
}

bool bundle_is_full(const struct bundle *t)
{
	return t->n == BUNDLE_ROWS || t->values.len >= BUNDLE_BYTES;
}

/* --- records in --- */

static struct place_in_bundle *place_of_cell(const struct hashes *h, uint64_t cell)
{
	size_t at = (size_t)((cell ^ cell >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 20);

	for (at &= h->size - 1; h->cells[at].cell && h->cells[at].cell != cell;)
		at = (at + 1) & (h->size - 1);
	return &h->cells[at];
}

static void make_room_for_cell(struct hashes *h)
{
	struct place_in_bundle *old = h->cells;
	size_t n = h->size;

	if (h->n_cells * 2 < h->size)
		return;
	h->size = n ? n * 2 : 4096;
	h->cells = must_alloc(h->size * sizeof(*h->cells));
	for (size_t i = 0; i < n; i++) {
		if (old[i].cell)
			*place_of_cell(h, old[i].cell) = old[i];
	}
	free(old);
}

static void join(struct bundle *t, int kind, struct place_in_bundle *place, uint64_t name,
    bool fresh)
{
	struct row *row = &t->rows[t->n];
	struct group *g;

	if (place->bundle != t->number) {
		place->bundle = t->number;
		place->group = (uint32_t)t->n_groups[kind]++;
		t->groups[kind][place->group] =
		    (struct group){ .name = name, .first = END, .fresh = fresh };
	}
	g = &t->groups[kind][place->group];
	row->next[kind != CELLS] = g->first;
	g->first = (int32_t)t->n;
	g->n++;
}

static void join_bucket(struct bundle *t, int kind, unsigned bucket)
{
	join(t, kind, &t->hashes->buckets[kind][bucket], bucket, false);
}

static void join_cell(struct bundle *t, uint64_t cell)
{
	struct place_in_bundle *place;
	bool fresh;

	make_room_for_cell(t->hashes);
	place = place_of_cell(t->hashes, cell);
	fresh = place->cell == 0;
	if (fresh)
		*place = (struct place_in_bundle){ .cell = cell };
	t->hashes->n_cells += fresh;
	join(t, CELLS, place, cell, fresh);
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

void bundle_put(struct bundle *t, const struct change *c)
{
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
		join_bucket(t, GONE, keys_gone_bucket(c->id));
	} else {
		keys_put_value(&t->values, c);
		row->len = (uint32_t)(t->values.len - row->at);
		if (is_vacancy) {
			row->cell = pack_cell(&keys);
			join_cell(t, row->cell);
			join_bucket(t, WHERE, keys_where_bucket(c->id));
		} else {
			join_bucket(t, SEEKERS, keys_seeker_bucket(c->id));
		}
	}
	t->n++;
}

/* --- commands out --- */

static void put_id(struct buf *out, uint64_t id)
{
	char text[24];

	bulk_put_arg(out, text, (size_t)snprintf(text, sizeof(text), "%" PRIu64, id));
}

/* Before the first of so many cells: whoever sweeps finds cells by their set. */
static size_t announce_cells(const struct bundle *t, struct buf *out)
{
	struct redis_key key = keys_of(t->city, t->generation, "cells");
	const struct group *cells = t->groups[CELLS];
	size_t end = t->group + CELLS_AHEAD, n = 0;

	if (end > t->n_groups[CELLS])
		end = t->n_groups[CELLS];
	for (size_t i = t->group; i < end; i++)
		n += cells[i].fresh;
	if (n == 0)
		return 0;
	bulk_put_head(out, n + 2);
	bulk_put_text(out, "SADD");
	bulk_put_text(out, key.text);
	for (size_t i = t->group; i < end; i++) {
		char name[CELL_NAME_SIZE];

		if (cells[i].fresh)
			bulk_put_arg(out, name, cell_text(cells[i].name, name));
	}
	return 1;
}

static struct redis_key key_of_group(const struct bundle *t, int kind, uint64_t name)
{
	char cell[CELL_NAME_SIZE];

	switch ((enum group_kind)kind) {
	case CELLS:
		(void)cell_text(name, cell);
		return keys_cell(t->city, t->generation, cell);
	case WHERE:
		return keys_where(t->city, t->generation, (unsigned)name);
	case GONE:
		return keys_gone(t->city, t->generation, (unsigned)name);
	case SEEKERS:
	case KINDS:
		break;
	}
	return keys_seekers(t->city, t->generation, (unsigned)name);
}

static void put_field(const struct bundle *t, int kind, const struct row *row, struct buf *out)
{
	char text[24 + CELL_NAME_SIZE];
	size_t n;

	put_id(out, row->id);
	if (kind == CELLS || kind == SEEKERS) {
		bulk_put_arg(out, t->values.data + row->at, row->len);
		return;
	}
	n = (size_t)snprintf(text, sizeof(text), "%" PRIu64, row->version);
	if (kind == WHERE) {
		text[n++] = ' ';
		n += cell_text(row->cell, text + n);
	}
	bulk_put_arg(out, text, n);
}

/* Returns how many commands it was. */
static size_t put_group(const struct bundle *t, int kind, const struct group *g,
    struct buf *out)
{
	struct redis_key key = key_of_group(t, kind, g->name);
	uint32_t left = g->n, fields = 0;
	size_t commands = 0;

	for (int32_t at = g->first; at != END; left--) {
		const struct row *row = &t->rows[at];

		if (fields == 0) {
			fields = left < FIELDS_MOST ? left : FIELDS_MOST;
			bulk_put_head(out, 2 + 2 * (size_t)fields);
			bulk_put_text(out, "HSET");
			bulk_put_text(out, key.text);
			commands++;
		}
		put_field(t, kind, row, out);
		fields--;
		at = row->next[kind != CELLS];
	}
	return commands;
}

size_t bundle_commands(struct bundle *t, struct buf *out)
{
	size_t commands = 0;

	while (t->kind < KINDS && out->len < PIECE_BYTES) {
		if (t->group == t->n_groups[t->kind]) {
			t->kind++;
			t->group = 0;
			continue;
		}
		if (t->kind == CELLS && t->group % CELLS_AHEAD == 0)
			commands += announce_cells(t, out);
		commands += put_group(t, t->kind, &t->groups[t->kind][t->group++], out);
	}
	return commands;
}
