/*
 * The ledger without a server: how calls end when nobody answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/ledger/ledger.h"

struct silent {
	char dir[64], path[96], hosts[128];
	int listener;
	struct event_base *base;
	struct arena *arena;
};

/* A server that accepts and says nothing. */
static int listen_silently(void **state)
{
	struct silent *s = calloc(1, sizeof(*s));
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	strcpy(s->dir, "/tmp/ledger_test.XXXXXX");
	if (!mkdtemp(s->dir))
		return -1;
	snprintf(s->path, sizeof(s->path), "%s/.s.PGSQL.5432", s->dir);
	snprintf(s->hosts, sizeof(s->hosts), "host=%s", s->dir);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", s->path);
	s->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(s->listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(s->listener, 16) != 0)
		return -1;
	s->base = event_base_new();
	s->arena = arena_new();
	*state = s;
	return 0;
}

static int stop_listening(void **state)
{
	struct silent *s = *state;

	event_base_free(s->base);
	arena_free(s->arena);
	close(s->listener);
	unlink(s->path);
	rmdir(s->dir);
	free(s);
	return 0;
}

static void no_hash(const char *secret, uint8_t out[32])
{
	(void)secret;
	memset(out, 0, 32);
}

struct tried {
	int done;
	enum status st;
	struct reply reply;
	/* Another call out of the completion. */
	struct ledger *ledger;
	struct arena *arena;
	struct tried *then;
};

static void on_done(void *arg, enum status st);

static void try_call(struct ledger *l, struct arena *a, struct tried *t)
{
	static const uint8_t hash[32];
	struct caller who = { .city = 4101, .kid = "k", .secret_hash = hash, .actor = "" };

	ledger_call(l, LEDGER_READ_PLACEMENT, &who, &ARG_TEXT("1"), 1, a, &t->reply,
	    (struct done){ on_done, t });
}

static void on_done(void *arg, enum status st)
{
	struct tried *t = arg;

	t->done++;
	t->st = st;
	if (t->then)
		try_call(t->ledger, t->arena, t->then);
}

static struct ledger *silent_ledger(struct silent *s, int queue_limit, int call_ms)
{
	struct ledger_config c = { .hosts = s->hosts,
		.connections = 2,
		.queue_limit = queue_limit,
		.connect_timeout_ms = 50,
		.call_timeout_ms = call_ms,
		.city = 4101,
		.hash_secret = no_hash };

	return ledger_new(s->base, &c);
}

static void a_call_to_nobody_ends_in_time(void **state)
{
	struct silent *s = *state;
	struct ledger *l = silent_ledger(s, 10, 100);
	struct tried t = { 0 };

	assert_false(ledger_is_up(l));
	assert_false(ledger_is_ready(l));
	try_call(l, s->arena, &t);
	assert_int_equal(t.done, 0);
	assert_int_equal(ledger_waiting(l), 1);
	while (!t.done)
		event_base_loop(s->base, EVLOOP_ONCE);
	assert_int_equal(t.st, E_UNAVAILABLE);
	assert_int_equal(t.done, 1);
	ledger_free(l);
	assert_int_equal(t.done, 1);
}

static void a_full_queue_refuses_before_the_call_returns(void **state)
{
	struct silent *s = *state;
	struct ledger *l = silent_ledger(s, 2, 10000);
	struct tried t[4] = { { 0 } };

	for (int i = 0; i < 4; i++)
		try_call(l, s->arena, &t[i]);
	assert_int_equal(t[1].done, 0);
	assert_int_equal(t[2].done, 1);
	assert_int_equal(t[3].done, 1);
	assert_int_equal(t[3].st, E_UNAVAILABLE); /* busy would be less than the truth */
	ledger_free(l);
	assert_int_equal(t[0].done, 1);
	assert_int_equal(t[0].st, E_UNAVAILABLE);
}

static void a_completion_may_call_again_even_at_the_end(void **state)
{
	struct silent *s = *state;
	struct ledger *l = silent_ledger(s, 10, 10000);
	struct tried second = { 0 };
	struct tried first = { .ledger = l, .arena = s->arena, .then = &second };

	try_call(l, s->arena, &first);
	ledger_free(l);
	assert_int_equal(first.done, 1);
	assert_int_equal(second.done, 1);
	assert_int_equal(second.st, E_UNAVAILABLE);
}

static void nobody_is_known_before_keys_were_read(void **state)
{
	struct silent *s = *state;
	struct ledger *l = silent_ledger(s, 10, 10000);
	int day;
	int64_t seconds;
	bool fixed;

	assert_null(ledger_find_principal(l, "k", "secret"));
	assert_false(ledger_clock(l, &day, &seconds, &fixed));
	ledger_free(l);
}

#define SILENT(test) cmocka_unit_test_setup_teardown(test, listen_silently, stop_listening)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SILENT(a_call_to_nobody_ends_in_time),
		SILENT(a_full_queue_refuses_before_the_call_returns),
		SILENT(a_completion_may_call_again_even_at_the_end),
		SILENT(nobody_is_known_before_keys_were_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
