/*
 * bench_board: the board and the mirror as a daemon has them, timed.
 *
 *   bench_board rebuild CONNINFO ADDRESS    the board from the ledger
 *   bench_board copy CONNINFO ADDRESS       the peer: the same rows, parsed and dropped
 *   bench_board mirror CONNINFO ADDRESS     a mirror from nothing to ready
 *
 * CONNINFO is the ledger's, ADDRESS the board's.  The peer is libpq and nothing
 * else, one COPY after the other, as somebody would write it who only wants the
 * rows.
 */
#include "daemon/base/clock.h"
#include "daemon/board/board.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/mirror.h"
#include "daemon/outbox/outbox_work.h"

#include <event2/event.h>
#include <libpq-fe.h>

#include <endian.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define CITY 4101

struct bench {
	struct event_base *base;
	struct ledger *ledger;
	struct board *board;
	struct mirror *mirror;
	struct event *poll;
	struct rebuild_report report;
	int64_t began_us;
	size_t bytes;
};

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void stop(const char *why)
{
	fprintf(stderr, "bench_board: %s\n", why);
	exit(1);
}

/* --- the peer --- */

static int64_t field(const char *p, size_t left, size_t *len)
{
	uint32_t n;

	if (left < 4)
		stop("a short row");
	memcpy(&n, p, 4);
	*len = be32toh(n);
	if (*len > left - 4)
		stop("a short field");
	return 4;
}

static size_t copy(const char *conninfo, const char *sql, size_t *bytes)
{
	PGconn *pg = PQconnectdb(conninfo);
	size_t rows = 0, at = 19;
	char *p;
	int n;

	PQclear(PQexec(pg, sql));
	while ((n = PQgetCopyData(pg, &p, 0)) > 0) {
		size_t end = (size_t)n;
		uint16_t fields;

		while (at + 2 <= end) {
			memcpy(&fields, p + at, 2);
			at += 2;
			if (be16toh(fields) == UINT16_MAX)
				break;
			for (int i = 0; i < be16toh(fields); i++) {
				size_t len;

				at += (size_t)field(p + at, end - at, &len);
				*bytes += (uint8_t)p[at];
				at += len;
			}
			rows++;
		}
		at = 0;
		PQfreemem(p);
	}
	PQfinish(pg);
	return rows;
}

static void run_copy(struct bench *b, const char *conninfo)
{
	size_t vacancies = copy(conninfo,
	    "COPY (SELECT id, version, record, label FROM ops.vacancy_record WHERE city = 4101 "
	    "AND open) TO STDOUT (FORMAT binary)",
	    &b->bytes);
	size_t seekers = copy(conninfo,
	    "COPY (SELECT id, version, record FROM ops.seeker_record WHERE city = 4101) TO "
	    "STDOUT (FORMAT binary)",
	    &b->bytes);

	printf("{\"seconds\": %.6f, \"cpu\": %.3f, \"vacancies\": %zu, \"seekers\": %zu}\n",
	    (double)(clock_us() - b->began_us) / 1e6, cpu_seconds(), vacancies, seekers);
}

/* --- the rebuild --- */

static void on_rebuilt(void *arg, enum status st)
{
	struct bench *b = arg;

	if (st != OK)
		stop(status_name(st));
	printf("{\"seconds\": %.6f, \"cpu\": %.3f, \"vacancies\": %zu, \"seekers\": %zu}\n",
	    (double)(clock_us() - b->began_us) / 1e6, cpu_seconds(), b->report.vacancies,
	    b->report.seekers);
	event_base_loopbreak(b->base);
}

static void on_poll_rebuild(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval tv = { .tv_usec = 1000 };
	struct bench *b = arg;

	(void)fd;
	(void)what;
	if (!ledger_is_up(b->ledger) || !board_is_up(b->board)) {
		evtimer_add(b->poll, &tv);
		return;
	}
	b->began_us = clock_us();
	(void)rebuild_start(b->ledger, b->board, CITY, &b->report,
	    (struct done){ on_rebuilt, b });
}

/* --- the mirror --- */

static size_t heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void on_poll_mirror(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval tv = { .tv_usec = 1000 };
	struct bench *b = arg;

	(void)fd;
	(void)what;
	if (!mirror_is_ready(b->mirror)) {
		evtimer_add(b->poll, &tv);
		return;
	}
	printf("{\"seconds\": %.6f, \"cpu\": %.3f, \"vacancies\": %zu, \"seekers\": %zu, "
	       "\"bytes\": %zu, \"label_bytes\": %zu}\n",
	    (double)(clock_us() - b->began_us) / 1e6, cpu_seconds(),
	    index_count_vacancies(mirror_index(b->mirror)),
	    index_count_seekers(mirror_index(b->mirror)), heap() - b->bytes,
	    mirror_label_bytes(b->mirror));
	event_base_loopbreak(b->base);
}

static void hash_nothing(const char *secret, uint8_t out[32])
{
	(void)secret;
	memset(out, 0, 32);
}

static void open_both(struct bench *b, const char *conninfo, const char *address)
{
	const struct ledger_config ledger = { .hosts = conninfo,
		.as = { "user=vacancyd_request", "user=vacancyd_applier" },
		.connections = 2,
		.hash_secret = hash_nothing,
		.city = CITY,
		.sandbox = true };
	const struct board_config board = { .address = address, .call_timeout_ms = 5000 };

	b->base = event_base_new();
	b->ledger = ledger_new(b->base, &ledger);
	b->board = board_new(b->base, &board);
}

static void close_both(struct bench *b)
{
	mirror_free(b->mirror);
	ledger_free(b->ledger);
	board_free(b->board);
	event_free(b->poll);
	event_base_free(b->base);
}

int main(int argc, char **argv)
{
	struct bench b = { .began_us = clock_us() };
	const struct timeval now = { 0 };

	if (argc < 4)
		stop("rebuild|copy|mirror CONNINFO ADDRESS");
	(void)signal(SIGPIPE, SIG_IGN);
	log_open(LOG_LEVEL_WARN, "0");
	metrics_open(1, NULL);
	metrics_worker(0);
	if (strcmp(argv[1], "copy") == 0) {
		run_copy(&b, argv[2]);
		return 0;
	}
	open_both(&b, argv[2], argv[3]);
	if (strcmp(argv[1], "mirror") == 0) {
		b.bytes = heap();
		b.began_us = clock_us();
		b.mirror = mirror_new(b.base, b.board, CITY, NULL);
		b.poll = evtimer_new(b.base, on_poll_mirror, &b);
	} else {
		b.poll = evtimer_new(b.base, on_poll_rebuild, &b);
	}
	evtimer_add(b.poll, &now);
	event_base_dispatch(b.base);
	close_both(&b);
	return 0;
}
