/*
 * HTTP: who may come, by which address, how many at once; and how all go.
 */
#include "tests/unit/http_bench.h"

#include <sys/stat.h>
#include <sys/un.h>

static void at_the_limit_the_longest_idle_gives_way_and_else_accepting_pauses(void **state)
{
	struct client c[4];

	(void)state;
	make_server((struct http_config){ .max_connections = 2 }, 60000);
	for (size_t i = 0; i < 2; i++) {
		c[i] = open_client();
		say(&c[i], GET("/canary"));
		assert_int_equal(next_status(&c[i]), 200);
	}
	c[2] = open_client();
	say(&c[2], GET("/later"));
	until_ended(&c[0]);
	say(&c[1], GET("/later"));
	until(server.n_pending == 2);
	c[3] = open_client();
	say(&c[3], GET("/canary"));
	until(server.http->is_paused);
	assert_int_equal(server.canaries, 2);
	complete_all(OK);
	close_client(&c[2]);
	assert_int_equal(next_status(&c[3]), 200);
	for (size_t i = 0; i < 4; i++)
		close_client(&c[i]);
}

static void one_address_holds_so_many_and_the_next_is_told_and_closed(void **state)
{
	struct client c[4];
	int status = 0;

	(void)state;
	make_server((struct http_config){ .max_per_address = 2 }, 60000);
	for (size_t i = 0; i < 2; i++) {
		c[i] = open_client();
		say(&c[i], GET("/canary"));
		assert_int_equal(next_status(&c[i]), 200);
	}
	c[2] = open_client();
	until((hear(&c[2]), answers(&c[2], false, &status) == 1));
	assert_int_equal(status, 503); /* before it has asked anything */
	assert_non_null(strstr(c[2].got.data, "too-many-connections"));
	until_ended(&c[2]);
	close_client(&c[0]);
	close_client(&c[2]);
	until(server.http->n_connections == 1);
	c[3] = open_client();
	say(&c[3], GET("/canary"));
	assert_int_equal(next_status(&c[3]), 200);
	close_client(&c[1]);
	close_client(&c[3]);
}

static void on_drained(void *arg, enum status st)
{
	(void)arg;
	assert_int_equal(st, OK);
	server.drained++;
}

static void draining_loses_no_request(void **state)
{
	struct client idle, working, queued, late;

	(void)state;
	make_server((struct http_config){ 0 }, 60000);
	idle = open_client();
	say(&idle, GET("/canary"));
	assert_int_equal(next_status(&idle), 200);
	working = open_client();
	say(&working, GET("/later"));
	until(server.n_pending == 1);
	/* Connected, sent, and not accepted yet: no turn of the loop in between. */
	queued = open_client();
	assert_int_equal(send(queued.fd, GET("/canary"), strlen(GET("/canary")), 0),
	    strlen(GET("/canary")));
	http_drain(server.http, (struct done){ on_drained, NULL });
	late = open_client();
	say(&idle, GET("/canary")); /* it could not know */
	until((hear(&queued), strstr(queued.got.len ? queued.got.data : "", "canary\"")));
	assert_non_null(strstr(queued.got.data, "Connection: close"));
	until((hear(&idle), strstr(idle.got.len ? idle.got.data : "", "canary\"")));
	assert_non_null(strstr(idle.got.data, "Connection: close"));
	assert_int_equal(server.drained, 0);
	complete_all(OK);
	until((hear(&working), working.got.len));
	assert_non_null(strstr(working.got.data, "HTTP/1.1 200 "));
	assert_non_null(strstr(working.got.data, "Connection: close"));
	until((hear(&late), late.ended));
	assert_int_equal(late.got.len, 0);
	close_client(&idle);
	close_client(&working);
	close_client(&queued);
	close_client(&late);
	until(server.drained == 1);
}

static void draining_with_nobody_there_ends_at_once(void **state)
{
	struct client silent;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	silent = open_client();
	until(server.http->n_connections == 1);
	http_drain(server.http, (struct done){ on_drained, NULL });
	until(server.drained == 1); /* after a moment's grace for the silent one */
	close_client(&silent);
}

static void a_unix_socket_serves_and_a_stale_one_is_replaced(void **state)
{
	char folder[] = "/tmp/vacancyd-http-XXXXXX";
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char address[sizeof(at.sun_path) + 8];
	struct client c;
	struct stat st;
	int fd;

	(void)state;
	make_server((struct http_config){ 0 }, 1000);
	assert_non_null(mkdtemp(folder));
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/s", folder);
	snprintf(address, sizeof(address), "unix:%s", at.sun_path);
	fd = http_bind(address, 0660);
	assert_true(fd >= 0);
	assert_int_equal(http_bind(address, 0660), -1); /* in use */
	assert_int_equal(errno, EADDRINUSE);
	close(fd);
	fd = http_bind(address, 0660);
	assert_true(fd >= 0);
	assert_int_equal(stat(at.sun_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_true(http_listen(server.http, fd, NULL));
	c = connect_to((const struct sockaddr *)&at, sizeof(at));
	say(&c, GET("/canary"));
	assert_int_equal(next_status(&c), 200);
	close_client(&c);
	unlink(at.sun_path);
	rmdir(folder);
}

static void addresses_are_numbers_or_paths(void **state)
{
	static const char *const bad[] = { "", ":", "8080", ":8080", "localhost:8080",
		"127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "[::1]", "1.2.3.4:80x",
		"unix:", "[]:80" };
	int fd = http_bind("[::1]:0", 0660);

	(void)state;
	assert_true(fd >= 0 || errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT);
	if (fd >= 0)
		close(fd);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(http_bind(bad[i], 0660), -1);
}
int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, unmake_server)
	const struct CMUnitTest tests[] = {
		TEST(at_the_limit_the_longest_idle_gives_way_and_else_accepting_pauses),
		TEST(one_address_holds_so_many_and_the_next_is_told_and_closed),
		TEST(draining_loses_no_request),
		TEST(draining_with_nobody_there_ends_at_once),
		TEST(a_unix_socket_serves_and_a_stale_one_is_replaced),
		cmocka_unit_test(addresses_are_numbers_or_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
