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
	metrics_open(2);
	work(0, M_MATCH_QUERIES, 3);
	work(1, M_MATCH_QUERIES, 4);
	assert_written("\n# TYPE vacancyd_match_queries_total counter\n"
		       "vacancyd_match_queries_total 7\n");
}

static void a_worker_that_died_leaves_its_counts_and_takes_its_gauges(void **state)
{
	(void)state;
	metrics_open(2);
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
	metrics_open(2);
	work(0, M_LEDGER_UP, 1);
	assert_written("# TYPE vacancyd_ledger_up gauge\nvacancyd_ledger_up{worker=\"0\"} 1\n"
		       "vacancyd_ledger_up{worker=\"1\"} 0\n# HELP");
}

static void the_parent_counts_too(void **state)
{
	(void)state;
	metrics_open(1);
	metric_add(M_WORKER_RESTARTS, 2);
	assert_written("vacancyd_worker_restarts_total 2\n");
}

static void times_are_written_in_seconds(void **state)
{
	(void)state;
	metrics_open(1);
	work(0, M_HTTP_MICROSECONDS, 12000345);
	assert_written("vacancyd_http_seconds_total 12.000345\n");
	work(0, M_MIRROR_AGE_MS, -5);
	assert_written("vacancyd_mirror_age_seconds{worker=\"0\"} -0.005\n");
}

static void metrics_of_one_name_share_one_head(void **state)
{
	(void)state;
	assert_written("# TYPE vacancyd_http_answers_total counter\n"
		       "vacancyd_http_answers_total{class=\"2xx\"} 0\n"
		       "vacancyd_http_answers_total{class=\"4xx\"} 0\n"
		       "vacancyd_http_answers_total{class=\"5xx\"} 0\n# HELP");
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
		cmocka_unit_test_teardown(metrics_of_one_name_share_one_head, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
