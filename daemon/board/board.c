/*
 * Owns the board's own connection and turns changes into script arguments.
 *
 * It refuses to know who applies changes, and when.  The position is the
 * board's, not the applier's, so whatever Redis forgets, it forgets how far it
 * was too, and is fed again from there.
 */
#include "daemon/board/board.h"

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/board/board_parts.h"
#include "daemon/board/record_keys.h"
#include "daemon/board/redis.h"
#include "daemon/board/redis_keys.h"
#include "daemon/board/scripts.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"

#include <hiredis/hiredis.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_LENGTH = 1000000, STREAM_SECONDS = 600 };

/* A board that evicts rots in silence, so say it at each connect. */
static void on_memory(void *arg, enum status st, const redisReply *r)
{
	(void)arg;
	if (st == OK && r->type == REDIS_REPLY_STRING &&
	    !strstr(r->str, "maxmemory_policy:noeviction"))
		log_event(LOG_LEVEL_ERROR, "board.evicts", "why",
		    "Redis must run with maxmemory-policy noeviction", NULL);
}

static void on_change(void *arg, bool up, const char *why)
{
	struct board *b = arg;
	const char *info[] = { "INFO", "memory" };

	metric_set(M_BOARD_UP, up);
	if (!up) {
		/* Said once, not at every attempt. */
		if (strcmp(b->why, why) != 0)
			log_event(LOG_LEVEL_WARN, "board.down", "why", why, NULL);
		(void)snprintf(b->why, sizeof(b->why), "%s", why);
		return;
	}
	b->why[0] = '\0';
	log_event(LOG_LEVEL_INFO, "board.up", "address", b->server.address, NULL);
	redis_call(b->redis, 0, 2, info, NULL, on_memory, b);
}

void transfer_join(struct board *b, struct transfer *transfer,
    void (*stop)(struct transfer *transfer))
{
	transfer->stop = stop;
	LIST_INSERT_HEAD(&b->transfers, transfer, link);
}

void transfer_leave(struct transfer *transfer)
{
	if (transfer->stop)
		LIST_REMOVE(transfer, link);
	transfer->stop = NULL;
}

struct board *board_new(struct event_base *base, const struct board_config *c)
{
	struct board *b = must_alloc(sizeof(*b));

	b->base = base;
	b->server = (struct redis_server){ c->address, c->user, c->password };
	b->call_timeout_ms = c->call_timeout_ms;
	b->stream_length = c->stream_length ? c->stream_length : STREAM_LENGTH;
	LIST_INIT(&b->transfers);
	b->redis = redis_new(base, &b->server, b->call_timeout_ms, on_change, b);
	return b;
}

void board_free(struct board *b)
{
	struct transfer *transfer;

	if (!b)
		return;
	while ((transfer = LIST_FIRST(&b->transfers))) {
		void (*stop)(struct transfer *) = transfer->stop;

		transfer_leave(transfer);
		stop(transfer);
	}
	redis_free(b->redis);
	free(b);
}

bool board_is_up(const struct board *b)
{
	return redis_is_up(b->redis);
}

/* One script whose position, if it succeeds, goes to `out` (NULL: nowhere). */
struct moving {
	struct board_position *out;
	struct done done;
};

static struct moving *moving_new(struct board_position *out, struct done done)
{
	struct moving *m = must_alloc(sizeof(*m));

	*m = (struct moving){ .out = out, .done = done };
	return m;
}

static void on_moved(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct moving m = *(struct moving *)arg;

	free(arg);
	if (st == OK && word == SAID_CONFLICT)
		st = E_CONFLICT;
	if (st == OK && m.out)
		*m.out = *at;
	done_call(m.done, st);
}

void board_read_position(struct board *b, int city, struct board_position *out,
    struct done done)
{
	script_run(b->redis, 0, SCRIPT_POSITION, city, NULL, on_moved, moving_new(out, done));
}

void board_log_bad_record(const struct change *c)
{
	char id[24];

	(void)snprintf(id, sizeof(id), "%" PRIu64, c->id);
	log_event(LOG_LEVEL_ERROR, "board.bad_record", "entity",
	    c->entity == 'v' ? "vacancy" : "seeker", "id", id, NULL);
}

/* False when the change contradicts itself. */
static bool put_change(struct script_args *a, const struct change *c, bool first,
    struct buf *value)
{
	struct record_keys keys;
	char cell[CELL_NAME_SIZE] = "", bucket[16], gone[16];
	bool is_vacancy = c->entity == 'v';
	const char *kind = "s";

	if (c->record.len > UINT16_MAX || !record_keys_read(c, &keys))
		return false;
	if (is_vacancy && keys.open && !keys_cell_name(keys.occupation, keys.place, cell))
		return false;
	if (is_vacancy)
		kind = keys.open ? "v" : "x";
	buf_clear(value);
	keys_put_value(value, c);
	script_arg_text(a, kind);
	script_arg_number(a, c->id);
	script_arg_number(a, c->version);
	(void)snprintf(bucket, sizeof(bucket), is_vacancy ? "%u" : "%03u",
	    is_vacancy ? keys_where_bucket(c->id) : keys_seeker_bucket(c->id));
	(void)snprintf(gone, sizeof(gone), "%02u", keys_gone_bucket(c->id));
	script_arg_text(a, bucket);
	script_arg_text(a, gone);
	script_arg_text(a, cell);
	script_arg_text(a, first ? "1" : "0");
	script_arg(a, value->data, value->len);
	return true;
}

static void put_changes(struct script_args *a, const struct change *changes,
    const uint64_t *xids, size_t n)
{
	struct buf value = { 0 };
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || xids[i] != xids[i - 1])
			first = true;
		if (put_change(a, &changes[i], first, &value))
			first = false;
		else
			board_log_bad_record(&changes[i]);
	}
	buf_free(&value);
}

/* So long that whoever begins to load now finds all of it when he follows. */
static uint64_t stream_seconds(const struct board *b)
{
	uint64_t seconds = (uint64_t)b->load_ms * 2 / 1000;

	return seconds > STREAM_SECONDS ? seconds : STREAM_SECONDS;
}

void board_apply(struct board *b, int city, struct board_position *from,
    const struct change *changes, const uint64_t *xids, size_t n, uint64_t to_xid,
    uint64_t to_id, struct done done)
{
	struct script_args a = script_args_new();

	script_arg_number(&a, from->generation);
	script_arg_place(&a, from->xid, from->id);
	script_arg_place(&a, to_xid, to_id);
	script_arg_number(&a, b->stream_length);
	script_arg_number(&a, stream_seconds(b));
	put_changes(&a, changes, xids, n);
	script_run(b->redis, 0, SCRIPT_APPLY, city, &a, on_moved, moving_new(from, done));
}

void board_begin(struct board *b, int city, uint64_t xid, uint64_t id,
    struct board_position *fresh, struct done done)
{
	struct script_args a = script_args_new();

	script_arg_number(&a, xid);
	script_arg_number(&a, id);
	script_run(b->redis, 0, SCRIPT_BEGIN, city, &a, on_moved, moving_new(fresh, done));
}

/* Switch, then sweep until nothing abandoned is left. */
struct switching {
	struct board *b;
	int city;
	uint64_t generation;
	enum status verdict; /* of the switch itself */
	struct done done;
};

static void on_swept(void *arg, enum status st, enum script_word word,
    const struct board_position *at);

static void sweep(struct switching *s)
{
	struct script_args a = script_args_new();

	script_arg_number(&a, s->generation);
	script_run(s->b->redis, 0, SCRIPT_SWEEP, s->city, &a, on_swept, s);
}

static void on_swept(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct switching *s = arg;
	struct switching was = *s;

	(void)at;
	if (st == OK && word == SAID_MORE) {
		sweep(s);
		return;
	}
	/* What could not be swept now is swept after the next rebuild. */
	free(s);
	done_call(was.done, was.verdict);
}

static void on_switched(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct switching *s = arg;

	(void)at;
	s->verdict = st == OK && word == SAID_CONFLICT ? E_CONFLICT : st;
	sweep(s);
}

void board_switch(struct board *b, int city, const struct board_position *fresh,
    struct done done)
{
	struct script_args a = script_args_new();
	struct switching *s = must_alloc(sizeof(*s));

	*s = (struct switching){ .b = b,
		.city = city,
		.generation = fresh->generation,
		.done = done };
	script_arg_number(&a, fresh->generation);
	script_run(b->redis, 0, SCRIPT_SWITCH, city, &a, on_switched, s);
}

void board_abandon(struct board *b, int city, const struct board_position *fresh,
    struct done done)
{
	struct switching *s = must_alloc(sizeof(*s));

	*s = (struct switching){ .b = b,
		.city = city,
		.generation = fresh->generation,
		.done = done };
	sweep(s);
}
