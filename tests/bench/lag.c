/*
 * bench_lag: how late a mirror is while changes arrive at a given rate.
 *
 *   bench_lag commit CONNINFO ADDRESS RATE SECONDS   from a commit to the mirror, through
 *                                                    outbox, applier, board and stream
 *   bench_lag stream CONNINFO ADDRESS RATE SECONDS   from the call that does the XADD
 *
 * The ledger must have seekers; the board is filled from it when it is empty.
 * Commits are another process's, 50 rows each, as nothing wakes the applier for
 * them.  The clock starts before the script is even sent, or when the commit
 * has been answered, and stops when a reader who waits for that position is let
 * go on, so both are a little more than what they measure.
 */
#include "daemon/base/clock.h"
#include "daemon/board/board.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/mirror.h"
#include "daemon/outbox/outbox.h"

#include <event2/event.h>
#include <libpq-fe.h>

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CITY 4101

enum { ROWS = 50, SEEKERS = 5000, RECORD_MOST = 512, SAMPLES = 1 << 20, PATIENCE_MS = 10000 };

struct commit {
	uint64_t xid;
	int64_t at_us;
};

struct sample {
	struct bench *b;
	int64_t at_us;
};

struct seeker_bytes {
	uint64_t id, version;
	size_t len;
	uint8_t record[RECORD_MOST];
};

struct bench {
	struct event_base *base;
	struct ledger *ledger;
	struct board *board;
	struct mirror *mirror;
	struct outbox *outbox;
	struct event *poll, *commits, *end;
	const char *conninfo;
	int rate, seconds;
	bool is_stream, is_running, is_ending;
	int pipe[2];
	pid_t writer;
	double late_us[SAMPLES];
	size_t n, waiting, late;
	/* of the stream: what is written again and again */
	struct seeker_bytes seekers[SEEKERS];
	size_t n_seekers, next;
	struct board_position at, loaded;
	bool is_applying;
	int64_t next_us;
};

static void stop(const char *why)
{
	fprintf(stderr, "bench_lag: %s\n", why);
	exit(1);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(struct bench *b)
{
	qsort(b->late_us, b->n, sizeof(*b->late_us), by_size);
	if (b->n == 0)
		stop("nothing was measured");
	printf("{\"median_ms\": %.3f, \"p99_ms\": %.3f, \"most_ms\": %.3f, \"samples\": %zu, "
	       "\"never\": %zu}\n",
	    b->late_us[b->n / 2] / 1000, b->late_us[b->n * 99 / 100] / 1000,
	    b->late_us[b->n - 1] / 1000, b->n, b->late);
	event_base_loopbreak(b->base);
}

static void on_seen(void *arg, enum status st)
{
	struct sample s = *(struct sample *)arg;

	free(arg);
	s.b->waiting--;
	if (st == OK && s.b->n < SAMPLES)
		s.b->late_us[s.b->n++] = (double)(clock_us() - s.at_us);
	else
		s.b->late++;
	if (s.b->is_ending && s.b->waiting == 0)
		report(s.b);
}

static void expect(struct bench *b, uint64_t xid, uint64_t id, int64_t at_us)
{
	struct sample *s = malloc(sizeof(*s));

	if (!s)
		abort();
	*s = (struct sample){ b, at_us };
	b->waiting++;
	mirror_await(b->mirror, xid, id, PATIENCE_MS, (struct done){ on_seen, s });
}

/* --- commits --- */

/* Waits until the next commit is due; true when nobody reads the pipe any more. */
static bool reader_is_gone(int pipe, int64_t due_us)
{
	struct pollfd reader = { .fd = pipe };
	int64_t left;

	while ((left = due_us - clock_us()) > 0) {
		struct timespec most = { left / 1000000, left % 1000000 * 1000 };

		if (ppoll(&reader, 1, &most, NULL) > 0)
			return true;
	}
	return false;
}

static void write_commits(const struct bench *b)
{
	PGconn *pg = PQconnectdb(b->conninfo);
	int64_t next = clock_us(), end = next + (int64_t)b->seconds * 1000000;
	PGresult *r;

	PQclear(PQexec(pg,
	    "CREATE TEMP TABLE mine AS SELECT row_number() OVER () AS n, id FROM ledger.seeker "
	    "WHERE city = 4101 LIMIT 5000; CREATE INDEX ON mine (n); ANALYZE mine"));
	for (int turn = 0; next < end; turn++) {
		char sql[400];
		struct commit c;

		snprintf(sql, sizeof(sql),
		    "WITH w AS (UPDATE ledger.seeker s SET version = version + 1 FROM mine m "
		    "WHERE s.city = 4101 AND s.id = m.id AND m.n BETWEEN %d AND %d RETURNING 1) "
		    "SELECT pg_current_xact_id()::text FROM w LIMIT 1",
		    turn * ROWS % SEEKERS + 1, turn * ROWS % SEEKERS + ROWS);
		r = PQexec(pg, sql);
		if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
			stop(PQerrorMessage(pg));
		c.xid = strtoull(PQgetvalue(r, 0, 0), NULL, 10);
		c.at_us = clock_us();
		PQclear(r);
		if (write(b->pipe[1], &c, sizeof(c)) != sizeof(c))
			break;
		next += (int64_t)ROWS * 1000000 / b->rate;
		if (reader_is_gone(b->pipe[1], next))
			break;
	}
	PQfinish(pg);
}

static void on_commits(evutil_socket_t fd, short what, void *arg)
{
	struct bench *b = arg;
	struct commit c;
	ssize_t n = read(fd, &c, sizeof(c));

	(void)what;
	if (n == sizeof(c)) {
		expect(b, c.xid, 0, c.at_us);
		return;
	}
	event_del(b->commits);
	b->is_ending = true;
	if (b->waiting == 0)
		report(b);
}

static void start_commits(struct bench *b)
{
	if (pipe(b->pipe) != 0)
		stop("no pipe");
	b->writer = fork();
	if (b->writer == 0) {
		close(b->pipe[0]);
		write_commits(b);
		_exit(0);
	}
	close(b->pipe[1]);
	b->commits = event_new(b->base, b->pipe[0], EV_READ | EV_PERSIST, on_commits, b);
	event_add(b->commits, NULL);
}

/* --- the stream alone --- */

static void keep_seeker(struct bench *b, const struct change *c)
{
	struct seeker_bytes *s = &b->seekers[b->n_seekers];

	if (c->entity != 's' || b->n_seekers == SEEKERS || c->record.len > RECORD_MOST)
		return;
	*s = (struct seeker_bytes){ .id = c->id, .version = c->version, .len = c->record.len };
	memcpy(s->record, c->record.data, c->record.len);
	b->n_seekers++;
}

static void on_load_each(void *arg, const struct change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		keep_seeker(arg, &changes[i]);
}

static void apply_some(struct bench *b);

static void on_applied(void *arg, enum status st)
{
	struct bench *b = arg;

	if (b->is_ending)
		return;
	if (st != OK)
		stop(status_name(st));
	b->is_applying = false;
	apply_some(b);
}

static void raise_version(struct seeker_bytes *s)
{
	s->version++;
	for (int i = 0; i < 8; i++)
		s->record[10 + i] = (uint8_t)(s->version >> (56 - 8 * i));
}

/* What is due by now, each a transaction of its own. */
static void apply_some(struct bench *b)
{
	struct change changes[ROWS];
	uint64_t xids[ROWS];
	size_t n = 0;
	int64_t now = clock_us();

	if (b->is_applying || b->is_ending)
		return;
	for (; n < ROWS && b->next_us <= now; n++) {
		struct seeker_bytes *s = &b->seekers[b->next++ % b->n_seekers];

		raise_version(s);
		changes[n] =
		    (struct change){ 's', s->id, s->version, { s->record, s->len }, "" };
		xids[n] = b->at.xid + 1 + n;
		b->next_us += 1000000 / b->rate;
	}
	if (n == 0)
		return;
	b->is_applying = true;
	for (size_t i = 0; i < n; i++)
		expect(b, xids[n - 1], 1, now);
	board_apply(b->board, CITY, &b->at, changes, xids, n, xids[n - 1], 1,
	    (struct done){ on_applied, b });
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	apply_some(arg);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct bench *b = arg;

	(void)fd;
	(void)what;
	b->is_ending = true;
	if (b->waiting == 0)
		report(b);
}

static void on_loaded(void *arg, enum status st)
{
	struct bench *b = arg;
	const struct timeval tick = { .tv_usec = 1000 }, end = { .tv_sec = b->seconds };

	if (st != OK || b->n_seekers == 0)
		stop("nothing on the board");
	b->at = b->loaded;
	b->next_us = clock_us();
	b->commits = event_new(b->base, -1, EV_PERSIST, on_tick, b);
	event_add(b->commits, &tick);
	b->end = evtimer_new(b->base, on_end, b);
	evtimer_add(b->end, &end);
}

static void start(struct bench *b)
{
	b->is_running = true;
	if (!b->is_stream) {
		start_commits(b);
		return;
	}
	/* We are the applier now. */
	outbox_free(b->outbox);
	b->outbox = NULL;
	board_load(b->board, CITY, false, on_load_each, b, &b->loaded,
	    (struct done){ on_loaded, b });
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
	const struct timeval tv = { .tv_usec = 10000 };
	struct bench *b = arg;

	(void)fd;
	(void)what;
	if (mirror_is_following(b->mirror))
		start(b);
	else
		evtimer_add(b->poll, &tv);
}

static void hash_nothing(const char *secret, uint8_t out[32])
{
	(void)secret;
	memset(out, 0, 32);
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct ledger_config ledger = { .connections = 2,
		.as = { "user=vacancyd_request", "user=vacancyd_applier" },
		.hash_secret = hash_nothing,
		.city = CITY,
		.sandbox = true };
	struct board_config board = { .call_timeout_ms = 5000 };
	const struct timeval now = { 0 };

	if (argc != 6)
		stop("commit|stream CONNINFO ADDRESS RATE SECONDS");
	(void)signal(SIGPIPE, SIG_IGN);
	log_open(LOG_LEVEL_WARN, "0");
	metrics_open(1, NULL);
	metrics_worker(0);
	b.is_stream = strcmp(argv[1], "stream") == 0;
	b.conninfo = ledger.hosts = argv[2];
	board.address = argv[3];
	b.rate = (int)strtol(argv[4], NULL, 10);
	b.seconds = (int)strtol(argv[5], NULL, 10);
	b.base = event_base_new();
	b.ledger = ledger_new(b.base, &ledger);
	b.board = board_new(b.base, &board);
	b.outbox = outbox_new(b.base, b.ledger, b.board, CITY);
	b.mirror = mirror_new(b.base, b.board, CITY, NULL);
	b.poll = evtimer_new(b.base, on_poll, &b);
	evtimer_add(b.poll, &now);
	event_base_dispatch(b.base);
	if (b.writer > 0)
		waitpid(b.writer, NULL, 0);
	outbox_free(b.outbox);
	ledger_free(b.ledger);
	mirror_free(b.mirror);
	board_free(b.board);
	event_free(b.poll);
	event_free(b.commits);
	if (b.end)
		event_free(b.end);
	event_base_free(b.base);
	return 0;
}
