/*
 * Metrics of all workers, in one shared mapping.
 *
 * It owns their names, their kinds and the text format; it refuses to know what
 * they measure.  Each worker writes only its own slot, so nothing waits; a
 * reader may see a sum that is a moment old.  Without metrics_open there is one
 * private slot, so that parts can be tested alone.
 */
#include "daemon/metrics/metrics.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "daemon/base/buf.h"

struct counters {
	_Alignas(64) _Atomic int64_t value[METRICS];
};

/* Metrics of one name stand together: they share HELP and TYPE. */
static const struct description {
	const char *name, *help, *label;
	bool gauge;
	int decimals; /* kept as an integer of that many decimals of the unit */
} descriptions[METRICS] = {
	[M_HTTP_CONNECTIONS] = { "http_connections", "Open client connections.",
	    .gauge = true },
	[M_HTTP_REQUESTS] = { "http_requests_total", "Requests begun." },
	[M_HTTP_2XX] = { "http_answers_total", "Answers by class of status.", "class=\"2xx\"" },
	[M_HTTP_4XX] = { "http_answers_total", "", "class=\"4xx\"" },
	[M_HTTP_5XX] = { "http_answers_total", "", "class=\"5xx\"" },
	[M_HTTP_REFUSED] = { "http_refused_total", "Connections refused for their framing." },
	[M_HTTP_MICROSECONDS] = { "http_seconds_total", "Time spent on requests, in seconds.",
	    .decimals = 6 },
	[M_FLOWS_ALIVE] = { "flows_alive", "Requests that have not ended.", .gauge = true },
	[M_LEDGER_CALLS] = { "ledger_calls_total", "Calls sent to PostgreSQL." },
	[M_LEDGER_BUSY] = { "ledger_busy_total", "Calls refused because the queue was full." },
	[M_LEDGER_RECONNECTS] = { "ledger_reconnects_total",
	    "Connections to PostgreSQL made." },
	[M_LEDGER_UP] = { "ledger_up", "Whether PostgreSQL answers.", .gauge = true },
	[M_BOARD_UP] = { "board_up", "Whether Redis answers.", .gauge = true },
	[M_OUTBOX_APPLIED] = { "outbox_applied_total", "Changes applied to the board." },
	[M_OUTBOX_CONFLICTS] = { "outbox_conflicts_total",
	    "Batches that found the board at another position." },
	[M_MIRROR_VACANCIES] = { "mirror_vacancies", "Open vacancies in the mirror.",
	    .gauge = true },
	[M_MIRROR_SEEKERS] = { "mirror_seekers", "Waiting seekers in the mirror.",
	    .gauge = true },
	[M_MIRROR_AGE_MS] = { "mirror_age_seconds", "Since the board was last heard.",
	    .gauge = true, .decimals = 3 },
	[M_MIRROR_RESYNCS] = { "mirror_resyncs_total", "Times the mirror was loaded." },
	[M_MATCH_QUERIES] = { "match_queries_total", "Match lists made." },
	[M_WORKER_RESTARTS] = { "worker_restarts_total",
	    "Workers started again after a crash." },
};

static struct counters alone;
static struct counters *slots = &alone;
static int n_slots = 1; /* the last is the parent's */
static struct counters *mine = &alone;

void metrics_open(int workers)
{
	size_t size = ((size_t)workers + 1) * sizeof(struct counters);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert(workers > 0 && slots == &alone);
	if (p == MAP_FAILED) {
		perror("metrics: mmap");
		exit(1);
	}
	slots = p;
	n_slots = workers + 1;
	mine = &slots[workers];
}

void metrics_worker(int slot)
{
	assert(slot >= 0 && slot < n_slots);
	mine = &slots[slot];
	/* The worker that had this slot before is gone, and with it what it held open. */
	for (int m = 0; m < METRICS; m++)
		if (descriptions[m].gauge)
			atomic_store_explicit(&mine->value[m], 0, memory_order_relaxed);
}

void metrics_close(void)
{
	if (slots == &alone)
		return;
	munmap(slots, (size_t)n_slots * sizeof(struct counters));
	slots = mine = &alone;
	n_slots = 1;
}

void metric_add(enum metric m, int64_t n)
{
	atomic_fetch_add_explicit(&mine->value[m], n, memory_order_relaxed);
}

void metric_set(enum metric m, int64_t n)
{
	atomic_store_explicit(&mine->value[m], n, memory_order_relaxed);
}

static int64_t value_of(int slot, int m)
{
	return atomic_load_explicit(&slots[slot].value[m], memory_order_relaxed);
}

/* `worker` below 0: all of them. */
static void put_sample(struct buf *b, const struct description *d, int worker, int64_t value)
{
	int64_t scale = 1;

	buf_printf(b, "vacancyd_%s", d->name);
	if (worker >= 0)
		buf_printf(b, "{worker=\"%d\"}", worker);
	else if (d->label)
		buf_printf(b, "{%s}", d->label);
	for (int i = 0; i < d->decimals; i++)
		scale *= 10;
	buf_putc(b, ' ');
	if (value < 0) {
		buf_putc(b, '-');
		value = -value;
	}
	buf_putd(b, value / scale);
	if (d->decimals)
		buf_printf(b, ".%0*lld", d->decimals, (long long)(value % scale));
	buf_putc(b, '\n');
}

void metrics_write(struct buf *b)
{
	int workers = n_slots > 1 ? n_slots - 1 : 1;

	for (int m = 0; m < METRICS; m++) {
		const struct description *d = &descriptions[m];
		int64_t sum = 0;

		if (*d->help)
			buf_printf(b, "# HELP vacancyd_%s %s\n# TYPE vacancyd_%s %s\n", d->name,
			    d->help, d->name, d->gauge ? "gauge" : "counter");
		for (int i = 0; i < n_slots; i++)
			sum += value_of(i, m);
		if (!d->gauge)
			put_sample(b, d, -1, sum);
		else
			for (int i = 0; i < workers; i++)
				put_sample(b, d, i, value_of(i, m));
	}
}
