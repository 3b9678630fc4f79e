/*
 * The outbox applier behind standard input, for test_outbox.py.
 *
 * It runs from its start; it is meant to be killed at any moment, and twice at
 * once.  Commands: rebuild, verify, wake.
 */
#include "daemon/base/status.h"
#include "daemon/board/board.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/outbox/outbox.h"
#include "tests/integration/driver_lines.h"

#include <event2/event.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct driver {
	struct event_base *base;
	struct ledger *ledger;
	struct board *board;
	struct outbox *outbox;
	struct rebuild_report rebuilt;
	struct verify_report verified;
};

static void on_rebuilt(void *arg, enum status st)
{
	const struct driver *d = arg;
	const struct rebuild_report *r = &d->rebuilt;

	if (st != OK)
		printf("%s\n", status_name(st));
	else
		printf("rebuilt %" PRIu64 " %zu %zu %zu %" PRId64 "\n", r->generation,
		    r->vacancies, r->seekers, r->caught_up, r->milliseconds);
}

static void on_verified(void *arg, enum status st)
{
	const struct driver *d = arg;
	const struct verify_report *r = &d->verified;

	if (st != OK) {
		printf("%s\n", status_name(st));
		return;
	}
	printf("verified %zu %zu %zu %d", r->vacancies, r->seekers, r->n_differences,
	    r->attempts);
	for (size_t i = 0; i < r->n_differences && i < VERIFY_MAX_DIFFERENCES; i++)
		printf(" %c%" PRIu64 ":%s", r->differences[i].entity, r->differences[i].id,
		    r->differences[i].what);
	printf("\n");
}

static void on_commit(void *arg)
{
	struct driver *d = arg;

	outbox_wake(d->outbox);
}

static void obey(void *arg, char *line)
{
	struct driver *d = arg;

	if (strcmp(line, "rebuild") == 0)
		outbox_rebuild(d->outbox, &d->rebuilt, (struct done){ on_rebuilt, d });
	else if (strcmp(line, "verify") == 0)
		outbox_verify(d->outbox, &d->verified, (struct done){ on_verified, d });
	else if (strcmp(line, "wake") == 0)
		outbox_wake(d->outbox);
}

static void hash_nothing(const char *secret, uint8_t out[32])
{
	(void)secret;
	memset(out, 0, 32);
}

int main(int argc, char **argv)
{
	static struct driver d;
	struct ledger_config ledger = { .connections = 2,
		.as = { [LEDGER_REQUEST] = "user=vacancyd_request",
		    [LEDGER_APPLIER] = "user=vacancyd_applier" },
		.hash_secret = hash_nothing,
		.sandbox = true };
	struct board_config board = { .call_timeout_ms = 1500 };
	struct driver_lines *input;
	int city;

	if (argc != 4)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	log_open(LOG_LEVEL_DEBUG, "0");
	metrics_open(1, NULL);
	metrics_worker(0);
	city = (int)strtol(argv[3], NULL, 10);
	ledger.hosts = argv[1];
	ledger.city = city;
	board.address = argv[2];
	d.base = event_base_new();
	d.ledger = ledger_new(d.base, &ledger);
	d.board = board_new(d.base, &board);
	d.outbox = outbox_new(d.base, d.ledger, d.board, city);
	ledger_on_commit(d.ledger, on_commit, &d);
	input = driver_lines_new(d.base, obey, &d);
	event_base_dispatch(d.base);

	outbox_free(d.outbox);
	board_free(d.board);
	ledger_free(d.ledger);
	driver_lines_free(input);
	event_base_free(d.base);
	return 0;
}
