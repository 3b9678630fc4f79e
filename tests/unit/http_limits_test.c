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

/* What came while the loop was busy is read before anybody is called late. */
static void a_loop_that_is_late_does_not_call_the_client_so(void **state)
{
	static char half[30000];
	struct client c;
	int status = 0;

	(void)state;
	memset(half, ' ', sizeof(half));
	make_server((struct http_config){ .body_deadline_ms = 100 }, 1000);
	c = open_client();
	say(&c, "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
		"Content-Length: 60002\r\n\r\n{}");
	trickle(&c);
	usleep(300000);
	say_n(&c, half, sizeof(half));
	say_n(&c, half, sizeof(half) - 1);
	until((hear(&c), answers(&c, false, &status) == 1));
	assert_int_equal(status, 201);
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
		TEST(a_loop_that_is_late_does_not_call_the_client_so),
		TEST(who_says_nothing_is_closed_without_a_word),
		TEST(who_does_not_read_is_cut_by_the_write_deadline),
		TEST(a_client_that_hangs_up_abandons_its_flow),
		TEST(the_deadline_answers_504_and_the_connection_goes_on),
		TEST(too_many_flows_are_busy_and_told_when_to_return),
		TEST(a_storm_of_rude_clients_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
