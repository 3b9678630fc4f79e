/*
 * HTTP over real sockets: framing, bodies, pipelining, what an answer looks
 * like.  Limits, deadlines and the end are in http_limits_test.c.
 */
#include "tests/unit/http_bench.h"
#include "tests/unit/probes.h"

static void replay(const struct probe *p, bool byte_by_byte)
{
	bool is_head = strncmp(p->bytes.data, "HEAD ", 5) == 0;
	struct client c = open_client();
	size_t n = 0;
	int status = 0;

	server.canaries = 0;
	if (byte_by_byte) {
		for (size_t i = 0; i < p->bytes.len; i++)
			if (!say_n(&c, p->bytes.data + i, 1))
				break;
	} else {
		say_n(&c, p->bytes.data, p->bytes.len);
	}
	say(&c, GET("/canary"));
	until((hear(&c), (n = answers(&c, is_head, &status)) == 2 || c.ended));
	if (status != p->status)
		fail_msg("%s: %d, not %d", p->name, status, p->status);
	/* The rest of a refused body may still be on its way: then the connection ends. */
	if (p->keeps && !(byte_by_byte && p->status >= 400 && strstr(p->bytes.data, "Length")))
		if (n != 2 || server.canaries != 1)
			fail_msg("%s: the next request was not answered", p->name);
	if (!p->keeps && (n != 1 || server.canaries != 0))
		fail_msg("%s: a smuggled request was answered", p->name);
	if (!p->keeps && !strstr(c.got.data, "\r\nConnection: close\r\n"))
		fail_msg("%s: does not say that it closes", p->name);
	close_client(&c);
	until(server.http->n_connections == 0);
}

static void replay_whole(const struct probe *p)
{
	replay(p, false);
}

static void replay_in_bytes(const struct probe *p)
{
	replay(p, true);
}

static void every_probe_is_answered_once_and_nothing_is_smuggled(void **state)
{
	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	assert_in_range(probes_each(replay_whole), 140, 1000);
}

static void every_probe_is_answered_the_same_byte_by_byte(void **state)
{
	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	assert_in_range(probes_each(replay_in_bytes), 140, 1000);
}

static void an_answer_carries_its_headers_and_no_forged_one(void **state)
{
	struct client c;
	int status;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	c = open_client();
	say(&c, "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
		"X-Request-Id: desk-7\r\n"
		"Content-Length: 7\r\n\r\n{\"a\":1}");
	until((hear(&c), answers(&c, false, &status) == 1));
	assert_int_equal(status, 201);
	assert_non_null(strstr(c.got.data, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(c.got.data, "\r\nContent-Length: 7\r\n"));
	assert_non_null(strstr(c.got.data, "\r\nVacancyd-Request-Id: "));
	assert_non_null(strstr(c.got.data, "\r\nX-Request-Id: desk-7\r\n"));
	assert_non_null(strstr(c.got.data, "\r\nCache-Control: no-store\r\n"));
	assert_non_null(strstr(c.got.data, "\r\nX-Content-Type-Options: nosniff\r\n"));
	assert_non_null(strstr(c.got.data, "\r\nDate: "));
	assert_non_null(strstr(c.got.data, "\r\nETag: \"7\"\r\n"));
	assert_null(strstr(c.got.data, "Set-Cookie"));
	assert_null(strstr(c.got.data, "Connection:"));
	assert_string_equal(c.got.data + c.got.len - 7, "{\"a\":1}");
	close_client(&c);
}

static void a_refusal_is_a_problem_in_both_languages_with_its_headers(void **state)
{
	struct client c;
	int status;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	c = open_client();
	say(&c, "POST /v1/placements HTTP/1.1\r\nHost: a\r\nAccept-Language: zh-CN\r\n\r\n"
		"DELETE /canary HTTP/1.1\r\nHost: a\r\n\r\n");
	until((hear(&c), answers(&c, false, &status) == 2));
	assert_non_null(strstr(c.got.data, "\r\nWWW-Authenticate: Bearer"));
	assert_non_null(strstr(c.got.data, "application/problem+json"));
	assert_non_null(
	    strstr(c.got.data, "\"type\":\"/problems/key-missing\",\"title\":\"未提供"));
	assert_non_null(strstr(c.got.data, "\r\nAllow: GET, HEAD\r\n"));
	close_client(&c);
}

static void fifty_pipelined_requests_are_answered_in_order(void **state)
{
	struct buf all = { 0 };
	struct client c;
	const char *at;
	int status;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	c = open_client();
	for (int i = 0; i < 50; i++)
		buf_printf(&all, "GET /number/%d HTTP/1.1\r\nHost: a\r\n\r\n", 100 + i);
	say_n(&c, all.data, all.len);
	until((hear(&c), answers(&c, false, &status) == 50));
	at = c.got.data;
	for (int i = 0; i < 50; i++) {
		char body[16];
		size_t n = whole_answer(at, false, &status);

		snprintf(body, sizeof(body), "\r\n\r\n%d", 100 + i);
		assert_int_equal(status, 200);
		assert_memory_equal(at + n - 7, body, 7);
		at += n;
	}
	buf_free(&all);
	close_client(&c);
}

static void a_pipelined_request_waits_for_the_one_before(void **state)
{
	struct client c;
	int status;

	(void)state;
	make_server((struct http_config){ 0 }, 60000);
	c = open_client();
	say(&c, GET("/later") GET("/canary"));
	until(server.n_pending == 1);
	hear(&c);
	assert_int_equal(server.canaries, 0);
	complete_all(OK);
	until((hear(&c), answers(&c, false, &status) == 2));
	assert_int_equal(server.canaries, 1);
	close_client(&c);
}

static void a_body_may_come_in_pieces_and_after_100_continue(void **state)
{
	struct client c;
	char body[70001];

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	c = open_client();
	say(&c, "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
		"Content-Length: 70000\r\nExpect: 100-continue\r\n\r\n");
	assert_int_equal(next_status(&c), 100);
	memset(body, 'b', 70000);
	body[70000] = '\0';
	for (size_t i = 0; i < 70000; i += 777)
		say_n(&c, body + i, i + 777 < 70000 ? 777 : 70000 - i);
	assert_int_equal(next_status(&c), 201);
	say(&c, GET("/canary"));
	assert_int_equal(next_status(&c), 200);
	close_client(&c);
}

static void a_body_that_is_too_large_is_refused_before_it_is_read(void **state)
{
	struct client c;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	c = open_client();
	say(&c, "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
		"Content-Length: 100001\r\n\r\n");
	/* The answer arrives although the client goes on sending. */
	for (int i = 0; i < 100; i++)
		say(&c, "0123456789012345678901234567890123456789012345678901234567890123");
	assert_int_equal(next_status(&c), 413);
	until_ended(&c);
	close_client(&c);
}

static void a_body_with_nul_is_refused(void **state)
{
	struct client c;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	c = open_client();
	say(&c, "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
		"Content-Length: 3\r\n\r\n");
	say_n(&c, "1\0002", 3);
	assert_int_equal(next_status(&c), 400);
	say(&c, GET("/canary"));
	assert_int_equal(next_status(&c), 200);
	close_client(&c);
}

static void a_key_opens_its_routes(void **state)
{
	struct client c;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	c = open_client();
	say(&c, "POST /v1/placements HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
		"Authorization: Bearer vd_" ID "_" SECRET "\r\nContent-Length: 2\r\n\r\n{}");
	assert_int_equal(next_status(&c), 201);
	close_client(&c);
}

static void a_large_answer_arrives_whole(void **state)
{
	struct client c;
	int status;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	c = open_client();
	say(&c, GET("/much"));
	until((hear(&c), c.got.len > (size_t)8 << 20));
	assert_int_equal(answers(&c, false, &status), 1);
	close_client(&c);
}

static void a_half_closed_client_still_gets_what_it_asked_for(void **state)
{
	struct client c;
	int status;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	c = open_client();
	say(&c, GET("/number/1") GET("/number/2"));
	assert_int_equal(shutdown(c.fd, SHUT_WR), 0);
	until_ended(&c);
	assert_int_equal(answers(&c, false, &status), 2);
	close_client(&c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, unmake_server)
	const struct CMUnitTest tests[] = {
		TEST(every_probe_is_answered_once_and_nothing_is_smuggled),
		TEST(every_probe_is_answered_the_same_byte_by_byte),
		TEST(an_answer_carries_its_headers_and_no_forged_one),
		TEST(a_refusal_is_a_problem_in_both_languages_with_its_headers),
		TEST(fifty_pipelined_requests_are_answered_in_order),
		TEST(a_pipelined_request_waits_for_the_one_before),
		TEST(a_body_may_come_in_pieces_and_after_100_continue),
		TEST(a_body_that_is_too_large_is_refused_before_it_is_read),
		TEST(a_body_with_nul_is_refused),
		TEST(a_key_opens_its_routes),
		TEST(a_large_answer_arrives_whole),
		TEST(a_half_closed_client_still_gets_what_it_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
