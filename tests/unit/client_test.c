/*
 * Whose address a request comes from, and what of it is kept.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "daemon/http/client.h"
#include "daemon/http/head.h"

static struct client from(const char *text)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return client_at((const struct sockaddr *)&four);
	if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
		return client_at((const struct sockaddr *)&six);
	return client_at(&(struct sockaddr){ .sa_family = AF_UNIX });
}

static void an_address_has_one_spelling(void **state)
{
	(void)state;
	assert_string_equal(from("192.0.2.1").text, "192.0.2.1");
	assert_string_equal(from("::ffff:192.0.2.1").text, "192.0.2.1");
	assert_string_equal(from("2001:DB8:0:0::1").text, "2001:db8::1");
	assert_string_equal(from("nowhere").text, "unix");
}

static void who_is_trusted_is_believed_as_far_as_their_own_words(void **state)
{
	static const char proxies[] = "10.0.0.5, 172.16.0.0/12 2001:DB8::5,unix, "
				      "2001:db8:9::/48";
	static const struct {
		const char *at, *header, *lines[3], *is;
	} cases[] = {
		{ "10.0.0.5", "X-Forwarded-For", { "192.0.2.1" }, "192.0.2.1" },
		{ "10.0.0.6", "X-Forwarded-For", { "192.0.2.1" }, "10.0.0.6" },
		{ "10.0.0.5", "X-Forwarded-For", { NULL }, "10.0.0.5" },
		{ "unix", "X-Forwarded-For", { "192.0.2.1" }, "192.0.2.1" },
		{ "2001:db8::5", "X-Forwarded-For", { "192.0.2.1" }, "192.0.2.1" },
		/* What stands before the last that we trust was written by anybody. */
		{ "10.0.0.5", "X-Forwarded-For", { "6.6.6.6, 192.0.2.1" }, "192.0.2.1" },
		{ "10.0.0.5", "X-Forwarded-For", { "6.6.6.6, 192.0.2.1 ,10.0.0.5" },
		    "192.0.2.1" },
		{ "10.0.0.5", "X-Forwarded-For", { "6.6.6.6", "192.0.2.1", "2001:db8:0::5" },
		    "192.0.2.1" },
		{ "10.0.0.5", "X-Forwarded-For", { "10.0.0.5" }, "10.0.0.5" },
		{ "172.31.255.255", "X-Forwarded-For", { "192.0.2.1, 172.16.0.1" },
		    "192.0.2.1" },
		{ "172.32.0.0", "X-Forwarded-For", { "192.0.2.1" }, "172.32.0.0" },
		{ "2001:db8:9:1::", "X-Forwarded-For", { "192.0.2.1" }, "192.0.2.1" },
		{ "2001:db8:a::", "X-Forwarded-For", { "192.0.2.1" }, "2001:db8:a::" },
		{ "10.0.0.5", "X-Forwarded-For", { "192.0.2.0/24" }, "10.0.0.5" },
		{ "10.0.0.5", "X-Forwarded-For", { "192.0.2.1:4711" }, "192.0.2.1" },
		{ "10.0.0.5", "X-Forwarded-For", { "[2001:db8::7]:80" }, "2001:db8::7" },
		{ "10.0.0.5", "X-Forwarded-For", { "2001:db8::7" }, "2001:db8::7" },
		/* What cannot be read is not believed, nor what stands before it. */
		{ "10.0.0.5", "X-Forwarded-For", { "192.0.2.1, unknown" }, "10.0.0.5" },
		{ "10.0.0.5", "X-Forwarded-For", { "192.0.2.1," }, "10.0.0.5" },
		{ "10.0.0.5", "X-Forwarded-For", { "unix" }, "10.0.0.5" },
		{ "10.0.0.5", "X-Forwarded-For", { "" }, "10.0.0.5" },
		{ "10.0.0.5", "X-Forwarded-For", { "[2001:db8::7" }, "10.0.0.5" },
		{ "10.0.0.5", "X-Forwarded-For",
		    { "0000000000000000000000000000000000000000000000000000000000000000001" },
		    "10.0.0.5" },
		{ "10.0.0.5", "Forwarded", { "for=192.0.2.1;proto=https;by=10.0.0.5" },
		    "192.0.2.1" },
		{ "10.0.0.5", "Forwarded",
		    { "for=6.6.6.6, proto=https; For=\"[2001:db8::7]:4711\"" }, "2001:db8::7" },
		{ "10.0.0.5", "Forwarded", { "for=192.0.2.1;for=6.6.6.6" }, "10.0.0.5" },
		{ "10.0.0.5", "Forwarded", { "for=_hidden" }, "10.0.0.5" },
		{ "10.0.0.5", "Forwarded", { "by=192.0.2.1" }, "10.0.0.5" },
		/* Another header than the one that they write is anybody's. */
		{ "10.0.0.5", "forwarded", { NULL, "192.0.2.1" }, "10.0.0.5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct head head = { .n_headers = 0 };
		struct client c;

		for (size_t k = 0; k < 3; k++) {
			if (!cases[i].lines[k])
				continue;
			head.headers[head.n_headers].name =
			    k && !cases[i].lines[0] ? "X-Forwarded-For" : cases[i].header;
			head.headers[head.n_headers++].value = cases[i].lines[k];
		}
		c = client_behind(from(cases[i].at), proxies, cases[i].header, &head);
		if (strcmp(c.text, cases[i].is) != 0)
			fail_msg("case %zu: %s, not %s", i, c.text, cases[i].is);
	}
}

static void no_more_is_kept_than_is_said(void **state)
{
	struct client four = from("192.0.2.131"), six = from("2001:db8:1:2:3::4");
	struct client local = from("unix");

	(void)state;
	assert_string_equal(client_kept(&four, "network").text, "192.0.2.0/24");
	assert_string_equal(client_kept(&six, "network").text, "2001:db8:1::/48");
	assert_string_equal(client_kept(&local, "network").text, "unix");
	assert_string_equal(client_kept(&four, "whole").text, "192.0.2.131");
	assert_string_equal(client_kept(&four, "none").text, "-");
	assert_string_equal(client_kept(&six, "none").text, "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_has_one_spelling),
		cmocka_unit_test(who_is_trusted_is_believed_as_far_as_their_own_words),
		cmocka_unit_test(no_more_is_kept_than_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
