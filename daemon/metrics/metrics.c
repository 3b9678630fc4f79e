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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "daemon/base/buf.h"
#include "daemon/metrics/slots.h"

/* Then come those of requests.c. */
struct counters {
	_Alignas(64) cell value[METRICS];
};

#define KEYS_REFUSED "keys_refused_total", "Requests whose key was refused, by reason."
#define LEDGER_DONE  "ledger_done_total", "Calls that PostgreSQL has answered, by class."
#define LEDGER_HELD                                                                            \
	"ledger_held_seconds_total",                                                           \
	    "How long calls held a connection to PostgreSQL, by "                              \
	    "class.",                                                                          \
	    COUNTER, 6

static const struct description {
	const char *name, *help;
	enum { COUNTER, GAUGE, OF_WORKER } kind; /* OF_WORKER: a counter, one line a worker */
	int decimals;      /* kept as an integer of that many decimals of the unit */
	const char *label; /* a counter's; those of one name stand together */
} descriptions[METRICS] = {
	[M_HTTP_CONNECTIONS] = { "http_connections", "Open client connections.", GAUGE },
	[M_HTTP_PREFLIGHTS] = { "http_preflights_total",
	    "Questions of browsers what a page of a listed origin may send." },
	[M_KEYS_MALFORMED] = { KEYS_REFUSED, .label = "reason=\"malformed\"" },
	[M_KEYS_UNKNOWN] = { KEYS_REFUSED, .label = "reason=\"unknown\"" },
	[M_KEYS_WRONG] = { KEYS_REFUSED, .label = "reason=\"secret\"" },
	[M_KEYS_REVOKED] = { KEYS_REFUSED, .label = "reason=\"revoked\"" },
	[M_KEYS_EXPIRED] = { KEYS_REFUSED, .label = "reason=\"expired\"" },
	[M_KEYS_OF_ROLE] = { KEYS_REFUSED, .label = "reason=\"role\"" },
	[M_TLS_HANDSHAKES] = { "tls_handshakes_total", "Connections that agreed on TLS." },
	[M_TLS_FAILURES] = { "tls_handshake_failures_total", "Connections that did not." },
	[M_FLOWS_ALIVE] = { "flows_alive", "Requests that have not ended.", GAUGE },
	[M_LEDGER_CALLS] = { "ledger_calls_total", "Calls sent to PostgreSQL." },
	[M_LEDGER_BUSY] = { "ledger_busy_total", "Calls refused because the queue was full." },
	[M_LEDGER_READS] = { LEDGER_DONE, .label = "class=\"read\"" },
	[M_LEDGER_WRITES] = { LEDGER_DONE, .label = "class=\"write\"" },
	[M_LEDGER_REPORTS] = { LEDGER_DONE, .label = "class=\"report\"" },
	[M_LEDGER_OURS] = { LEDGER_DONE, .label = "class=\"own\"" },
	[M_LEDGER_READS_US] = { LEDGER_HELD, .label = "class=\"read\"" },
	[M_LEDGER_WRITES_US] = { LEDGER_HELD, .label = "class=\"write\"" },
	[M_LEDGER_REPORTS_US] = { LEDGER_HELD, .label = "class=\"report\"" },
	[M_LEDGER_OURS_US] = { LEDGER_HELD, .label = "class=\"own\"" },
	[M_REPORTS_LIMITED] = { "reports_limited_total",
	    "Reports refused because the organisation had had its part." },
	[M_LEDGER_RECONNECTS] = { "ledger_reconnects_total",
	    "Connections to PostgreSQL made." },
	[M_LEDGER_UP] = { "ledger_up", "Whether PostgreSQL answers.", GAUGE },
	[M_BOARD_UP] = { "board_up", "Whether Redis answers.", GAUGE },
	[M_OUTBOX_APPLIED] = { "outbox_applied_total", "Changes applied to the board." },
	[M_OUTBOX_CONFLICTS] = { "outbox_conflicts_total",
	    "Batches that found the board at another position." },
	[M_MIRROR_VACANCIES] = { "mirror_vacancies", "Open vacancies in the worker's mirror.",
	    GAUGE },
	[M_MIRROR_SEEKERS] = { "mirror_seekers", "Waiting seekers in the worker's mirror.",
	    GAUGE },
	[M_MIRROR_AGE_MS] = { "mirror_age_seconds", "Since the board was last heard.", GAUGE,
	    3 },
	[M_MIRROR_RESYNCS] = { "mirror_resyncs_total", "Times the mirror was loaded." },
	[M_MATCH_QUERIES] = { "match_queries_total", "Match lists made." },
	[M_LOG_LOST] = { "log_lines_lost_total", "Lines of the log that nobody read in time." },
	[M_WORKER_RESTARTS] = { "worker_restarts_total",
	    "Workers started again after a crash." },
	[M_PROCESS_CPU_US] = { "process_cpu_seconds_total", "Time on a processor.", OF_WORKER,
	    6 },
	[M_PROCESS_RESIDENT_BYTES] = { "process_resident_memory_bytes", "Memory held.", GAUGE },
	[M_PROCESS_OPEN_FILES] = { "process_open_fds", "Open files and sockets.", GAUGE },
	[M_PROCESS_MOST_FILES] = { "process_max_fds", "As many as may be open.", GAUGE },
	[M_PROCESS_START_MS] = { "process_start_time_seconds",
	    "When the worker was started, since 1970.", GAUGE, 3 },
};

static struct counters alone;
static char *slots = (char *)&alone;
static size_t slot_size = sizeof(alone);
static int n_slots = 1; /* two a worker, so that one can follow another; the parent's */
static cell shown_alone;
static cell *shown = &shown_alone; /* of each worker: which slot its gauges are in */
static int mine;

static struct counters *slot_of(int slot)
{
	return (struct counters *)(void *)(slots + (size_t)slot * slot_size);
}

static int n_workers(void)
{
	return n_slots > 1 ? (n_slots - 1) / 2 : 1;
}

int slots_count(void)
{
	return n_slots;
}

cell *slot_requests(int slot)
{
	return (cell *)(slot_of(slot < 0 ? mine : slot) + 1);
}

static size_t mapping_size(void)
{
	return (size_t)n_slots * slot_size + (size_t)n_workers() * sizeof(cell);
}

void metrics_open(int workers, const struct metric_labels *labels)
{
	size_t lines = requests_cells(labels) * sizeof(cell) / sizeof(struct counters) + 1;
	void *p;

	assert(workers > 0 && slots == (char *)&alone);
	slot_size = (1 + lines) * sizeof(struct counters);
	n_slots = 2 * workers + 1;
	p = mmap(NULL, mapping_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	    0);
	if (p == MAP_FAILED) {
		perror("metrics: mmap");
		exit(1);
	}
	slots = p;
	mine = n_slots - 1;
	shown = (cell *)(void *)(slots + (size_t)n_slots * slot_size);
	for (int i = 0; i < workers; i++)
		atomic_store(&shown[i], i);
	requests_name(labels);
}

void metrics_worker(int slot)
{
	assert(slot >= 0 && slot < n_slots);
	mine = slot;
	/* The worker that had this slot before is gone, and with it what it held open. */
	for (int m = 0; m < METRICS; m++)
		if (descriptions[m].kind != COUNTER)
			metric_set((enum metric)m, 0);
}

void metrics_close(void)
{
	if (slots == (char *)&alone)
		return;
	munmap(slots, mapping_size());
	requests_name(NULL);
	slots = (char *)&alone;
	shown = &shown_alone;
	slot_size = sizeof(alone);
	n_slots = 1;
	mine = 0;
}

void metrics_show(void)
{
	atomic_store(&shown[mine % n_workers()], mine);
}

void metric_add(enum metric m, int64_t n)
{
	cell_add(&slot_of(mine)->value[m], n);
}

void metric_set(enum metric m, int64_t n)
{
	atomic_store_explicit(&slot_of(mine)->value[m], n, memory_order_relaxed);
}

/* What every process has goes by the names that all programs give it. */
static const char *prefix(const char *name)
{
	return strncmp(name, "process_", 8) == 0 ? "" : "vacancyd_";
}

void metrics_put_head(struct buf *b, const char *name, const char *help, const char *type)
{
	const char *first = prefix(name);

	buf_printf(b, "# HELP %s%s %s\n# TYPE %s%s %s\n", first, name, help, first, name, type);
}

void metrics_put_line(struct buf *b, const char *name, const char *label, int64_t value,
    int decimals)
{
	int64_t scale = 1;

	buf_puts(b, prefix(name));
	buf_puts(b, name);
	if (label)
		buf_printf(b, "{%s}", label);
	for (int i = 0; i < decimals; i++)
		scale *= 10;
	buf_putc(b, ' ');
	if (value < 0) {
		buf_putc(b, '-');
		value = -value;
	}
	buf_putd(b, value / scale);
	if (decimals)
		buf_printf(b, ".%0*lld", decimals, (long long)(value % scale));
	buf_putc(b, '\n');
}

static void write_one(struct buf *b, int m)
{
	const struct description *d = &descriptions[m];
	int workers = n_workers();
	int64_t sum = 0;
	char label[32];
	int slot;

	if (!m || strcmp(d[-1].name, d->name) != 0)
		metrics_put_head(b, d->name, d->help, d->kind == GAUGE ? "gauge" : "counter");
	if (d->kind == COUNTER) {
		for (int i = 0; i < n_slots; i++)
			sum += cell_read(&slot_of(i)->value[m]);
		metrics_put_line(b, d->name, d->label, sum, d->decimals);
		return;
	}
	for (int i = 0; i < workers; i++) {
		snprintf(label, sizeof(label), "worker=\"%d\"", i);
		slot = (int)cell_read(&shown[i]);
		metrics_put_line(b, d->name, label, cell_read(&slot_of(slot)->value[m]),
		    d->decimals);
	}
}

void metrics_write(struct buf *b)
{
	metrics_put_head(b, "build_info", "1; the label says which program this is.", "gauge");
	metrics_put_line(b, "build_info", "version=\"" VACANCYD_VERSION "\"", 1, 0);
	for (int m = 0; m < METRICS; m++)
		write_one(b, m);
	requests_write(b);
}
