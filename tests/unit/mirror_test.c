/*
 * The images of a mirror: loading, following, what cannot be read, and the
 * display text.
 */
#include "mirror_fakes.h"

#include <stdio.h>
#include <string.h>

#include "daemon/mirror/labels.h"

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

static void a_load_comes_in_any_number_at_a_time(void **state)
{
	struct world *w = *state;
	struct record records[BOARD_EACH_MOST];
	struct change changes[BOARD_EACH_MOST];
	struct vacancy_label label;
	char text[32];

	for (uint64_t first = 1; first < 2000; first += BOARD_EACH_MOST) {
		for (uint64_t i = 0; i < BOARD_EACH_MOST; i++) {
			records[i] = vacancy_record(first + i, 1, true);
			changes[i] = (struct change){ .entity = 'v',
				.id = first + i,
				.version = 1,
				.record = { records[i].p, records[i].n },
				.label = i % 2   ? "a\x1f\x1f"
					 : i % 3 ? "a\x1f"
						   "b\x1f"
						   "c"
						 : "a" };
		}
		fake.each(fake.each_arg, changes, BOARD_EACH_MOST);
	}
	load_nothing_and_follow(0);
	assert_int_equal(vacancies(w->m), (2000 / BOARD_EACH_MOST + 1) * BOARD_EACH_MOST);
	for (uint64_t id = 1; id < 2000; id++) {
		uint64_t i = (id - 1) % BOARD_EACH_MOST;

		assert_true(mirror_label(w->m, id, &label));
		(void)snprintf(text, sizeof(text), "%s/%s/%s", label.title, label.employer,
		    label.pay);
		assert_string_equal(text, i % 2 ? "a//" : i % 3 ? "a/b/c" : "a//");
	}
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

static void a_mirror_may_be_freed_while_its_load_is_under_way(void **state)
{
	struct world *w = *state;

	give(fake.each, fake.each_arg, 2, 1, true, "");
	assert_true(fake.loading); /* tear_down frees it now, and the load ends after that */
	assert_false(mirror_is_ready(w->m));
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
			labels_fetch(l,
			    &(struct change){ .entity = 'v',
				.id = (id + 1) << (id % 3 * 20),
				.label = put[id] },
			    1);
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
		IN_A_WORLD(a_load_serves_only_when_the_stream_has_made_it_sharp),
		IN_A_WORLD(a_load_comes_in_any_number_at_a_time),
		IN_A_WORLD(an_empty_board_is_asked_again_and_the_reason_is_known),
		IN_A_WORLD(what_was_loaded_serves_on_while_the_board_is_away),
		IN_A_WORLD(a_generation_that_changes_between_load_and_aim_is_loaded_again),
		IN_A_WORLD(a_record_that_cannot_be_read_is_passed_over),
		IN_A_WORLD(a_newer_record_that_cannot_be_read_closes_the_older_one),
		IN_A_WORLD(a_mirror_may_be_freed_while_its_load_is_under_way),
		cmocka_unit_test(labels_are_what_was_put_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
