/*
 * A mirror's own writes, over reloads and until the stream has them; and who
 * waits for a write to be in.
 */
#include "mirror_fakes.h"

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

/* It says that it is a newer one of ours; but what else it says cannot be read either. */
static void a_record_of_a_load_that_cannot_be_read_ends_no_own_write(void **state)
{
	struct world *w = *state;
	struct record r = vacancy_record(1, 9, false);
	struct change c = { .entity = 'v',
		.id = 1,
		.version = 9,
		.record = { r.p, r.n - 1 },
		.label = "" };

	own_write(w->m, 1, 1, 3, "");
	fake.each(fake.each_arg, &c, 1);
	load_nothing_and_follow(0);
	assert_int_equal(vacancies(w->m), 1);
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

/* Serves two posts, of transactions 103 and 105; then the board has neither any more. */
static void lose_what_was_served(struct world *w)
{
	load_nothing_and_follow(0);
	own_write(w->m, 5, 1, 3, "");
	own_write(w->m, 3, 2, 1, "");
	stream_change(1, 2, 1, true);
	stream_change(2, 1, 3, true);
	heartbeat(5);
	assert_int_equal(vacancies(w->m), 2);
	load_again(w, "the board went back");
}

static void what_the_board_had_and_lost_is_served_until_it_has_it_again(void **state)
{
	struct world *w = *state;

	lose_what_was_served(w);
	load_nothing_and_follow(0);
	assert_int_equal(vacancies(w->m), 2);
	assert_true(mirror_has_reached(w->m, 105, 1));
	assert_false(mirror_is_following(w->m));
	stream_change(1, 2, 1, true);
	heartbeat(3);
	assert_int_equal(vacancies(w->m), 2);
	assert_false(mirror_is_following(w->m));
	stream_change(2, 1, 4, false);
	heartbeat(5);
	assert_true(mirror_is_following(w->m));
	assert_int_equal(vacancies(w->m), 1);
}

static void what_another_generation_lacks_is_waited_for_again(void **state)
{
	struct world *w = *state;
	struct board_position at = { .generation = 2, .xid = 101, .id = 1, .seq = 0 };

	lose_what_was_served(w);
	loaded(OK, 0);
	positioned(0);
	fake.follower->to.alive(fake.follower->to.arg, &at);
	assert_true(mirror_is_following(w->m));
	assert_int_equal(vacancies(w->m), 0);
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
	load_again(w, "the connection was lost");
	load_nothing_and_follow(5);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_WORLD(an_own_write_is_seen_at_once_and_stays_over_a_reload),
		IN_A_WORLD(an_own_write_is_forgotten_when_the_stream_has_passed_it),
		IN_A_WORLD(a_tombstone_in_a_load_ends_an_own_write),
		IN_A_WORLD(a_tombstone_older_than_an_own_write_does_not_end_it),
		IN_A_WORLD(a_record_of_a_load_that_cannot_be_read_ends_no_own_write),
		IN_A_WORLD(an_own_write_without_a_record_is_passed_over),
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
		IN_A_WORLD(what_the_board_had_and_lost_is_served_until_it_has_it_again),
		IN_A_WORLD(what_another_generation_lacks_is_waited_for_again),
		IN_A_WORLD(a_copy_stays_until_the_last_position_of_its_entity),
		IN_A_WORLD(the_memory_of_own_writes_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
