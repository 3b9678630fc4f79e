/*
 * What one client may take of what all share: requests, work, handshakes, turns.
 */
#include "daemon/http/limits.h"

#include <sys/eventfd.h>

#include "daemon/base/accounts.h"
#include "daemon/base/clock.h"
#include "tests/unit/http_bench.h"

static void a_key_has_so_many_and_then_so_many_a_second(void **state)
{
	struct principal who = { .kid = "a", .rate = 10, .burst = 3 },
			 free_one = { .kid = "b" };
	struct limits *l = limits_new(0);
	struct allowance left;
	int64_t now = 5000000;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		assert_true(limits_take(l, &who, now, &left));
		assert_int_equal(left.quota, 3);
		assert_int_equal(left.remaining, 2 - i);
	}
	assert_int_equal(left.window_s, 1);
	assert_false(limits_take(l, &who, now, &left));
	assert_int_equal(left.remaining, 0);
	assert_int_equal(left.retry_s, 1);
	assert_true(limits_take(l, &who, now + 100000, &left));
	assert_false(limits_take(l, &who, now + 199999, &left));
	/* It never saves up more than the burst; and another key has its own. */
	for (int i = 0; i < 3; i++)
		assert_true(limits_take(l, &who, now + 60000000, &left));
	assert_false(limits_take(l, &who, now + 60000000, &left));
	assert_true(limits_take(l, &free_one, now + 60000000, &left));
	assert_int_equal(left.quota, 0);
	limits_free(l);
}

static struct network address_of(const char *text)
{
	struct sockaddr_in6 from = { .sin6_family = AF_INET6 };
	struct limits *l = limits_new(0);
	struct network a;

	assert_int_equal(inet_pton(AF_INET6, text, &from.sin6_addr), 1);
	assert_int_equal(limits_enter(l, (const struct sockaddr *)&from, &a), 1);
	limits_leave(l, &a);
	limits_free(l);
	return a;
}

static void an_address_agrees_on_tls_so_often_a_second(void **state)
{
	struct network one = address_of("::ffff:192.0.2.7"), other = address_of("2001:db8::1"),
		       same = address_of("2001:db8::2");
	int64_t now = clock_us();

	(void)state;
	for (int i = 0; i < 8; i++)
		assert_true(limits_may_agree(&one, 4, now));
	assert_false(limits_may_agree(&one, 4, now));
	/* Another's is another's; a network of IPv6 is one. */
	for (int i = 0; i < 8; i++)
		assert_true(limits_may_agree(i % 2 ? &other : &same, 4, now));
	assert_false(limits_may_agree(&other, 4, now));
	/* Four a second from then on; who was refused has paid nothing for it. */
	now += 500000;
	for (int i = 0; i < 2; i++)
		assert_true(limits_may_agree(&one, 4, now));
	assert_false(limits_may_agree(&one, 4, now));
	for (int i = 0; i < 1000; i++)
		assert_true(limits_may_agree(&one, 0, now));
}

/* All keys of an organisation draw on one account, and work counts as so many requests. */
static void an_organisation_has_one_account_and_work_is_on_it(void **state)
{
	const struct principal mill = { .organisation = "mill",
		.rate = 10,
		.burst = 10,
		.organisation_rate = 10,
		.organisation_burst = 10 };
	struct principal who = mill, another = mill, slow = mill;
	struct limits *l = limits_new(10000);
	struct allowance left;
	int64_t now = clock_us();

	(void)state;
	who.kid[0] = '1';
	another.kid[0] = '2';
	slow.kid[0] = '3';
	slow.rate = slow.burst = 1;
	/* One that asks too often for itself takes nothing from the others. */
	assert_true(limits_take(l, &slow, now - 5000000, &left));
	for (int i = 0; i < 20; i++)
		assert_false(limits_take(l, &slow, now - 5000000, &left));
	for (int i = 0; i < 5; i++) {
		assert_true(limits_take(l, &who, now, &left));
		assert_true(limits_take(l, &another, now, &left));
	}
	assert_false(limits_take(l, &who, now, &left));
	assert_false(limits_take(l, &another, now, &left));
	/* A second later all is paid; then 50 ms of work are five more. */
	now += 1000000;
	assert_true(limits_take(l, &who, now, &left));
	account_note(account_number("mill"), FOR_REQUESTS, 50000);
	assert_true(limits_take(l, &who, now, &left));
	assert_int_equal(left.remaining, 3);
	/* Who has worked for two seconds waits for that long, as was said, and no longer. */
	account_note(account_number("mill"), FOR_REQUESTS, 200000);
	assert_false(limits_take(l, &who, now, &left));
	assert_int_equal(left.remaining, 0);
	assert_int_equal(left.retry_s, 2);
	assert_false(limits_take(l, &another, now + 1700000, &left));
	assert_true(limits_take(l, &another, now + 2000000, &left));
	/* Whoever is refused by both is told when both take it; and what the organisation
	 * refuses is not charged to the key. */
	now += 10000000;
	assert_true(limits_take(l, &slow, now, &left));
	account_note(account_number("mill"), FOR_REQUESTS, 380000);
	assert_false(limits_take(l, &slow, now, &left));
	assert_int_equal(left.retry_s, 3);
	for (int i = 0; i < 20; i++)
		assert_false(limits_take(l, &another, now, &left));
	assert_int_equal(left.retry_s, 3);
	now += 3100000;
	assert_true(limits_take(l, &another, now, &left));
	limits_free(l);
}

/* Of a body that is not waited for: the connection ends. */
#define LONG_POST                                                                              \
	"POST /v1/placements HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer vd_" ID "_" SECRET   \
	"\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"
#define POST                                                                                   \
	"POST /v1/placements HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer vd_" ID "_" SECRET   \
	"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

/* Who does not wait as long as it was told is refused ten times a second, not ten thousand. */
static void a_flood_that_is_refused_is_held_back(void **state)
{
	int64_t began;
	struct client c;

	(void)state;
	server.rate = 1;
	make_server((struct http_config){ 0 }, 60000);
	c = open_client();
	say(&c, POST POST POST);
	assert_int_equal(next_status(&c), 201);
	assert_int_equal(next_status(&c), 429);
	began = now_ms();
	assert_int_equal(next_status(&c), 429);
	assert_true(now_ms() - began >= 80);
	say(&c, GET("/canary")); /* whatever it asks, and however often it is held */
	assert_int_equal(next_status(&c), 200);
	/* Nor by new connections, when the old one ends with the refusal. */
	began = now_ms();
	say(&c, LONG_POST);
	assert_int_equal(next_status(&c), 429);
	assert_true(now_ms() - began >= 80);
	until_ended(&c);
	close_client(&c);
	/* Who hangs up meanwhile is not waited for. */
	c = open_client();
	say(&c, LONG_POST);
	until(server.http->n_connections == 1);
	turn();
	close_client(&c);
	until(server.http->n_connections == 0);
}

/* Of one that has had much of the processor, what it asks comes after what others ask. */
static void who_has_had_much_goes_after_the_others(void **state)
{
	struct client greedy, modest;

	(void)state;
	make_server((struct http_config){ 0 }, 60000);
	greedy = open_client();
	modest = open_client();
	say(&greedy, POST);
	assert_int_equal(next_status(&greedy), 201);
	account_note(account_number("bureau"), FOR_TURNS, 1000000);
	say(&modest, GET("/canary"));
	assert_int_equal(next_status(&modest), 200);
	assert_true(send(greedy.fd, POST, strlen(POST), MSG_NOSIGNAL) > 0);
	assert_true(send(modest.fd, GET("/canary"), strlen(GET("/canary")), MSG_NOSIGNAL) > 0);
	assert_int_equal(next_status(&greedy), 201);
	assert_int_equal(server.canaries_at_echo, 2);
	/* And who hangs up before its turn has none. */
	assert_true(send(greedy.fd, POST, strlen(POST), MSG_NOSIGNAL) > 0);
	event_base_loop(server.base, EVLOOP_ONCE);
	close_client(&greedy);
	until(server.http->n_connections == 1);
	close_client(&modest);
}

/* There is always more to do for others: it stays readable. */
static void on_more(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	event_base_loopbreak(server.base); /* or the loop would never be left */
}

static void a_turn_comes_however_much_others_ask(void **state)
{
	struct event *more;
	struct client greedy;
	int64_t began;
	int others = eventfd(1, EFD_CLOEXEC);

	(void)state;
	make_server((struct http_config){ .turn_deadline_ms = 150 }, 60000);
	assert_true(others >= 0);
	more = event_new(server.base, others, EV_READ | EV_PERSIST, on_more, NULL);
	greedy = open_client();
	say(&greedy, POST);
	assert_int_equal(next_status(&greedy), 201);
	account_note(account_number("bureau"), FOR_TURNS, 1000000);
	event_add(more, NULL);
	began = now_ms();
	say(&greedy, POST);
	assert_int_equal(next_status(&greedy), 201);
	assert_true(now_ms() - began >= 140);
	/* It had one turn, not two. */
	event_free(more);
	close(others);
	say(&greedy, GET("/canary"));
	assert_int_equal(next_status(&greedy), 200);
	close_client(&greedy);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, unmake_server)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_has_so_many_and_then_so_many_a_second),
		cmocka_unit_test(an_address_agrees_on_tls_so_often_a_second),
		cmocka_unit_test(an_organisation_has_one_account_and_work_is_on_it),
		TEST(a_flood_that_is_refused_is_held_back),
		TEST(who_has_had_much_goes_after_the_others),
		TEST(a_turn_comes_however_much_others_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
