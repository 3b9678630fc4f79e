/*
 * The mirror against a board that answers when the test says so: another
 * object behind board.h, linked instead of the real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <event2/event.h>

#include "daemon/board/board.h"
#include "daemon/mirror/labels.h"
#include "daemon/mirror/mirror.h"

/* The fake board: one call of each kind may wait for its answer. */
struct board_follower {
	struct follower_events to;
	struct board_position from;
};

static struct {
	board_each *each;
	void *each_arg;
	struct board_position *as_of, *position;
	struct done loaded, positioned;
	bool loading, positioning;
	struct board_follower *follower;
} fake;

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

/* A vacancy's record, format 1. */
struct record {
	uint8_t p[128];
	size_t n;
};

static void put(struct record *r, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		r->p[r->n++] = (uint8_t)(v >> 8 * (n - 1 - i));
}

static struct record vacancy_record(uint64_t id, uint64_t version, bool open)
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

static void give(board_each *each, void *arg, uint64_t id, uint64_t version, bool open,
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
static void own_write(struct mirror *m, uint64_t seq, uint64_t id, uint64_t version,
    const char *label)
{
	struct record r = vacancy_record(id, version, true);
	struct change c = { .entity = 'v',
		.id = id,
		.version = version,
		.record = { r.p, r.n },
		.label = label };

	mirror_apply(m, &c, 1, 100 + seq, 1);
}

static void stream_change(uint64_t seq, uint64_t id, uint64_t version, bool open)
{
	struct record r = vacancy_record(id, version, open);
	struct change c = { .entity = 'v',
		.id = id,
		.version = version,
		.record = { r.p, r.n },
		.label = "保安\x1f某厂\x1f" };

	fake.follower->to.each(fake.follower->to.arg, seq, &c);
}

static void heartbeat(uint64_t seq)
{
	struct board_position at = { .generation = 1, .xid = 100 + seq, .id = 1, .seq = seq };

	fake.follower->to.alive(fake.follower->to.arg, &at);
}

/* The fixture: a loop, and a mirror that has just asked for its load. */
struct world {
	struct event_base *base;
	struct mirror *m;
};

static void turn_until_it_loads(struct world *w)
{
	for (int i = 0; i < 1000 && !fake.loading; i++)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_true(fake.loading);
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	memset(&fake, 0, sizeof(fake));
	w->base = event_base_new();
	w->m = mirror_new(w->base, NULL, 4101, NULL);
	turn_until_it_loads(w);
	*state = w;
	return 0;
}

static int tear_down(void **state)
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

static void loaded(enum status st, uint64_t seq)
{
	*fake.as_of = (struct board_position){ .generation = 1, .xid = 100, .seq = seq };
	fake.loading = false;
	done_call(fake.loaded, st);
}

static void positioned(uint64_t seq)
{
	*fake.position = (struct board_position){ .generation = 1, .xid = 100, .seq = seq };
	fake.positioning = false;
	done_call(fake.positioned, OK);
}

static void load_nothing_and_follow(uint64_t seq)
{
	loaded(OK, seq);
	positioned(seq);
	heartbeat(seq);
}

static size_t vacancies(const struct mirror *m)
{
	return index_count_vacancies(mirror_index(m));
}

static void a_load_serves_only_when_the_stream_has_made_it_sharp(void **state)
{
	struct world *w = *state;

	give(fake.each, fake.each_arg, 1, 1, true, "x\x1fy\x1fz");
	loaded(OK, 5);
	positioned(7);
	assert_int_equal(fake.follower->from.seq, 5);
	heartbeat(5);
	assert_false(mirror_is_ready(w->m));
	stream_change(6, 2, 1, true);
	heartbeat(6);
	assert_false(mirror_is_ready(w->m));
	assert_int_equal(vacancies(w->m), 0);
	stream_change(7, 1, 2, false);
	heartbeat(7);
	assert_true(mirror_is_ready(w->m));
	assert_true(mirror_is_following(w->m));
	assert_int_equal(vacancies(w->m), 1);
	assert_int_equal(mirror_seq(w->m), 7);
	assert_true(mirror_has_reached(w->m, 107, 1));
	assert_false(mirror_has_reached(w->m, 107, 2));
}

static void an_empty_board_is_asked_again_and_the_reason_is_known(void **state)
{
	struct world *w = *state;

	loaded(E_NOT_FOUND, 0);
	assert_string_equal(mirror_why(w->m), "the board is empty");
	assert_false(mirror_is_ready(w->m));
	turn_until_it_loads(w);
	load_nothing_and_follow(0);
	assert_true(mirror_is_ready(w->m));
}

static void what_was_loaded_serves_on_while_the_board_is_away(void **state)
{
	struct world *w = *state;

	load_nothing_and_follow(0);
	stream_change(1, 1, 1, true);
	heartbeat(1);
	fake.follower->to.lost(fake.follower->to.arg, "the connection was lost");
	assert_null(fake.follower);
	assert_false(mirror_is_following(w->m));
	assert_true(mirror_is_ready(w->m));
	assert_string_equal(mirror_why(w->m), "the connection was lost");
	turn_until_it_loads(w);
	loaded(E_UNAVAILABLE, 0);
	assert_int_equal(vacancies(w->m), 1);
}

static void an_own_write_is_seen_at_once_and_stays_over_a_reload(void **state)
{
	struct world *w = *state;
	struct vacancy post;
	struct vacancy_label label;

	load_nothing_and_follow(0);
	own_write(w->m, 5, 1, 3, "厨师\x1f某店\x1f面议");
	assert_int_equal(vacancies(w->m), 1);
	fake.follower->to.lost(fake.follower->to.arg, "a gap in the stream");
	turn_until_it_loads(w);
	give(fake.each, fake.each_arg, 1, 2, true, "x\x1fy\x1fz"); /* older than ours */
	load_nothing_and_follow(4);
	assert_true(index_vacancy(mirror_index(w->m), 1, &post));
	assert_int_equal(post.version, 3);
	assert_true(mirror_label(w->m, 1, &label));
	assert_string_equal(label.title, "厨师");
	assert_string_equal(label.employer, "某店");
	assert_string_equal(label.pay, "面议");
}

static void an_own_write_is_forgotten_when_the_stream_has_passed_it(void **state)
{
	struct world *w = *state;

	load_nothing_and_follow(0);
	own_write(w->m, 1, 1, 3, "");
	stream_change(1, 1, 3, true);
	heartbeat(1);
	fake.follower->to.lost(fake.follower->to.arg, "a gap in the stream");
	turn_until_it_loads(w);
	load_nothing_and_follow(9); /* by now the board has closed and forgotten it */
	assert_int_equal(vacancies(w->m), 0);
}

static void a_tombstone_in_a_load_ends_an_own_write(void **state)
{
	struct world *w = *state;
	struct change tombstone = { .entity = 'v', .id = 1, .version = 4, .label = "" };

	own_write(w->m, 1, 1, 3, "");
	fake.each(fake.each_arg, &tombstone, 1);
	load_nothing_and_follow(0);
	assert_int_equal(vacancies(w->m), 0);
}

static void a_tombstone_older_than_an_own_write_does_not_end_it(void **state)
{
	struct world *w = *state;
	struct change tombstone = { .entity = 'v', .id = 1, .version = 2, .label = "" };

	own_write(w->m, 1, 1, 3, "");
	fake.each(fake.each_arg, &tombstone, 1);
	load_nothing_and_follow(0);
	assert_int_equal(vacancies(w->m), 1);
}

static void a_generation_that_changes_between_load_and_aim_is_loaded_again(void **state)
{
	struct world *w = *state;

	loaded(OK, 5);
	*fake.position = (struct board_position){ .generation = 2 };
	fake.positioning = false;
	done_call(fake.positioned, OK);
	assert_null(fake.follower);
	assert_string_equal(mirror_why(w->m), "another generation");
	turn_until_it_loads(w);
}

static void a_record_that_cannot_be_read_is_passed_over(void **state)
{
	struct world *w = *state;
	struct change c = { .entity = 'v',
		.id = 1,
		.version = 1,
		.record = { (const uint8_t *)"\x01v?", 3 },
		.label = "" };

	fake.each(fake.each_arg, &c, 1);
	give(fake.each, fake.each_arg, 2, 1, true, "");
	load_nothing_and_follow(0);
	assert_int_equal(vacancies(w->m), 1);
}

static void a_newer_record_that_cannot_be_read_closes_the_older_one(void **state)
{
	struct world *w = *state;
	struct change c = { .entity = 'v',
		.id = 1,
		.version = 3,
		.record = { (const uint8_t *)"\x02v?", 3 },
		.label = "" };

	load_nothing_and_follow(0);
	stream_change(1, 1, 2, true);
	stream_change(2, 2, 5, true);
	assert_int_equal(vacancies(w->m), 2);
	fake.follower->to.each(fake.follower->to.arg, 3, &c);
	assert_int_equal(vacancies(w->m), 1);
	assert_null(fake.follower);
	assert_string_equal(mirror_why(w->m), "a record of the stream cannot be read");
	assert_false(mirror_is_following(w->m));

	/* The board has it whole, or an older one: it is loaded once, not for each such record.
	 */
	turn_until_it_loads(w);
	give(fake.each, fake.each_arg, 1, 2, true, "");
	give(fake.each, fake.each_arg, 2, 5, true, "");
	load_nothing_and_follow(3);
	assert_int_equal(vacancies(w->m), 2);
	fake.follower->to.each(fake.follower->to.arg, 4, &c);
	assert_int_equal(vacancies(w->m), 1);
	c.id = 2; /* an older one says nothing about what we have */
	fake.follower->to.each(fake.follower->to.arg, 5, &c);
	assert_int_equal(vacancies(w->m), 1);
	stream_change(6, 1, 4, true);
	assert_int_equal(vacancies(w->m), 2);
}

static void an_own_write_without_a_record_is_passed_over(void **state)
{
	struct world *w = *state;
	struct change c = { .entity = 'v', .id = 1, .version = 1, .label = "" };

	mirror_apply(w->m, &c, 1, 101, 1);
	load_nothing_and_follow(0);
	assert_true(mirror_is_ready(w->m));
	assert_int_equal(vacancies(w->m), 0);
}

static void a_mirror_may_be_freed_while_its_load_is_under_way(void **state)
{
	struct world *w = *state;

	give(fake.each, fake.each_arg, 2, 1, true, "");
	assert_true(fake.loading); /* tear_down frees it now, and the load ends after that */
	assert_false(mirror_is_ready(w->m));
}

/* Who waits, and what it was told. */
struct waiting {
	int times;
	enum status st;
	struct mirror *m; /* not NULL: waits again, for the same */
};

static void told(void *arg, enum status st)
{
	struct waiting *x = arg;

	x->st = st;
	if (x->times++ == 0 && x->m)
		mirror_await(x->m, 103, 1, 60000, (struct done){ told, x });
}

static void await(struct world *w, uint64_t xid, unsigned ms, struct waiting *x)
{
	mirror_await(w->m, xid, 1, ms, (struct done){ told, x });
}

static void turn_until_it_is_told(struct world *w, const struct waiting *x)
{
	for (int i = 0; i < 1000 && !x->times; i++)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_int_equal(x->times, 1);
}

static void what_the_stream_has_passed_is_not_waited_for(void **state)
{
	struct world *w = *state;
	struct waiting x = { 0 };

	load_nothing_and_follow(3);
	await(w, 103, 60000, &x);
	assert_int_equal(x.times, 1);
	assert_int_equal(x.st, OK);
}

static void a_wait_ends_when_the_stream_has_come_so_far(void **state)
{
	struct world *w = *state;
	struct waiting x[3] = { 0 };

	load_nothing_and_follow(0);
	await(w, 101, 60000, &x[0]);
	await(w, 102, 60000, &x[1]);
	await(w, 102, 60000, &x[2]);
	stream_change(1, 1, 1, true);
	assert_int_equal(x[0].times, 0);
	heartbeat(1);
	assert_int_equal(x[0].times, 1);
	assert_int_equal(x[0].st, OK);
	assert_int_equal(x[1].times + x[2].times, 0);
	stream_change(2, 1, 2, true);
	heartbeat(2);
	heartbeat(3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(x[i].times, 1);
}

static void a_wait_ends_with_its_patience(void **state)
{
	struct world *w = *state;
	struct waiting x = { 0 };

	load_nothing_and_follow(0);
	await(w, 101, 20, &x);
	turn_until_it_is_told(w, &x);
	assert_int_equal(x.st, E_TIMEOUT);
	stream_change(1, 1, 1, true);
	heartbeat(1);
	assert_int_equal(x.times, 1);
}

static void who_is_told_may_wait_again(void **state)
{
	struct world *w = *state;
	struct waiting x = { .m = w->m }, y = { 0 };

	load_nothing_and_follow(0);
	await(w, 101, 60000, &x);
	await(w, 101, 60000, &y);
	heartbeat(1);
	assert_int_equal(x.times, 1);
	assert_int_equal(y.times, 1);
	heartbeat(3);
	assert_int_equal(x.times, 2);
	assert_int_equal(x.st, OK);
}

static void a_freed_mirror_tells_who_waits(void **state)
{
	struct world *w = *state;
	struct waiting x = { 0 };

	await(w, 101, 60000, &x);
	mirror_free(w->m);
	assert_int_equal(x.times, 1);
	assert_int_equal(x.st, E_TIMEOUT);
	w->m = NULL;
}

static void an_own_write_is_not_waited_for_and_others_are_not_vouched_for(void **state)
{
	struct world *w = *state;
	struct waiting x = { 0 }, y = { 0 };

	load_nothing_and_follow(0);
	fake.follower->to.lost(fake.follower->to.arg, "the connection was lost");
	own_write(w->m, 5, 1, 3, "");
	await(w, 105, 60000, &x);
	assert_int_equal(x.times, 1);
	assert_int_equal(x.st, OK);
	await(w, 104, 10, &y); /* somebody else's, and before ours */
	assert_int_equal(y.times, 0);
	turn_until_it_is_told(w, &y);
	assert_int_equal(y.st, E_TIMEOUT);
}

static void a_replayed_answer_does_not_make_the_write_our_own(void **state)
{
	struct world *w = *state;

	load_nothing_and_follow(0);
	mirror_apply(w->m, NULL, 0, 105, 1);
	assert_false(mirror_has_reached(w->m, 105, 1));
}

static void the_own_reply_ends_a_wait_that_was_there_first(void **state)
{
	struct world *w = *state;
	struct waiting x = { 0 };

	load_nothing_and_follow(0);
	await(w, 105, 60000, &x);
	assert_int_equal(x.times, 0);
	own_write(w->m, 5, 1, 3, "");
	assert_int_equal(x.times, 1);
	assert_int_equal(x.st, OK);
}

static void load_again(struct world *w, const char *why)
{
	fake.follower->to.lost(fake.follower->to.arg, why);
	turn_until_it_loads(w);
}

static void an_own_write_is_vouched_for_over_a_reload(void **state)
{
	struct world *w = *state;

	load_nothing_and_follow(0);
	own_write(w->m, 5, 1, 3, "");
	load_again(w, "another generation");
	assert_true(mirror_has_reached(w->m, 105, 1));
	load_nothing_and_follow(2);
	assert_true(mirror_has_reached(w->m, 105, 1));
	assert_false(mirror_has_reached(w->m, 104, 1));
	assert_int_equal(vacancies(w->m), 1);
}

static void a_board_that_lost_what_it_had_takes_no_own_write_back(void **state)
{
	struct world *w = *state;

	load_nothing_and_follow(0);
	own_write(w->m, 5, 1, 3, "");
	stream_change(1, 1, 3, true); /* seen, but the position was not told any more */
	load_again(w, "the connection was lost");
	load_nothing_and_follow(0);
	assert_true(mirror_has_reached(w->m, 105, 1));
	assert_int_equal(vacancies(w->m), 1);
}

static void what_the_board_had_and_lost_is_waited_for_again(void **state)
{
	struct world *w = *state;

	load_nothing_and_follow(0);
	own_write(w->m, 5, 1, 3, "");
	own_write(w->m, 3, 2, 1, "");
	stream_change(1, 2, 1, true);
	stream_change(2, 1, 3, true);
	heartbeat(5);
	load_again(w, "the board went back");
	load_nothing_and_follow(0);
	assert_false(mirror_has_reached(w->m, 105, 1));
	assert_false(mirror_has_reached(w->m, 103, 1));
}

static void a_copy_stays_until_the_last_position_of_its_entity(void **state)
{
	struct world *w = *state;
	struct vacancy post;

	load_nothing_and_follow(0);
	own_write(w->m, 6, 1, 2, ""); /* the later transaction had the lock first */
	own_write(w->m, 5, 1, 3, "");
	stream_change(1, 1, 3, true);
	heartbeat(5);
	assert_true(mirror_has_reached(w->m, 106, 1));
	load_again(w, "the board went back");
	load_nothing_and_follow(0);
	assert_true(mirror_has_reached(w->m, 106, 1));
	assert_true(index_vacancy(mirror_index(w->m), 1, &post));
	assert_int_equal(post.version, 3);
}

static void the_memory_of_own_writes_has_a_bound(void **state)
{
	struct world *w = *state;
	const uint64_t many = 70000;

	load_nothing_and_follow(0);
	for (uint64_t n = 1; n <= many; n++)
		own_write(w->m, n, 1, n, "");
	assert_true(mirror_has_reached(w->m, 100 + many, 1));
	assert_true(mirror_has_reached(w->m, 100 + many - 65535, 1));
	assert_false(mirror_has_reached(w->m, 100 + many - 65536, 1));
	heartbeat(many);
	assert_true(mirror_has_reached(w->m, 101, 1));
}

/* Few ids and few texts, so that everything collides, moves and is freed. */
static void labels_are_what_was_put_last(void **state)
{
	enum { IDS = 300, TURNS = 60000 };
	struct labels *l = labels_new();
	char put[IDS][64] = { 0 };
	struct vacancy_label found;
	uint64_t seed = 7;

	(void)state;
	for (int turn = 0; turn < TURNS; turn++) {
		uint64_t id, text;

		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
		id = (seed >> 33) % IDS;
		text = (seed >> 45) % 90;
		if (text < 20) {
			labels_drop(l, (id + 1) << (id % 3 * 20));
			put[id][0] = '\0';
		} else {
			(void)snprintf(put[id], sizeof(put[id]), "%d\x1f%d\x1f%d", (int)text,
			    (int)(text % 7), (int)(id % 5));
			labels_put(l, (id + 1) << (id % 3 * 20), put[id]);
		}
		id = (seed >> 20) % IDS;
		assert_int_equal(labels_find(l, (id + 1) << (id % 3 * 20), &found),
		    put[id][0] != '\0');
		if (put[id][0]) {
			char is[64];

			(void)snprintf(is, sizeof(is), "%s\x1f%s\x1f%s", found.title,
			    found.employer, found.pay);
			assert_string_equal(is, put[id]);
		}
	}
	labels_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		IN_A_WORLD(a_load_serves_only_when_the_stream_has_made_it_sharp),
		IN_A_WORLD(an_empty_board_is_asked_again_and_the_reason_is_known),
		IN_A_WORLD(what_was_loaded_serves_on_while_the_board_is_away),
		IN_A_WORLD(an_own_write_is_seen_at_once_and_stays_over_a_reload),
		IN_A_WORLD(an_own_write_is_forgotten_when_the_stream_has_passed_it),
		IN_A_WORLD(a_tombstone_in_a_load_ends_an_own_write),
		IN_A_WORLD(a_tombstone_older_than_an_own_write_does_not_end_it),
		IN_A_WORLD(a_generation_that_changes_between_load_and_aim_is_loaded_again),
		IN_A_WORLD(a_record_that_cannot_be_read_is_passed_over),
		IN_A_WORLD(a_newer_record_that_cannot_be_read_closes_the_older_one),
		IN_A_WORLD(an_own_write_without_a_record_is_passed_over),
		IN_A_WORLD(a_mirror_may_be_freed_while_its_load_is_under_way),
		IN_A_WORLD(what_the_stream_has_passed_is_not_waited_for),
		IN_A_WORLD(a_wait_ends_when_the_stream_has_come_so_far),
		IN_A_WORLD(a_wait_ends_with_its_patience),
		IN_A_WORLD(who_is_told_may_wait_again),
		IN_A_WORLD(a_freed_mirror_tells_who_waits),
		IN_A_WORLD(an_own_write_is_not_waited_for_and_others_are_not_vouched_for),
		IN_A_WORLD(a_replayed_answer_does_not_make_the_write_our_own),
		IN_A_WORLD(the_own_reply_ends_a_wait_that_was_there_first),
		IN_A_WORLD(an_own_write_is_vouched_for_over_a_reload),
		IN_A_WORLD(a_board_that_lost_what_it_had_takes_no_own_write_back),
		IN_A_WORLD(what_the_board_had_and_lost_is_waited_for_again),
		IN_A_WORLD(a_copy_stays_until_the_last_position_of_its_entity),
		IN_A_WORLD(the_memory_of_own_writes_has_a_bound),
		cmocka_unit_test(labels_are_what_was_put_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
