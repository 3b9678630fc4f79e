/*
 * Requests by route and refusals by kind.
 *
 * It owns the bounds of the histogram and what counts as which status; which routes there are
 * it is told once.  What was refused before it came to a route (nonsense, a path that nobody
 * has, a head that never ended) is counted by its kind alone: a scan of the port is no error
 * of ours, and no route's.  A line that is 0 is not written.
 */
#include "daemon/metrics/slots.h"

#include <stdio.h>

#include "daemon/base/buf.h"
#include "daemon/base/count.h"

enum answered { OF_2XX, OF_304, OF_4XX, OF_5XX, ANSWERED };

static const char *const answered_names[ANSWERED] = { "2xx", "304", "4xx", "5xx" };

static const struct {
	int64_t us;
	const char *seconds;
} bounds[] = {
	{ 500, "0.0005" },
	{ 1000, "0.001" },
	{ 2500, "0.0025" },
	{ 5000, "0.005" },
	{ 10000, "0.01" },
	{ 25000, "0.025" },
	{ 50000, "0.05" },
	{ 100000, "0.1" },
	{ 250000, "0.25" },
	{ 500000, "0.5" },
	{ 1000000, "1" },
	{ 2500000, "2.5" },
	{ 5000000, "5" },
};

enum {
	BOUNDS = COUNT(bounds),
	OVER = BOUNDS, /* longer than the last */
	SUM_US,
	HISTOGRAM
};

static struct metric_labels labels;

/* First the histograms, then refusals with a route, then those without. */
static size_t histogram_at(size_t route, enum answered how)
{
	return (route * ANSWERED + how) * HISTOGRAM;
}

static size_t problem_at(size_t problem, bool has_route)
{
	return histogram_at(labels.n_routes, OF_2XX) +
	       (has_route ? problem : labels.n_problems + problem);
}

size_t requests_cells(const struct metric_labels *l)
{
	return l ? l->n_routes * ANSWERED * HISTOGRAM + 2 * l->n_problems : 0;
}

void requests_name(const struct metric_labels *l)
{
	labels = l ? *l : (struct metric_labels){ 0 };
}

static enum answered how_of(int status)
{
	if (status == 304)
		return OF_304;
	return status < 400 ? OF_2XX : status < 500 ? OF_4XX : OF_5XX;
}

void metric_answered(size_t route, int status, int64_t us)
{
	size_t bound = 0;
	cell *c;

	if (route >= labels.n_routes)
		return;
	c = slot_requests(-1) + histogram_at(route, how_of(status));
	while (bound < BOUNDS && us > bounds[bound].us)
		bound++;
	cell_add(&c[bound], 1);
	cell_add(&c[SUM_US], us);
}

void metric_refused(size_t problem, bool has_route)
{
	if (problem < labels.n_problems)
		cell_add(slot_requests(-1) + problem_at(problem, has_route), 1);
}

static int64_t sum_at(size_t at)
{
	int64_t sum = 0;

	for (int i = 0; i < slots_count(); i++)
		sum += cell_read(slot_requests(i) + at);
	return sum;
}

static const char duration[] = "vacancyd_http_request_duration_seconds";

static void put_histogram(struct buf *b, size_t route, enum answered how)
{
	size_t at = histogram_at(route, how);
	int64_t n[OVER + 1], count = 0, us;
	const char *method, *path;
	char label[160];

	for (size_t i = 0; i <= OVER; i++)
		count += n[i] = sum_at(at + i);
	us = sum_at(at + SUM_US);
	if (!count)
		return;
	labels.route(route, &method, &path);
	snprintf(label, sizeof(label), "method=\"%s\",route=\"%s\",status=\"%s\"", method, path,
	    answered_names[how]);
	count = 0;
	for (size_t i = 0; i <= OVER; i++) {
		count += n[i];
		buf_printf(b, "%s_bucket{%s,le=\"%s\"} %lld\n", duration, label,
		    i < BOUNDS ? bounds[i].seconds : "+Inf", (long long)count);
	}
	buf_printf(b, "%s_sum{%s} %lld.%06lld\n%s_count{%s} %lld\n", duration, label,
	    (long long)(us / 1000000), (long long)(us % 1000000), duration, label,
	    (long long)count);
}

static void put_refusals(struct buf *b, const char *name, const char *help, bool has_route)
{
	char label[80];

	metrics_put_head(b, name, help, "counter");
	for (size_t i = 0; i < labels.n_problems; i++) {
		int64_t n = sum_at(problem_at(i, has_route));

		snprintf(label, sizeof(label), "problem=\"%s\"", labels.problem(i));
		if (n)
			metrics_put_line(b, name, label, n, 0);
	}
}

void requests_write(struct buf *b)
{
	if (!requests_cells(&labels))
		return;
	metrics_put_head(b, "http_request_duration_seconds",
	    "From the end of a request's head to its answer, by route and status.",
	    "histogram");
	for (size_t i = 0; i < labels.n_routes; i++)
		for (int how = 0; how < ANSWERED; how++)
			put_histogram(b, i, (enum answered)how);
	put_refusals(b, "http_refusals_total", "Requests of a route refused, by kind.", true);
	put_refusals(b, "http_unrouted_total",
	    "Requests refused before they came to a route, by kind: scans, nonsense.", false);
}
