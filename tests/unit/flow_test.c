/*
 * The flow engine: its five laws, one sentence each, on a fake operation that
 * completes at once or when the test says so.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/flow/flow.h"
#include "daemon/flow/problem.h"

#define MANY 1000

static struct bench {
	struct event_base *base;
	struct flow_engine *engine;
	struct done pending[MANY]; /* operations started and not completed */
	size_t n_pending;
	bool at_once;       /* complete before the call that starts it returns */
	enum status result; /* with which `at_once` completes */
	unsigned steps_taken;
	enum status seen; /* flow_status in the step after a wait */
} bench;

struct heard {
	unsigned times;
	int status;
	char type[40], body[2048], headers[256];
};

static int set_up(void **state)
{
	(void)state;
	memset(&bench, 0, sizeof(bench));
	bench.base = event_base_new();
	bench.engine = flow_engine_new(bench.base, NULL, 20);
	return bench.engine ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	flow_engine_free(bench.engine);
	event_base_free(bench.base);
	return 0;
}

static void hear(void *arg, const struct request *r, const struct answer *a)
{
	struct heard *h = arg;

	assert_non_null(r);
	h->times++;
	h->status = a->status;
	snprintf(h->type, sizeof(h->type), "%s", a->content_type);
	snprintf(h->body, sizeof(h->body), "%.*s", (int)a->body_len, a->body);
	h->headers[0] = '\0';
	for (size_t i = 0; i < a->n_headers; i++)
		snprintf(h->headers + strlen(h->headers),
		    sizeof(h->headers) - strlen(h->headers), "%s: %s\n", a->headers[i].name,
		    a->headers[i].value);
}

static struct flow *start(const struct plan *plan, struct heard *h)
{
	struct arena *memory = arena_new();
	struct request *r = arena_alloc(memory, sizeof(*r));

	r->path = "/";
	r->traceparent = "";
	memset(r->id, 'a', 32);
	return flow_start(bench.engine, plan, r, memory, hear, h);
}

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

static enum next count(struct flow *f, void *state)
{
	unsigned *n = state;

	(void)f;
	assert_int_equal(*n, bench.steps_taken);
	*n = ++bench.steps_taken;
	return STEP_NEXT;
}

static enum next wait_for_it(struct flow *f, void *state)
{
	(void)state;
	operation(flow_resume(f));
	return STEP_WAIT;
}

static enum next reply(struct flow *f, void *state)
{
	(void)state;
	bench.seen = flow_status(f);
	flow_header(f, "ETag", "\"3\"");
	return flow_reply(f, 200, arena_strdup(flow_arena(f), "{\"ok\":true}"));
}

static const struct plan plain = {
	.name = "plain",
	.state_size = sizeof(unsigned),
	.steps = { { "one", count }, { "two", count }, { "reply", reply } },
};

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
		TEST(others_have_their_turn_while_a_flow_yields),
		TEST(input_is_seen_while_a_flow_yields),
		TEST(long_work_runs_in_a_thread_and_not_too_much_of_it),
		TEST(a_thousand_flows_each_answer_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
