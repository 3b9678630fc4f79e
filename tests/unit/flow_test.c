/*
 * The flow engine: its five laws, one sentence each, on a fake operation that
 * completes at once or when the test says so.
 */
#include "daemon/base/buf.h"
#include "daemon/flow/problem.h"
#include "tests/unit/flow_bench.h"

static void operation(struct done done)
{
	if (bench.at_once)
		done_call(done, bench.result);
	else
		bench.pending[bench.n_pending++] = done;
}

static void complete_all(enum status st)
{
	size_t n = bench.n_pending;

	bench.n_pending = 0;
	for (size_t i = 0; i < n; i++)
		done_call(bench.pending[i], st);
}

/* Runs the loop until the engine has answered for the deadline, at most 2 s. */
static void pass_the_deadline(const struct heard *h)
{
	struct timeval bound = { 2, 0 };

	event_base_loopexit(bench.base, &bound);
	while (!h->times && !event_base_got_exit(bench.base))
		event_base_loop(bench.base, EVLOOP_ONCE);
}

static enum next wait_for_it(struct flow *f, void *state)
{
	(void)state;
	operation(flow_resume(f));
	return STEP_WAIT;
}

static const struct plan waiting = {
	.name = "waiting",
	.state_size = sizeof(unsigned),
	.steps = { { "one", count }, { "wait", wait_for_it }, { "wait again", wait_for_it },
	    { "reply", reply } },
};

static const struct plan forgiving = {
	.name = "forgiving",
	.steps = { { "wait", wait_for_it, .may_fail = true }, { "reply", reply } },
};

static void steps_run_in_order_and_the_last_answers(void **state)
{
	struct heard h = { 0 };

	(void)state;
	assert_null(start(&plain, &h));
	assert_int_equal(bench.steps_taken, 2);
	assert_int_equal(h.times, 1);
	assert_int_equal(h.status, 200);
	assert_string_equal(h.body, "{\"ok\":true}");
	assert_string_equal(h.type, "application/json");
	assert_string_equal(h.headers, "ETag: \"3\"\n");
	assert_int_equal(flow_engine_alive(bench.engine), 0);
}

static void a_wait_ends_when_its_operation_completes(void **state)
{
	struct heard h = { 0 };

	(void)state;
	assert_non_null(start(&waiting, &h));
	assert_int_equal(flow_engine_alive(bench.engine), 1);
	complete_all(OK);
	assert_int_equal(h.times, 0);
	assert_int_equal(bench.n_pending, 1);
	complete_all(OK);
	assert_int_equal(h.times, 1);
	assert_int_equal(h.status, 200);
	assert_int_equal(flow_engine_alive(bench.engine), 0);
}

static void an_operation_may_complete_before_its_call_returns(void **state)
{
	struct heard h = { 0 };

	(void)state;
	bench.at_once = true;
	assert_null(start(&waiting, &h));
	assert_int_equal(h.times, 1);
	assert_int_equal(h.status, 200);
	assert_int_equal(flow_engine_alive(bench.engine), 0);
}

static void a_failed_wait_is_the_problem_of_its_status(void **state)
{
	static const struct {
		enum status st;
		int http;
		const char *slug;
	} cases[] = {
		{ E_INVALID, 422, "validation-failed" },
		{ E_NOT_FOUND, 404, "not-found" },
		{ E_CONFLICT, 409, "wrong-state" },
		{ E_BUSY, 503, "busy" },
		{ E_UNAVAILABLE, 503, "ledger-away" },
		{ E_UNKNOWN, 503, "ledger-away" }, /* of a read */
		{ E_TIMEOUT, 504, "ledger-slow" },
		{ E_INTERNAL, 500, "internal" },
	};

	(void)state;
	assert_string_equal(problem_of_status(E_UNKNOWN), "outcome-unknown");
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		size_t which = i / 2;
		struct heard h = { 0 };

		bench.at_once = i % 2;
		bench.result = cases[which].st;
		start(&waiting, &h);
		complete_all(cases[which].st);
		assert_int_equal(h.times, 1);
		assert_int_equal(h.status, cases[which].http);
		assert_non_null(strstr(h.body, cases[which].slug));
		assert_string_equal(h.type, "application/problem+json");
		if (cases[which].http == 503)
			assert_non_null(strstr(h.headers, "Retry-After: "));
		assert_int_equal(flow_engine_alive(bench.engine), 0);
		bench.steps_taken = 0;
	}
}

static void a_step_that_may_fail_does_not_end_the_request(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&forgiving, &h);
	complete_all(E_UNAVAILABLE);
	assert_int_equal(h.status, 200);
	assert_int_equal(bench.seen, E_UNAVAILABLE);
	bench.at_once = true;
	bench.result = E_BUSY;
	start(&forgiving, &h);
	assert_int_equal(h.times, 2);
	assert_int_equal(h.status, 200);
	assert_int_equal(bench.seen, E_BUSY);
}

static void the_deadline_answers_504_and_a_late_answer_is_dropped_quietly(void **state)
{
	struct heard h = { 0 };

	(void)state;
	assert_non_null(start(&waiting, &h));
	pass_the_deadline(&h);
	assert_int_equal(h.times, 1);
	assert_int_equal(h.status, 504);
	assert_non_null(strstr(h.body, "/problems/deadline"));
	assert_int_equal(flow_engine_alive(bench.engine), 1);
	complete_all(OK);
	assert_int_equal(bench.n_pending, 1); /* the work runs out: the next step was taken */
	complete_all(OK);
	assert_int_equal(h.times, 1);
	assert_int_equal(flow_engine_alive(bench.engine), 0);
}

static void after_the_deadline_a_failure_is_dropped_too(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&waiting, &h);
	pass_the_deadline(&h);
	complete_all(E_UNAVAILABLE);
	assert_int_equal(h.times, 1);
	assert_int_equal(h.status, 504);
	assert_int_equal(flow_engine_alive(bench.engine), 0);
}

static void the_deadline_counts_from_each_flows_own_start(void **state)
{
	struct heard first = { 0 }, second = { 0 };

	(void)state;
	start(&waiting, &first);
	bench.steps_taken = 0;
	pass_the_deadline(&first);
	start(&waiting, &second);
	assert_int_equal(second.times, 0);
	pass_the_deadline(&second);
	assert_int_equal(second.status, 504);
	assert_int_equal(first.times, 1);
	complete_all(E_TIMEOUT);
	assert_int_equal(flow_engine_alive(bench.engine), 0);
}

static void an_abandoned_flow_answers_nobody_and_runs_out(void **state)
{
	struct heard h = { 0 };
	struct flow *f;

	(void)state;
	f = start(&waiting, &h);
	flow_abandon(f);
	complete_all(OK);
	complete_all(OK);
	assert_int_equal(h.times, 0);
	assert_int_equal(flow_engine_alive(bench.engine), 0);
	assert_int_equal(bench.seen, OK);
}

static enum next answer_nothing(struct flow *f, void *state)
{
	(void)f;
	(void)state;
	return STEP_DONE;
}

static enum next wait_for_nothing(struct flow *f, void *state)
{
	(void)f;
	(void)state;
	return STEP_WAIT;
}

static enum next answer_and_leave_work(struct flow *f, void *state)
{
	(void)state;
	operation(flow_resume(f));
	return flow_reply(f, 200, "{}");
}

static void a_plan_that_breaks_a_law_answers_500_once(void **state)
{
	const struct plan broken[] = {
		{ .name = "silent", .steps = { { "s", answer_nothing } } },
		{ .name = "waits", .steps = { { "s", wait_for_nothing } } },
		{ .name = "endless",
		    .steps = { { "s", count } },
		    .state_size = sizeof(unsigned) },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct heard h = { 0 };

		start(&broken[i], &h);
		assert_int_equal(h.times, 1);
		assert_int_equal(h.status, 500);
		assert_int_equal(flow_engine_alive(bench.engine), 0);
	}
}

static void a_flow_is_not_freed_while_its_operation_is_out(void **state)
{
	const struct plan leaving = { .name = "l",
		.steps = { { "s", answer_and_leave_work } } };
	struct heard h = { 0 };

	(void)state;
	assert_null(start(&leaving, &h));
	assert_int_equal(h.times, 1);
	assert_int_equal(flow_engine_alive(bench.engine), 1);
	complete_all(OK);
	assert_int_equal(h.times, 1);
	assert_int_equal(flow_engine_alive(bench.engine), 0);
}

/* 1,000 at once; the odd ones fail, every tenth client hangs up. */
static void a_thousand_flows_each_answer_once(void **state)
{
	static struct heard h[MANY];
	static struct flow *f[MANY];
	struct done first[MANY];

	(void)state;
	memset(h, 0, sizeof(h));
	for (size_t i = 0; i < MANY; i++)
		f[i] = start(&forgiving, &h[i]);
	assert_int_equal(flow_engine_alive(bench.engine), MANY);
	memcpy(first, bench.pending, sizeof(first));
	for (size_t i = 0; i < MANY; i += 10)
		flow_abandon(f[i]);
	for (size_t i = MANY; i-- > 0;)
		done_call(first[i], i % 2 ? E_UNAVAILABLE : OK);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(h[i].times, i % 10 ? 1 : 0);
		assert_int_equal(h[i].status, i % 10 ? 200 : 0);
	}
	assert_int_equal(flow_engine_alive(bench.engine), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(steps_run_in_order_and_the_last_answers),
		TEST(a_wait_ends_when_its_operation_completes),
		TEST(an_operation_may_complete_before_its_call_returns),
		TEST(a_failed_wait_is_the_problem_of_its_status),
		TEST(a_step_that_may_fail_does_not_end_the_request),
		TEST(the_deadline_answers_504_and_a_late_answer_is_dropped_quietly),
		TEST(after_the_deadline_a_failure_is_dropped_too),
		TEST(the_deadline_counts_from_each_flows_own_start),
		TEST(an_abandoned_flow_answers_nobody_and_runs_out),
		TEST(a_plan_that_breaks_a_law_answers_500_once),
		TEST(a_flow_is_not_freed_while_its_operation_is_out),
		TEST(a_thousand_flows_each_answer_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
