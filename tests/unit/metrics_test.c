/*
 * Metrics: what workers count is seen by whoever writes it out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/buf.h"
#include "daemon/metrics/metrics.h"

static struct buf text;

static int stop(void **state)
{
	(void)state;
	buf_free(&text);
	metrics_close();
	return 0;
}

static void assert_written(const char *line)
{
	buf_clear(&text);
	metrics_write(&text);
	if (!strstr(text.data, line))
		fail_msg("no \"%s\" in:\n%s", line, text.data);
}

/* A worker of that slot, that ends at once. */
static void work(int slot, enum metric m, int64_t n)
{
	pid_t child = fork();
	int how = 1;

	if (child == 0) {
		metrics_worker(slot);
		metric_add(m, n);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(how, 0);
}

static void counters_are_summed_over_workers(void **state)
{
	(void)state;
	metrics_open(2, NULL);
	work(0, M_MATCH_QUERIES, 3);
	work(1, M_MATCH_QUERIES, 4);
	assert_written("\n# TYPE vacancyd_match_queries_total counter\n"
		       "vacancyd_match_queries_total 7\n");
}

static void a_worker_that_died_leaves_its_counts_and_takes_its_gauges(void **state)
{
	(void)state;
	metrics_open(2, NULL);
	work(1, M_MATCH_QUERIES, 3);
	work(1, M_HTTP_CONNECTIONS, 5);
	assert_written("vacancyd_http_connections{worker=\"1\"} 5\n");
	work(1, M_MATCH_QUERIES, 1);
	assert_written("vacancyd_http_connections{worker=\"1\"} 0\n");
	assert_written("vacancyd_match_queries_total 4\n");
}

static void gauges_are_one_line_a_worker(void **state)
{
	(void)state;
	metrics_open(2, NULL);
	work(0, M_LEDGER_UP, 1);
	assert_written("# TYPE vacancyd_ledger_up gauge\nvacancyd_ledger_up{worker=\"0\"} 1\n"
		       "vacancyd_ledger_up{worker=\"1\"} 0\n# HELP");
}

static void the_parent_counts_too(void **state)
{
	(void)state;
	metrics_open(1, NULL);
	metric_add(M_WORKER_RESTARTS, 2);
	assert_written("vacancyd_worker_restarts_total 2\n");
}

static void times_are_written_in_seconds(void **state)
{
	(void)state;
	metrics_open(1, NULL);
	work(0, M_PROCESS_CPU_US, 12000345);
	assert_written("\n# TYPE process_cpu_seconds_total counter\n"
		       "process_cpu_seconds_total{worker=\"0\"} 12.000345\n");
	work(0, M_MIRROR_AGE_MS, -5);
	assert_written("vacancyd_mirror_age_seconds{worker=\"0\"} -0.005\n");
}

static void name_route(size_t i, const char **method, const char **path)
{
	*method = i ? "PUT" : "GET";
	*path = "/v1/things/{thing}";
}

static const char *name_problem(size_t i)
{
	static const char *const names[] = { "internal", "not-found", "busy" };

	return names[i];
}

static const struct metric_labels labels = { 2, 3, name_route, name_problem };

/* A worker of that slot, that has answered some requests and ends. */
static void answer(int slot, size_t route, int status, int64_t us, size_t problem,
    bool has_route)
{
	pid_t child = fork();
	int how = 1;

	if (child == 0) {
		metrics_worker(slot);
		metric_answered(route, status, us);
		metric_refused(problem, has_route);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_int_equal(how, 0);
}

#define TOOK "vacancyd_http_request_duration_seconds"

static void requests_are_told_apart_by_route_and_status_and_summed(void **state)
{
	(void)state;
	metrics_open(2, &labels);
	answer(0, 1, 200, 900, 99, true);
	answer(1, 1, 201, 2500, 99, true);
	answer(1, 1, 204, 9000000, 99, true);
	assert_written("\n# TYPE " TOOK " histogram\n" TOOK
		       "_bucket{method=\"PUT\",route=\"/v1/things/{thing}\",status=\"2xx\","
		       "le=\"0.0005\"} 0\n");
	assert_written("status=\"2xx\",le=\"0.001\"} 1\n");
	assert_written("status=\"2xx\",le=\"0.0025\"} 2\n");
	assert_written("status=\"2xx\",le=\"5\"} 2\n");
	assert_written("status=\"2xx\",le=\"+Inf\"} 3\n");
	assert_written(TOOK "_sum{method=\"PUT\",route=\"/v1/things/{thing}\",status=\"2xx\"} "
			    "9.003400\n");
	assert_written(
	    TOOK "_count{method=\"PUT\",route=\"/v1/things/{thing}\",status=\"2xx\"} "
		 "3\n");
	assert_null(strstr(text.data, "method=\"GET\""));
}

static void a_copy_that_is_still_right_is_no_other_answer(void **state)
{
	(void)state;
	metrics_open(1, &labels);
	answer(0, 0, 304, 100, 99, true);
	answer(0, 0, 404, 100, 1, true);
	answer(0, 0, 504, 100, 0, true);
	assert_written(
	    "_count{method=\"GET\",route=\"/v1/things/{thing}\",status=\"304\"} 1\n");
	assert_written(
	    "_count{method=\"GET\",route=\"/v1/things/{thing}\",status=\"4xx\"} 1\n");
	assert_written(
	    "_count{method=\"GET\",route=\"/v1/things/{thing}\",status=\"5xx\"} 1\n");
	assert_null(strstr(text.data, "2xx"));
}

static void refusals_without_a_route_stand_apart(void **state)
{
	(void)state;
	metrics_open(2, &labels);
	answer(0, 99, 404, 100, 1, false);
	answer(1, 99, 404, 100, 1, false);
	answer(1, 0, 503, 100, 2, true);
	assert_written("\n# TYPE vacancyd_http_refusals_total counter\n"
		       "vacancyd_http_refusals_total{problem=\"busy\"} 1\n# HELP");
	assert_written("\n# TYPE vacancyd_http_unrouted_total counter\n"
		       "vacancyd_http_unrouted_total{problem=\"not-found\"} 2\n");
	assert_null(strstr(text.data, "4xx"));
}

static void a_process_says_how_it_is(void **state)
{
	(void)state;
	metrics_open(1, NULL);
	metrics_worker(0);
	assert_true(metrics_measure_process() > 1 << 20);
	assert_written("vacancyd_build_info{version=\"" VACANCYD_VERSION "\"} 1\n");
	assert_written("process_resident_memory_bytes{worker=\"0\"} ");
	assert_null(strstr(text.data, "process_resident_memory_bytes{worker=\"0\"} 0\n"));
	assert_null(strstr(text.data, "process_open_fds{worker=\"0\"} 0\n"));
	assert_null(strstr(text.data, "process_max_fds{worker=\"0\"} 0\n"));
	assert_null(strstr(text.data, "process_start_time_seconds{worker=\"0\"} 0."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(counters_are_summed_over_workers, stop),
		cmocka_unit_test_teardown(
		    a_worker_that_died_leaves_its_counts_and_takes_its_gauges, stop),
		cmocka_unit_test_teardown(gauges_are_one_line_a_worker, stop),
		cmocka_unit_test_teardown(the_parent_counts_too, stop),
		cmocka_unit_test_teardown(times_are_written_in_seconds, stop),
		cmocka_unit_test_teardown(
		    requests_are_told_apart_by_route_and_status_and_summed, stop),
		cmocka_unit_test_teardown(a_copy_that_is_still_right_is_no_other_answer, stop),
		cmocka_unit_test_teardown(refusals_without_a_route_stand_apart, stop),
		cmocka_unit_test_teardown(a_process_says_how_it_is, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
