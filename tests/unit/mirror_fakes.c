/*
 * The board that answers when a test says so, and the fixture around it.
 */
#include "mirror_fakes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_board fake;

void board_load(struct board *b, int city, bool by_name, board_each *each, void *arg,
    struct board_position *as_of, struct done done)
{
	(void)b;
	(void)city;
	assert_false(by_name);
	fake.each = each;
	fake.each_arg = arg;
	fake.as_of = as_of;
	fake.loaded = done;
	fake.loading = true;
}

void board_read_position(struct board *b, int city, struct board_position *out,
    struct done done)
{
	(void)b;
	(void)city;
	fake.position = out;
	fake.positioned = done;
	fake.positioning = true;
}

struct board_follower *board_follow(struct board *b, int city, struct board_position from,
    const struct follower_events *events)
{
	(void)b;
	(void)city;
	fake.follower = calloc(1, sizeof(*fake.follower));
	fake.follower->to = *events;
	fake.follower->from = from;
	return fake.follower;
}

void board_follower_free(struct board_follower *f)
{
	if (f == fake.follower)
		fake.follower = NULL;
	free(f);
}

static void put(struct record *r, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		r->p[r->n++] = (uint8_t)(v >> 8 * (n - 1 - i));
}

struct record vacancy_record(uint64_t id, uint64_t version, bool open)
{
	struct record r = { 0 };

	put(&r, 1, 1);
	put(&r, 'v', 1);
	put(&r, id, 8);
	put(&r, version, 8);
	put(&r, open, 2);
	put(&r, 4070501, 4);
	put(&r, UINT64_C(410105003001), 8);
	put(&r, 3, 4); /* posts */
	put(&r, 80000, 4);
	put(&r, 120000, 4);
	put(&r, 0, 2); /* education */
	put(&r, 0, 2); /* experience */
	put(&r, 1, 2); /* shift */
	put(&r, 1, 2); /* form */
	put(&r, 0, 2); /* reserved */
	put(&r, 2700, 4);
	put(&r, 2900, 4);
	put(&r, INT32_MAX, 4);
	put(&r, 77, 8);
	put(&r, 0, 6); /* three empty sets */
	return r;
}

void give(board_each *each, void *arg, uint64_t id, uint64_t version, bool open,
    const char *label)
{
	struct record r = vacancy_record(id, version, open);
	struct change c = { .entity = 'v',
		.id = id,
		.version = version,
		.record = { r.p, r.n },
		.label = label };

	each(arg, &c, 1);
}

/* Of the transaction that the stream's entry `seq` is, or will be: see heartbeat. */
void own_write(struct mirror *m, uint64_t seq, uint64_t id, uint64_t version, const char *label)
{
	struct record r = vacancy_record(id, version, true);
	struct change c = { .entity = 'v',
		.id = id,
		.version = version,
		.record = { r.p, r.n },
		.label = label };

	mirror_apply(m, &c, 1, 100 + seq, 1);
}

void stream_change(uint64_t seq, uint64_t id, uint64_t version, bool open)
{
	struct record r = vacancy_record(id, version, open);
	struct change c = { .entity = 'v',
		.id = id,
		.version = version,
		.record = { r.p, r.n },
		.label = "保安\x1f某厂\x1f" };

	fake.follower->to.each(fake.follower->to.arg, seq, &c);
}

void heartbeat(uint64_t seq)
{
	struct board_position at = { .generation = 1, .xid = 100 + seq, .id = 1, .seq = seq };

	fake.follower->to.alive(fake.follower->to.arg, &at);
}

void turn_until_it_loads(struct world *w)
{
	for (int i = 0; i < 1000 && !fake.loading; i++)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_true(fake.loading);
}

int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	memset(&fake, 0, sizeof(fake));
	w->base = event_base_new();
	w->m = mirror_new(w->base, NULL, 4101, NULL);
	turn_until_it_loads(w);
	*state = w;
	return 0;
}

int tear_down(void **state)
{
	struct world *w = *state;

	mirror_free(w->m);
	/* Whatever was asked completes later, as the board is freed after the mirror. */
	if (fake.loading)
		done_call(fake.loaded, E_UNAVAILABLE);
	if (fake.positioning)
		done_call(fake.positioned, E_UNAVAILABLE);
	event_base_free(w->base);
	free(w);
	return 0;
}

void loaded(enum status st, uint64_t seq)
{
	*fake.as_of = (struct board_position){ .generation = 1, .xid = 100, .seq = seq };
	fake.loading = false;
	done_call(fake.loaded, st);
}

void positioned(uint64_t seq)
{
	*fake.position = (struct board_position){ .generation = 1, .xid = 100, .seq = seq };
	fake.positioning = false;
	done_call(fake.positioned, OK);
}

void load_nothing_and_follow(uint64_t seq)
{
	loaded(OK, seq);
	positioned(seq);
	heartbeat(seq);
}

size_t vacancies(const struct mirror *m)
{
	return index_count_vacancies(mirror_index(m));
}

void load_again(struct world *w, const char *why)
{
	fake.follower->to.lost(fake.follower->to.arg, why);
	turn_until_it_loads(w);
}
