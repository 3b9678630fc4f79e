/*
 * Configuration: the shipped files say what the table says, and what is wrong
 * in a file is told with its line.
 */
#include "daemon/config/config.h"
#include "tests/unit/settings_scratch.h"

#define CONF SOURCE_DIR "/config/vacancyd.conf"

static bool reads_config(const char *path, void *out)
{
	struct config *c = config_read(path);

	*(struct config **)out = c;
	return c != NULL;
}

static void refuse_config(struct scratch *s, const char *text, const char *why)
{
	struct config *c = NULL;

	write_text(s, text);
	assert_false(listen_to(s, reads_config, &c, s->path));
	if (!strstr(s->said, why))
		fail_msg("\"%s\" does not say \"%s\"", s->said, why);
}

static void an_empty_file_gives_every_default(void **state)
{
	struct scratch *s = *state;
	struct config *c = NULL;

	write_text(s, "");
	assert_true(listen_to(s, reads_config, &c, s->path));
	assert_string_equal(c->listen, "127.0.0.1:8080");
	assert_int_equal(c->city, 4101);
	assert_int_equal(c->workers, 1);
	assert_int_equal(c->max_body_bytes, 65536);
	assert_string_equal(s->said, "");
	config_free(c);
}

static void the_shipped_file_says_each_default(void **state)
{
	struct scratch *s = *state;
	struct config *shipped = config_read(CONF), *defaults = NULL;
	char *text = read_whole(CONF);

	write_text(s, "");
	assert_true(listen_to(s, reads_config, &defaults, s->path));
	assert_non_null(shipped);
	for (size_t i = 0; i < n_config_options; i++) {
		const struct config_option *o = &config_options[i];
		const char *a = (const char *)shipped + o->offset;
		const char *b = (const char *)defaults + o->offset;
		char line[64];

		snprintf(line, sizeof(line), "\n%s = ", o->name);
		if (!strstr(text, line))
			fail_msg("%s does not stand in %s", o->name, CONF);
		switch (o->kind) {
		case OPTION_TEXT:
			assert_string_equal(*(char *const *)(const void *)a,
			    *(char *const *)(const void *)b);
			break;
		case OPTION_NUMBER:
			assert_int_equal(*(const int *)(const void *)a,
			    *(const int *)(const void *)b);
			break;
		case OPTION_TRUTH:
			assert_int_equal(*(const bool *)(const void *)a,
			    *(const bool *)(const void *)b);
			break;
		}
	}
	free(text);
	config_free(shipped);
	config_free(defaults);
}

static void each_default_is_within_its_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_config_options; i++)
		if (config_options[i].kind == OPTION_NUMBER)
			assert_in_range(config_options[i].number, config_options[i].min,
			    config_options[i].max);
}

static void the_manual_names_each_option(void **state)
{
	char *text = read_whole(SOURCE_DIR "/config/man/vacancyd.conf.5");

	(void)state;
	for (size_t i = 0; i < n_config_options; i++) {
		char item[64];

		snprintf(item, sizeof(item), "\n.It Ic %s ", config_options[i].name);
		if (!strstr(text, item))
			fail_msg("%s is not in vacancyd.conf.5", config_options[i].name);
	}
	free(text);
}

static void a_value_out_of_bounds_is_refused_with_its_line(void **state)
{
	refuse_config(*state, "# a comment\n\n# another\nworkers = 0\n",
	    ":4: workers: 0 is not within 1 to 64\n");
	refuse_config(*state, "city = 99999999999999999999\n",
	    ":1: integer value for option 'city' is out of range");
	refuse_config(*state, "board = \"\"\n", ":1: board: must not be empty\n");
	refuse_config(*state, "log_level = \"in\"\n", ":1: log_level: 'in' is none of");
}

static void an_origin_is_written_as_a_browser_sends_it(void **state)
{
	static const char *const bad[] = { "*", "null", "desk.example", "https://", "https:///",
		"https://desk.example/", "https://desk.example/a", "https://Desk.example",
		"HTTPS://desk.example", "ftp://desk.example", "https://u@desk.example",
		"https://desk.example:", "https://desk.example:443", "http://desk.example:80",
		"https://desk.example:0", "https://desk.example:08443",
		"https://desk.example:65536", "https://desk.example:100000",
		"https://desk.example:8443/", "https://desk.example?", "https://.example",
		"https://desk.", "https://desk..example", "https://*.example", "https://[::1",
		"https://::1", "https://[]", "https://[::g]", "https://[::1]x",
		"https://\u90d1.example", "https://a,*" };
	struct scratch *s = *state;
	struct config *c = NULL;
	char text[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(text, sizeof(text), "cors_origins = \"%s\"\n", bad[i]);
		refuse_config(s, text, ":1: cors_origins: '");
	}
	write_text(s, "cors_origins = \"https://desk.example:8443, http://[::1]:8080,\"\n"
		      "# and so on\n");
	assert_true(listen_to(s, reads_config, &c, s->path));
	config_free(c);
	write_text(s, "cors_origins = \"https://a http://127.0.0.1:80443\"\n");
	assert_false(listen_to(s, reads_config, &c, s->path));
	assert_non_null(
	    strstr(s->said, "'http://127.0.0.1:80443' is no origin: its port is none"));
}

static void plain_http_is_heard_on_this_machine_alone_unless_it_is_said(void **state)
{
	static const char *const open[] = { "0.0.0.0:80", "192.0.2.1:80", "[::]:80",
		"[2001:db8::1]:80", "128.0.0.1:80", "127.0.0.1:80, unix:/run/a, 10.0.0.1:80",
		"[fe80::1%lo]:80" };
	static const char *const none[] = { "localhost:80", "127.0.0.1.example:80", ":80", "80",
		"127.0.0.1", "127.0.0.1:65536", "::1:80", "[::1]80",
		"unix:", "127.0.0.0/8:80" };
	static const char *const good[] = {
		"listen = \"127.0.0.1:80,127.9.9.9:80, [::1]:80 unix:/run/a\"\n",
		"listen = \"0.0.0.0:80\"\nplain_http = \"behind-a-proxy\"\n",
		"listen = \"\"\ntls_listen = \"[::]:443\"\ntls_certificate = \"a\"\ntls_key = \"b\"\n",
	};
	struct scratch *s = *state;
	struct config *c = NULL;
	char text[128];

	for (size_t i = 0; i < sizeof(open) / sizeof(*open); i++) {
		snprintf(text, sizeof(text), "listen = \"%s\"\n", open[i]);
		refuse_config(s, text, "can be reached from elsewhere, without TLS");
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		snprintf(text, sizeof(text), "metrics_listen = \"%s\"\n", none[i]);
		refuse_config(s, text, " is none of 127.0.0.1:80, [::1]:80, unix:/path\n");
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		write_text(s, good[i]);
		assert_true(listen_to(s, reads_config, &c, s->path));
		config_free(c);
	}
	refuse_config(s, "listen = \"\"\n", ": listen: no address, nor one in tls_listen");
	refuse_config(s, "tls_listen = \"[::]:443\"\ntls_key = \"b\"\n",
	    ": tls_listen: needs tls_certificate and tls_key");
	refuse_config(s, "trusted_proxies = \"10.0.0.5,10.0.0.5:80\"\n",
	    ":1: trusted_proxies: '10.0.0.5:80' is no address, no network as 10.0.0.0/8, "
	    "nor unix\n");
	refuse_config(s, "trusted_proxies = \"10.0.0.5/8\"\n", ":1: trusted_proxies: ");
	refuse_config(s, "board = \"/run/redis.sock\"\n",
	    ":1: board: '/run/redis.sock' is neither host:port nor unix:/path\n");
	write_text(s, "trusted_proxies = \"10.0.0.0/8, 2001:db8::/32,unix\"\n"
		      "board = \"cache.example:6379\"\n");
	assert_true(listen_to(s, reads_config, &c, s->path));
	config_free(c);
	refuse_config(s, "plain_http = \"loop\"\n",
	    ":1: plain_http: 'loop' is none of loopback, behind-a-proxy\n");
}

static void all_faults_of_a_file_are_told_at_once(void **state)
{
	struct scratch *s = *state;

	refuse_config(s, "workers = 0\ncity = 1\n", ":1: workers: ");
	assert_non_null(strstr(s->said, ":2: city: "));
}

static void a_production_city_has_no_fixed_clock(void **state)
{
	refuse_config(*state, "sandbox = false\n",
	    ": fixed_clock: only a sandbox may hold one");
}

static void an_unknown_option_is_refused(void **state)
{
	refuse_config(*state, "wrokers = 2\n", ":1: no such option 'wrokers'\n");
}

static void an_option_given_twice_is_refused(void **state)
{
	refuse_config(*state, "workers = 1\nworkers = 2\n", ":2: workers: given twice\n");
}

static void a_file_that_ends_inside_a_text_is_refused(void **state)
{
	refuse_config(*state, "board = \"unix:", ":1: ");
}

static void a_hash_inside_a_text_is_no_comment(void **state)
{
	struct scratch *s = *state;
	struct config *c = NULL;

	write_text(s, "board = \"unix:/a#b\\\"c\" # so\nledger = 'x#y'\n");
	assert_true(listen_to(s, reads_config, &c, s->path));
	assert_string_equal(c->board, "unix:/a#b\"c");
	assert_string_equal(c->ledger, "x#y");
	config_free(c);
}

static void a_missing_file_and_a_folder_are_refused(void **state)
{
	struct scratch *s = *state;
	struct config *c = NULL;

	assert_false(listen_to(s, reads_config, &c, "/nowhere/vacancyd.conf"));
	assert_string_equal(s->said, "/nowhere/vacancyd.conf: No such file or directory\n");
	assert_false(listen_to(s, reads_config, &c, "/"));
	assert_non_null(strstr(s->said, "directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_file_gives_every_default),
		TEST(the_shipped_file_says_each_default),
		TEST(each_default_is_within_its_bounds),
		TEST(the_manual_names_each_option),
		TEST(a_value_out_of_bounds_is_refused_with_its_line),
		TEST(an_origin_is_written_as_a_browser_sends_it),
		TEST(plain_http_is_heard_on_this_machine_alone_unless_it_is_said),
		TEST(all_faults_of_a_file_are_told_at_once),
		TEST(a_production_city_has_no_fixed_clock),
		TEST(an_unknown_option_is_refused),
		TEST(an_option_given_twice_is_refused),
		TEST(a_file_that_ends_inside_a_text_is_refused),
		TEST(a_hash_inside_a_text_is_no_comment),
		TEST(a_missing_file_and_a_folder_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
