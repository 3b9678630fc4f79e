/*
 * Owns the image that serves, and the one that is being made.
 *
 * It refuses to know Redis and SQL, and answers no match itself.  One round is:
 * load a blur of the board, note how far the board is by then, follow the
 * stream from before the load until that point, put our own writes over it,
 * swap.  Nothing is repaired in place.  Whatever goes wrong, the old image
 * serves on and a whole new one is made.
 */
#include "daemon/mirror/mirror.h"

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/board/board.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/image.h"
#include "daemon/mirror/own.h"
#include "daemon/mirror/turn.h"
#include "daemon/mirror/waits.h"

#include <event2/event.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RETRY_FIRST_MS = 10,
	RETRY_MOST_MS = 1000,
	TURN_MS = 50,        /* between looks whether it is our turn */
	BAD_REST_MS = 60000, /* between resyncs that a bad record asks for */
	BEHIND_MOST_MS =
	    10000, /* a board that went back has caught up by then, or never will */
};

struct mirror {
	struct board *board;
	int city;
	struct image serving;
	struct image fresh; /* index NULL: none is being made */
	struct own *own;
	struct waits *waits;
	struct board_position loaded; /* the fresh image began here */
	struct board_position aim;    /* and is sharp from here on */
	struct board_position at;     /* what the serving image has */
	struct board_follower *follower;
	struct turn *turn;
	struct event *retry;
	struct event *tick;
	long retry_ms;
	int64_t heard_ms; /* the serving image was what the board said */
	int64_t bad_ms;   /* a bad record asked for a resync; 0: none has */
	int64_t sharp_ms; /* the fresh image was what the board said; 0: not yet */
	char why[96];
	bool ready, following;
	bool fresh_held; /* the fresh index is not in its places yet */
	bool asking;     /* a call to the board is under way */
	bool closing;    /* free when it is over */
};

static void put_own(void *image, const struct change *c)
{
	(void)image_put(image, c);
}

static void destroy(struct mirror *m)
{
	image_free(&m->serving);
	image_free(&m->fresh);
	own_free(m->own);
	waits_free(m->waits);
	turn_free(m->turn);
	event_free(m->retry);
	event_free(m->tick);
	free(m);
}

static const char away[] = "the board is away";

static void again(struct mirror *m, const char *why)
{
	struct timeval tv = clock_span(m->retry_ms);
	/* At the start the connection is on its way: that is no news the first time. */
	bool is_starting = why == away && !m->ready && m->retry_ms == RETRY_FIRST_MS;

	image_free(&m->fresh);
	turn_pass_on(m->turn);
	/* A failing attempt is said once, not each time. */
	if (!is_starting && strcmp(m->why, why) != 0) {
		(void)snprintf(m->why, sizeof(m->why), "%s", why);
		log_event(LOG_LEVEL_WARN, "mirror.resync", "why", m->why, NULL);
	}
	evtimer_add(m->retry, &tv);
	m->retry_ms = m->retry_ms * 2 < RETRY_MOST_MS ? m->retry_ms * 2 : RETRY_MOST_MS;
}

/* The board has answered: false when the mirror was closed meanwhile, and is free now. */
static bool still_open(struct mirror *m)
{
	m->asking = false;
	if (!m->closing)
		return true;
	destroy(m);
	return false;
}

static void on_lost(void *arg, const char *why);

static void on_change(void *arg, uint64_t seq, const struct change *c)
{
	struct mirror *m = arg;
	bool is_serving = !m->fresh.index;
	bool fine = image_put(is_serving ? &m->serving : &m->fresh, c);

	own_passed(m->own, c->entity, c->id, c->version);
	if (is_serving)
		m->at.seq = seq;
	/* The board itself may have it whole; when it has not, once was enough. */
	if (fine || !is_serving || (m->bad_ms && clock_ms() - m->bad_ms < BAD_REST_MS))
		return;
	m->bad_ms = clock_ms();
	on_lost(m, "a record of the stream cannot be read");
}

static void swap(struct mirror *m, const struct board_position *at)
{
	char vacancies[24], seekers[24];

	own_each(m->own, at->xid, at->id, put_own, &m->fresh);
	if (m->fresh_held)
		index_settle(m->fresh.index);
	image_free(&m->serving);
	m->serving = m->fresh;
	m->fresh = (struct image){ 0 };
	turn_pass_on(m->turn);
	m->ready = true;
	m->retry_ms = RETRY_FIRST_MS;
	(void)snprintf(vacancies, sizeof(vacancies), "%zu",
	    index_count_vacancies(m->serving.index));
	(void)snprintf(seekers, sizeof(seekers), "%zu", index_count_seekers(m->serving.index));
	log_event(LOG_LEVEL_INFO, "mirror.ready", "vacancies", vacancies, "seekers", seekers,
	    NULL);
}

/*
 * A board that lost its last second in a crash says less than what serves.  Whoever applies the
 * outbox tells it again, under the same generation: until then the old image, with its age, is
 * the better one.
 */
static bool must_catch_up(struct mirror *m, const struct board_position *at)
{
	if (!m->ready || at->generation != m->at.generation ||
	    board_position_has(at, m->at.xid, m->at.id))
		return false;
	if (!m->sharp_ms) {
		m->sharp_ms = clock_ms();
		log_event(LOG_LEVEL_WARN, "mirror.behind", "why",
		    "the board lacks some of what serves", NULL);
	}
	return clock_ms() - m->sharp_ms < BEHIND_MOST_MS;
}

static bool is_in(void *arg, uint64_t xid, uint64_t id)
{
	return mirror_has_reached(arg, xid, id);
}

static void on_alive(void *arg, const struct board_position *at)
{
	struct mirror *m = arg;

	if (m->fresh.index && (at->seq < m->aim.seq || must_catch_up(m, at)))
		return;
	if (m->fresh.index)
		swap(m, at);
	m->heard_ms = clock_ms();
	m->at = *at;
	m->following = true;
	own_reached(m->own, at->xid, at->id);
	waits_serve(m->waits, is_in, m);
}

static void on_lost(void *arg, const char *why)
{
	struct mirror *m = arg;

	m->following = false;
	metric_add(M_MIRROR_RESYNCS, 1);
	m->why[0] = '\0';
	again(m, why);
	board_follower_free(m->follower);
	m->follower = NULL;
}

static const char *why_not(enum status st)
{
	if (st == E_NOT_FOUND)
		return "the board is empty";
	if (st == E_CONFLICT)
		return "another generation";
	return st == E_UNAVAILABLE ? away : status_name(st);
}

static void on_aimed(void *arg, enum status st)
{
	struct mirror *m = arg;
	const struct follower_events events = {
		.each = on_change,
		.alive = on_alive,
		.lost = on_lost,
		.arg = m,
	};

	if (!still_open(m))
		return;
	if (st == OK && m->aim.generation != m->loaded.generation)
		st = E_CONFLICT;
	if (st != OK) {
		again(m, why_not(st));
		return;
	}
	m->follower = board_follow(m->board, m->city, m->loaded, &events);
}

static void on_loaded(void *arg, enum status st)
{
	struct mirror *m = arg;

	if (!still_open(m))
		return;
	if (st != OK) {
		again(m, why_not(st));
		return;
	}
	m->asking = true;
	board_read_position(m->board, m->city, &m->aim, (struct done){ on_aimed, m });
}

static void on_load_each(void *arg, const struct change *changes, size_t n)
{
	struct mirror *m = arg;

	if (m->closing)
		return;
	image_fetch(&m->fresh, changes, n);
	for (size_t i = 0; i < n; i++) {
		const struct change *c = &changes[i];
		bool is_tombstone = c->record.len == 0;

		/* Of what cannot be read it is not known whose it is. */
		if (is_tombstone || image_put(&m->fresh, c))
			own_passed(m->own, c->entity, c->id, c->version);
	}
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct mirror *m = arg;

	(void)fd;
	(void)what;
	/* Nothing serves yet: then there is no second image, and no turn to wait for. */
	if (m->ready && !turn_take(m->turn)) {
		struct timeval tv = clock_span(TURN_MS);

		evtimer_add(m->retry, &tv);
		return;
	}
	m->fresh = image_new(m->city);
	m->sharp_ms = 0;
	/* Beside one that serves, nobody is to wait until everything is in its place at once.
	 */
	m->fresh_held = !m->ready;
	if (m->fresh_held)
		index_hold(m->fresh.index);
	own_again(m->own, m->at.xid, m->at.id);
	m->asking = true;
	board_load(m->board, m->city, false, on_load_each, m, &m->loaded,
	    (struct done){ on_loaded, m });
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct mirror *m = arg;

	(void)fd;
	(void)what;
	metric_set(M_MIRROR_VACANCIES, (int64_t)index_count_vacancies(m->serving.index));
	metric_set(M_MIRROR_SEEKERS, (int64_t)index_count_seekers(m->serving.index));
	metric_set(M_MIRROR_AGE_MS, mirror_age_ms(m));
}

struct mirror *mirror_new(struct event_base *base, struct board *b, int city, const char *turn)
{
	const struct timeval now = { 0 }, second = { .tv_sec = 1 };
	struct mirror *m = must_alloc(sizeof(*m));

	m->board = b;
	m->city = city;
	m->serving = image_new(m->city);
	m->own = own_new();
	m->turn = turn_new(turn);
	m->waits = waits_new(base);
	m->retry_ms = RETRY_FIRST_MS;
	m->heard_ms = clock_ms();
	m->retry = evtimer_new(base, on_retry, m);
	m->tick = event_new(base, -1, EV_PERSIST, on_tick, m);
	evtimer_add(m->retry, &now);
	event_add(m->tick, &second);
	return m;
}

void mirror_free(struct mirror *m)
{
	if (!m)
		return;
	board_follower_free(m->follower);
	m->follower = NULL;
	event_del(m->retry);
	event_del(m->tick);
	m->closing = true;
	waits_end(m->waits);
	if (!m->asking)
		destroy(m);
}

bool mirror_is_ready(const struct mirror *m)
{
	return m->ready;
}

bool mirror_is_following(const struct mirror *m)
{
	return m->following;
}

int64_t mirror_age_ms(const struct mirror *m)
{
	return clock_ms() - m->heard_ms;
}

uint64_t mirror_seq(const struct mirror *m)
{
	return m->at.seq;
}

const char *mirror_why(const struct mirror *m)
{
	return m->why;
}

bool mirror_has_reached(const struct mirror *m, uint64_t xid, uint64_t id)
{
	return board_position_has(&m->at, xid, id) || own_has(m->own, xid, id);
}

void mirror_await(struct mirror *m, uint64_t xid, uint64_t id, unsigned ms, struct done done)
{
	if (mirror_has_reached(m, xid, id))
		done_call(done, OK);
	else if (m->closing)
		done_call(done, E_TIMEOUT);
	else
		waits_add(m->waits, xid, id, ms, done);
}

void mirror_apply(struct mirror *m, const struct change *changes, size_t n, uint64_t xid,
    uint64_t id)
{
	bool late =
	    board_position_has(&m->at, xid, id); /* the stream was faster than the reply */

	for (size_t i = 0; i < n; i++) {
		if (!late)
			own_put(m->own, &changes[i], xid, id);
		(void)image_put(&m->serving, &changes[i]);
	}
	/* A replayed answer has a position but no changes: it may be another worker's. */
	if (n == 0 || late)
		return;
	own_note(m->own, xid, id);
	waits_serve(m->waits, is_in, m);
}

const struct index *mirror_index(const struct mirror *m)
{
	return m->serving.index;
}

bool mirror_label(const struct mirror *m, uint64_t vacancy, struct vacancy_label *out)
{
	return labels_find(m->serving.labels, vacancy, out);
}

size_t mirror_label_bytes(const struct mirror *m)
{
	return labels_bytes(m->serving.labels);
}
