/*
 * Owns one reader of a city's stream, on a connection of its own, as a read
 * that blocks would hold up every call behind it.
 *
 * It refuses to repair anything: at the first doubt it says `lost` and stops.
 * Each read is followed, in the same breath, by the board's position: that is
 * the heartbeat.  A blocked XREAD sleeps on after its stream was deleted or
 * emptied and says nothing when entries were trimmed unread; only the position,
 * and numbers without gaps, tell.
 */
#include "daemon/board/board.h"

#include "daemon/base/oom.h"
#include "daemon/board/board_parts.h"
#include "daemon/board/redis.h"
#include "daemon/board/redis_keys.h"
#include "daemon/board/scripts.h"

#include <hiredis/hiredis.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MS = 1000 };

struct board_follower {
	int city;
	struct redis *redis;
	struct board_position at; /* delivered so far */
	uint64_t promised;        /* the board had this number at the last heartbeat */
	bool heard;               /* there was a heartbeat */
	struct follower_events to;
	bool over;     /* lost was called, or we are being freed */
	bool is_freed; /* freed by our owner: the last frame below frees the memory */
	int refs;
};

static void ref(struct board_follower *f)
{
	f->refs++;
}

static void unref(struct board_follower *f)
{
	if (--f->refs == 0 && f->is_freed)
		free(f);
}

static void lose(struct board_follower *f, const char *why)
{
	if (f->over)
		return;
	f->over = true;
	f->to.lost(f->to.arg, why);
}

/* False when the entry cannot be read. */
static bool give_entry(struct board_follower *f, uint64_t seq, const redisReply *fields)
{
	if (fields->type != REDIS_REPLY_ARRAY || fields->elements % 2 != 0)
		return false;
	for (size_t i = 0; i < fields->elements && !f->over; i += 2) {
		const redisReply *name = fields->element[i], *value = fields->element[i + 1];
		struct change c = { 0 };

		if (name->type != REDIS_REPLY_STRING || value->type != REDIS_REPLY_STRING)
			return false;
		if (!keys_read_name(name->str, &c) ||
		    !keys_read_value(value->str, value->len, &c))
			return false;
		f->to.each(f->to.arg, seq, &c);
	}
	return true;
}

static bool entry_number(const redisReply *entry, uint64_t *seq)
{
	char text[24];
	const redisReply *id;
	size_t n;

	if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2)
		return false;
	id = entry->element[0];
	if (id->type != REDIS_REPLY_STRING)
		return false;
	n = strcspn(id->str, "-");
	if (n >= sizeof(text) || strcmp(id->str + n, "-0") != 0)
		return false;
	memcpy(text, id->str, n);
	text[n] = '\0';
	return keys_read_number(text, seq);
}

static void give_entries(struct board_follower *f, const redisReply *entries)
{
	for (size_t i = 0; i < entries->elements && !f->over; i++) {
		const redisReply *entry = entries->element[i];
		uint64_t seq;

		if (!entry_number(entry, &seq)) {
			lose(f, "an entry of the stream cannot be read");
		} else if (seq != f->at.seq + 1) {
			lose(f, "a gap in the stream");
		} else {
			f->at.seq = seq;
			if (!give_entry(f, seq, entry->element[1]))
				lose(f, "an entry of the stream cannot be read");
		}
	}
}

/* The stream has answered: nil after a second of silence, or entries. */
static void on_read(void *arg, enum status st, const redisReply *r)
{
	struct board_follower *f = arg;

	if (f->over)
		return;
	ref(f);
	if (st != OK)
		lose(f, "the connection was lost");
	else if (r->type == REDIS_REPLY_NIL && f->promised > f->at.seq)
		lose(f, "the stream was trimmed before it was read");
	else if (r->type == REDIS_REPLY_ARRAY && r->elements == 1 &&
		 r->element[0]->type == REDIS_REPLY_ARRAY && r->element[0]->elements == 2 &&
		 r->element[0]->element[1]->type == REDIS_REPLY_ARRAY)
		give_entries(f, r->element[0]->element[1]);
	else if (r->type != REDIS_REPLY_NIL)
		lose(f, "the stream cannot be read");
	unref(f);
}

static void read_on(struct board_follower *f);

static const char *why_stale(const struct board_follower *f, const struct board_position *at)
{
	if (at->generation == 0)
		return "the board was emptied";
	if (at->generation != f->at.generation)
		return "another generation";
	return at->seq < f->at.seq ? "the board went back" : NULL;
}

static void on_position(void *arg, enum status st, enum script_word word,
    const struct board_position *at)
{
	struct board_follower *f = arg;
	const char *why;

	(void)word;
	if (f->over)
		return;
	ref(f);
	why = st == OK ? why_stale(f, at) : "the connection was lost";
	if (why) {
		lose(f, why);
	} else {
		f->promised = at->seq;
		f->heard = true;
		/* Everything up to this outbox position has been delivered. */
		if (at->seq == f->at.seq)
			f->at = *at;
		f->to.alive(f->to.arg, &f->at);
		if (!f->over)
			read_on(f);
	}
	unref(f);
}

/* Blocks only when nothing is known to be waiting: the first heartbeat comes at once.
 * The caller holds f, as either call may complete before it returns. */
static void read_on(struct board_follower *f)
{
	struct redis_key stream = keys_of(f->city, f->at.generation, "stream");
	char after[32];
	const char *blocking[] = { "XREAD", "BLOCK", "1000", "COUNT", "256", "STREAMS",
		stream.text, after };
	const char *waiting[] = { "XREAD", "COUNT", "256", "STREAMS", stream.text, after };
	bool block = f->heard && f->promised <= f->at.seq;

	(void)snprintf(after, sizeof(after), "%" PRIu64 "-0", f->at.seq);
	redis_call(f->redis, BLOCK_MS, block ? 8 : 6, block ? blocking : waiting, NULL, on_read,
	    f);
	if (!f->over)
		script_run(f->redis, BLOCK_MS, SCRIPT_POSITION, f->city, NULL, on_position, f);
}

static void on_change(void *arg, bool up, const char *why)
{
	struct board_follower *f = arg;

	ref(f);
	if (up)
		read_on(f);
	else
		lose(f, why);
	unref(f);
}

struct board_follower *board_follow(struct board *b, int city, struct board_position from,
    const struct follower_events *events)
{
	struct board_follower *f = must_alloc(sizeof(*f));

	f->city = city;
	f->at = from;
	f->to = *events;
	f->redis = redis_new(b->base, &b->server, b->call_timeout_ms, on_change, f);
	return f;
}

void board_follower_free(struct board_follower *f)
{
	if (!f)
		return;
	f->over = true;
	f->is_freed = true;
	ref(f);
	redis_free(f->redis);
	unref(f);
}
