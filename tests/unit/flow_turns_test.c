/*
 * Work that takes long: in pieces between which others have their turn, or in a thread.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tests/unit/flow_bench.h"

static enum next count_and_yield(struct flow *f, void *state)
{
	unsigned *n = state;

	return ++*n < 3 ? flow_yield(f) : STEP_NEXT;
}

static void others_have_their_turn_while_a_flow_yields(void **state)
{
	static const struct plan yielding = {
		.name = "yielding",
		.state_size = sizeof(unsigned),
		.streams = true,
		.steps = { { "yield", count_and_yield, .again = true }, { "reply", reply } },
	};
	struct heard first = { 0 }, other = { 0 };

	(void)state;
	start(&yielding, &first);
	assert_int_equal(first.times, 0);
	start(&plain, &other);
	assert_int_equal(other.times, 1);
	event_base_dispatch(bench.base);
	assert_int_equal(first.times, 1);
	assert_int_equal(first.status, 200);
}

static enum next yield_a_thousand_times(struct flow *f, void *state)
{
	int *n = state;

	return ++*n < 1000 ? flow_yield(f) : STEP_NEXT;
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

/* Who waits in the last queue, as requests do for their turn, waits for one piece too. */
static void the_last_in_order_have_their_turn_while_a_flow_yields(void **state)
{
	static const struct plan yielding = {
		.name = "yielding",
		.state_size = sizeof(int),
		.streams = true,
		.steps = { { "yield", yield_a_thousand_times, .again = true },
		    { "reply", reply } },
	};
	struct heard h = { 0 };
	bool is_seen = false;
	struct event *late;

	(void)state;
	assert_int_equal(event_base_priority_init(bench.base, 3), 0);
	late = event_new(bench.base, -1, 0, on_input, &is_seen);
	assert_int_equal(event_priority_set(late, 2), 0);
	start(&yielding, &h);
	event_active(late, EV_TIMEOUT, 1);
	for (int i = 0; i < 3 && !is_seen; i++)
		event_base_loop(bench.base, EVLOOP_ONCE);
	assert_true(is_seen);
	assert_int_equal(h.times, 0);
	event_free(late);
	event_base_dispatch(bench.base);
	assert_int_equal(h.times, 1);
}

/* What arrives from outside waits for one piece of work, not for all of it. */
static void input_is_seen_while_a_flow_yields(void **state)
{
	static const struct plan yielding = {
		.name = "yielding",
		.state_size = sizeof(int),
		.streams = true,
		.steps = { { "yield", yield_a_thousand_times, .again = true },
		    { "reply", reply } },
	};
	struct heard h = { 0 };
	bool is_seen = false;
	struct event *input;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	input = event_new(bench.base, ends[0], EV_READ, on_input, &is_seen);
	event_add(input, NULL);
	start(&yielding, &h);
	assert_int_equal(write(ends[1], "x", 1), 1);
	for (int i = 0; i < 3 && !is_seen; i++)
		event_base_loop(bench.base, EVLOOP_ONCE);
	assert_true(is_seen);
	assert_int_equal(h.times, 0);
	event_free(input);
	event_base_dispatch(bench.base);
	assert_int_equal(h.times, 1);
	close(ends[0]);
	close(ends[1]);
}

static atomic_bool may_end;
static pthread_t worked_in;

static void work(void *arg)
{
	(void)arg;
	worked_in = pthread_self();
	while (!atomic_load(&may_end))
		sched_yield();
}

static enum next set_aside(struct flow *f, void *state)
{
	return flow_aside(f, work, state);
}

static void long_work_runs_in_a_thread_and_not_too_much_of_it(void **state)
{
	static const struct plan aside = {
		.name = "aside",
		.streams = true,
		.steps = { { "aside", set_aside }, { "reply", reply } },
	};
	struct heard h[3] = { 0 }, other = { 0 };

	(void)state;
	atomic_store(&may_end, false);
	for (size_t i = 0; i < 3; i++)
		start(&aside, &h[i]);
	assert_int_equal(h[2].status, 503);
	start(&plain, &other);
	assert_int_equal(other.times, 1);
	assert_int_equal(h[0].times + h[1].times, 0);
	atomic_store(&may_end, true);
	event_base_dispatch(bench.base);
	assert_int_equal(h[0].status, 200);
	assert_int_equal(h[1].status, 200);
	assert_false(pthread_equal(worked_in, pthread_self()));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(others_have_their_turn_while_a_flow_yields),
		TEST(input_is_seen_while_a_flow_yields),
		TEST(the_last_in_order_have_their_turn_while_a_flow_yields),
		TEST(long_work_runs_in_a_thread_and_not_too_much_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
