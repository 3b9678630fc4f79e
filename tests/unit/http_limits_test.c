/*
 * HTTP over real sockets: deadlines, limits, hanging up, draining, addresses.
 */
#include "daemon/http/limits.h"

#include <sys/eventfd.h>

#include "daemon/base/accounts.h"
#include "daemon/base/clock.h"
#include "tests/unit/http_bench.h"

static void what_is_pipelined_behind_a_wait_is_bounded(void **state)
{
	struct buf all = { 0 };
	struct client c;
	ssize_t sent;
	size_t total = 0;

	(void)state;
	make_server((struct http_config){ 0 }, 60000);
	c = open_client();
	say(&c, GET("/later"));
	for (int i = 0; i < 1000; i++)
		buf_puts(&all, GET("/canary"));
	/* The sockets' own buffers fill up, and then nothing more is taken. */
	for (int still = 0; still < 100; still++) {
		sent = send(c.fd, all.data, all.len, MSG_NOSIGNAL);
		if (sent > 0) {
			total += (size_t)sent;
			still = 0;
		}
		assert_true(total < (size_t)64 << 20);
		turn();
	}
	assert_int_equal(server.canaries, 0);
	buf_free(&all);
	close_client(&c);
}

/* One byte, and the loop for 2 ms. */
static void trickle(struct client *c)
{
	struct timeval pace = { .tv_usec = 2000 };

	say_n(c, "x", 1);
	event_base_loopexit(server.base, &pace);
	event_base_dispatch(server.base);
}

static void a_slow_head_is_cut_by_the_absolute_deadline(void **state)
{
	struct client c;
	int64_t began = now_ms();
	int status = 0;

	(void)state;
	make_server((struct http_config){ .header_deadline_ms = 100 }, 1000);
	c = open_client();
	say(&c, "GET /canary HTTP/1.1\r\nHost: a\r\nX: ");
	/* A byte every few milliseconds for as long as it is taken: no read is ever late. */
	until((trickle(&c), hear(&c), answers(&c, false, &status) == 1));
	assert_int_equal(status, 408);
	assert_in_range(now_ms() - began, 100, 2000);
	until_ended(&c);
	close_client(&c);
}

static void a_slow_body_is_cut_by_the_absolute_deadline(void **state)
{
	struct client c;
	int status = 0;

	(void)state;
	make_server((struct http_config){ .body_deadline_ms = 100 }, 1000);
	c = open_client();
	say(&c, "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
		"Content-Length: 100000\r\n\r\n");
	until((trickle(&c), hear(&c), answers(&c, false, &status) == 1));
	assert_int_equal(status, 408);
	close_client(&c);
}

static void who_says_nothing_is_closed_without_a_word(void **state)
{
	struct client fresh_one, idle_one;
	int status;

	(void)state;
	make_server((struct http_config){ .header_deadline_ms = 50, .idle_deadline_ms = 50 },
	    1000);
	fresh_one = open_client();
	idle_one = open_client();
	say(&idle_one, GET("/canary"));
	until_ended(&fresh_one);
	until_ended(&idle_one);
	assert_int_equal(fresh_one.got.len, 0);
	assert_int_equal(answers(&idle_one, false, &status), 1);
	close_client(&fresh_one);
	close_client(&idle_one);
}

static void who_does_not_read_is_cut_by_the_write_deadline(void **state)
{
	struct client c;

	(void)state;
	make_server((struct http_config){ .write_deadline_ms = 100 }, 1000);
	c = open_client();
	say(&c, GET("/much"));
	until(server.http->n_connections == 1);
	until(server.http->n_connections == 0);
	close_client(&c);
}

static void a_client_that_hangs_up_abandons_its_flow(void **state)
{
	struct client c;

	(void)state;
	make_server((struct http_config){ 0 }, 60000);
	c = open_client();
	say(&c, GET("/later"));
	until(server.n_pending == 1);
	close_client(&c);
	until(server.http->n_connections == 0);
	assert_int_equal(flow_engine_alive(server.flows), 1);
	complete_all(OK);
	assert_int_equal(flow_engine_alive(server.flows), 0);
}

static void the_deadline_answers_504_and_the_connection_goes_on(void **state)
{
	struct client c;

	(void)state;
	make_server((struct http_config){ 0 }, 50);
	c = open_client();
	say(&c, GET("/later"));
	assert_int_equal(next_status(&c), 504);
	complete_all(OK);
	say(&c, GET("/canary"));
	assert_int_equal(next_status(&c), 200);
	assert_int_equal(c.got.len, 0);
	close_client(&c);
}

static void too_many_flows_are_busy_and_told_when_to_return(void **state)
{
	static struct client waiting[512];
	struct client one_more;

	(void)state;
	make_server((struct http_config){ 0 }, 60000);
	for (size_t i = 0; i < 512; i++) {
		waiting[i] = open_client();
		say(&waiting[i], GET("/later"));
	}
	until(server.n_pending == 512);
	one_more = open_client();
	say(&one_more, GET("/canary"));
	until((hear(&one_more), one_more.got.len));
	assert_non_null(strstr(one_more.got.data, "HTTP/1.1 503 "));
	assert_non_null(strstr(one_more.got.data, "\r\nRetry-After: "));
	close_client(&one_more);
	/* What nobody will read of a body is no request. */
	one_more = open_client();
	say(&one_more,
	    "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 33\r\n\r\n" GET("/canary"));
	until((hear(&one_more), one_more.ended));
	assert_int_equal(next_status(&one_more), 503);
	assert_int_equal(one_more.got.len, 0);
	close_client(&one_more);
	for (size_t i = 0; i < 512; i++)
		close_client(&waiting[i]);
}

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
	close_client(&c);
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

/* 200 clients that ask, wait, vanish, stop in the middle; nothing may be left of them. */
static void a_storm_of_rude_clients_leaves_nothing_behind(void **state)
{
	static const char put[] =
	    "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
	    "Content-Length: 9\r\n\r\n123";
	static const char three[] = GET("/canary") GET("/later") GET("/canary");
	static const char *const parts[] = { GET("/canary"), GET("/later"), "GET /la", "\n",
		three, put };
	static struct client c[200];
	unsigned seed = (unsigned)now_ms();

	(void)state;
	print_message("seed %u\n", seed);
	make_server((struct http_config){ .max_connections = 150 }, 60000);
	for (size_t i = 0; i < 200; i++)
		c[i] = open_client();
	for (size_t i = 0; i < 5000; i++) {
		struct client *one = &c[(unsigned)rand_r(&seed) % 200];
		const char *part = parts[(unsigned)rand_r(&seed) % 6];
		struct linger reset = { .l_onoff = 1 };

		switch (rand_r(&seed) % 8) {
		case 0:
			close_client(one);
			*one = open_client();
			break;
		case 1:
			setsockopt(one->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
			close_client(one);
			*one = open_client();
			break;
		case 2:
			complete_all(rand_r(&seed) % 2 ? OK : E_UNAVAILABLE);
			break;
		case 3:
			shutdown(one->fd, SHUT_WR);
			break;
		default:
			if (send(one->fd, part, strlen(part), MSG_NOSIGNAL) < 0)
				errno = 0; /* rude to a server that has closed already */
			hear(one);
		}
		buf_clear(&one->got);
	}
	for (size_t i = 0; i < 200; i++)
		close_client(&c[i]);
	complete_all(OK);
	until((complete_all(OK), server.http->n_connections == 0));
	assert_int_equal(flow_engine_alive(server.flows), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, unmake_server)
	const struct CMUnitTest tests[] = {
		TEST(what_is_pipelined_behind_a_wait_is_bounded),
		TEST(a_slow_head_is_cut_by_the_absolute_deadline),
		TEST(a_slow_body_is_cut_by_the_absolute_deadline),
		TEST(who_says_nothing_is_closed_without_a_word),
		TEST(who_does_not_read_is_cut_by_the_write_deadline),
		TEST(a_client_that_hangs_up_abandons_its_flow),
		TEST(the_deadline_answers_504_and_the_connection_goes_on),
		TEST(too_many_flows_are_busy_and_told_when_to_return),
		cmocka_unit_test(a_key_has_so_many_and_then_so_many_a_second),
		cmocka_unit_test(an_address_agrees_on_tls_so_often_a_second),
		cmocka_unit_test(an_organisation_has_one_account_and_work_is_on_it),
		TEST(a_flood_that_is_refused_is_held_back),
		TEST(who_has_had_much_goes_after_the_others),
		TEST(a_turn_comes_however_much_others_ask),
		TEST(a_storm_of_rude_clients_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
