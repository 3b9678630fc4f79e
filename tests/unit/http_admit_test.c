/*
 * Admission: what a request says in plain values, and each thing that it lacks.
 */
#include <stdio.h>

#include "tests/unit/http_judge.h"

static void a_whole_request_is_read_into_plain_values(void **state)
{
	const struct request *r;

	(void)state;
	assert_string_equal(
	    judge_text(
		"PUT /v1/returns/91410100MA/410105/2007%512?validate=only&x=a+b%2Bc HTTP/1.1\r\n"
		"Host: a\r\n" KEY "Content-Type: application/json; charset=utf-8\r\n"
		"Content-Length: 12\r\nIdempotency-Key: a-1.2:3_4\r\nIf-Match: \"3\"\r\n"
		"Accept-Language: zh-CN,zh;q=0.9,en;q=0.8\r\nVacancyd-Actor: vo_" ID "_" SECRET
		"\r\n"
		"Consistency-Token: 4101.12.7\r\nExpect: 100-continue\r\n"
		"X-Request-Id: desk-7:1\r\nVacancyd-Request-Id: ABCDEF0123456789abcdef0123456789\r\n"
		"traceparent: "
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n"),
	    "");
	r = got.admission.request;
	assert_int_equal(r->method, METHOD_PUT);
	assert_string_equal(r->path, "/v1/returns/91410100MA/410105/2007Q2");
	assert_string_equal(r->params[0], "91410100MA");
	assert_string_equal(r->params[1], "410105");
	assert_string_equal(r->params[2], "2007Q2");
	assert_null(r->params[3]);
	assert_string_equal(request_query(r, "validate"), "only");
	assert_string_equal(request_query(r, "x"), "a b+c");
	assert_null(request_query(r, "y"));
	assert_string_equal(r->idempotency_key, "a-1.2:3_4");
	assert_string_equal(r->if_match, "\"3\"");
	assert_string_equal(r->actor, ID ".ab000000000000000000000000000000"
					 "00000000000000000000000000000000");
	assert_string_equal(r->who->scope, "410105"); /* the narrower of the two */
	assert_string_equal(r->position, "4101.12.7");
	assert_string_equal(r->id, "11111111111111111111111111111111"); /* never the client's */
	assert_string_equal(r->client_id, "desk-7:1");
	assert_int_equal(r->lang, LANG_ZH);
	assert_int_equal(strlen(r->traceparent), 55);
	assert_string_equal(r->who->kid, ID);
	assert_int_equal(got.admission.length, 12);
	assert_true(got.admission.wants_continue);
	assert_ptr_equal(got.admission.route, &routes[3]);
}

static void what_a_client_leaves_out_is_null(void **state)
{
	(void)state;
	assert_string_equal(judge_text("GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n"), "");
	assert_null(got.admission.request->idempotency_key);
	assert_null(got.admission.request->if_match);
	assert_null(got.admission.request->actor);
	assert_null(got.admission.request->position);
	assert_null(got.admission.request->who);
	assert_string_equal(got.admission.request->traceparent, "");
	assert_string_equal(got.admission.request->id, "11111111111111111111111111111111");
	assert_int_equal(got.admission.request->lang, LANG_EN);
}

static void a_tag_is_found_in_a_list_of_tags(void **state)
{
	(void)state;
	assert_true(header_has_etag("\"3\"", "\"3\""));
	assert_true(header_has_etag("\"1\", W/\"3\" , \"4\"", "\"3\""));
	assert_true(header_has_etag("*", "\"3\""));
	assert_false(header_has_etag("", "\"3\""));
	assert_false(header_has_etag("\"33\",\"\"", "\"3\""));
	assert_false(header_has_etag(", ,", "\"3\""));
}

#define POST "POST /v1/placements HTTP/1.1\r\nHost: a\r\n"
#define JSON "Content-Type: application/json\r\nContent-Length: 2\r\n"

static void each_thing_missing_from_a_post_has_its_own_problem(void **state)
{
	static const struct {
		const char *text, *slug;
	} cases[] = {
		{ POST KEY "Idempotency-Key: k\r\n" JSON "\r\n", "" },
		{ POST "Idempotency-Key: k\r\n" JSON "\r\n", "key-missing" },
		{ POST "Authorization: Bearer vd_" ID "_x\r\n" JSON "\r\n", "key-refused" },
		{ POST KEY JSON "\r\n", "idempotency-key-missing" },
		{ POST KEY "Idempotency-Key:\r\n" JSON "\r\n", "idempotency-key-malformed" },
		{ POST KEY "Idempotency-Key: a b\r\n" JSON "\r\n",
		    "idempotency-key-malformed" },
		{ POST KEY "Idempotency-Key: k\r\n\r\n", "length-required" },
		{ POST KEY "Idempotency-Key: k\r\nContent-Length: 0\r\n\r\n", "" },
		{ POST KEY "Idempotency-Key: k\r\nContent-Length: 101\r\n\r\n",
		    "body-too-large" },
		{ POST KEY "Idempotency-Key: k\r\nContent-Length: 2\r\n\r\n",
		    "unsupported-media-type" },
		{ POST KEY "Idempotency-Key: k\r\nContent-Encoding: gzip\r\n" JSON "\r\n",
		    "unsupported-media-type" },
		{ POST KEY "Idempotency-Key: k\r\nVacancyd-Actor:\r\n" JSON "\r\n", "" },
		{ "GET /v1/persons HTTP/1.1\r\nHost: a\r\nVacancyd-Actor: \r\n" KEY "\r\n",
		    "actor-required" },
		{ POST KEY "Idempotency-Key: k\r\nVacancyd-Actor: \xff\r\n" JSON "\r\n",
		    "actor-refused" },
		{ POST KEY "Idempotency-Key: k\r\nVacancyd-Actor: vo_" OTHER_ID "_" SECRET
			   "\r\n" JSON "\r\n",
		    "actor-refused" },
		{ POST KEY "Idempotency-Key: k\r\nVacancyd-For: " ID "\r\n" JSON "\r\n",
		    "actor-refused" },
		{ POST KEY "Idempotency-Key: k\r\n" ACTOR "Vacancyd-For: x\r\n" JSON "\r\n",
		    "actor-refused" },
		{ POST KEY "Idempotency-Key: k\r\n" ACTOR "Vacancyd-For: " OTHER_ID "\r\n" JSON
			   "\r\n",
		    "" },
		{ "GET /v1/persons HTTP/1.1\r\nHost: a\r\n" KEY "\r\n", "actor-required" },
		{ "GET /v1/persons HTTP/1.1\r\nHost: a\r\n" KEY ACTOR "\r\n", "" },
		{ POST KEY "Idempotency-Key: k\r\nConsistency-Token: a/b\r\n" JSON "\r\n",
		    "malformed-request" },
		{ POST KEY "Idempotency-Key: k\r\nIf-Match: \"1\", \"2\"\r\n" JSON "\r\n",
		    "malformed-request" },
		{ "GET /v1/returns/a/b/c HTTP/1.1\r\nHost: a\r\n" KEY "\r\n", "role-refused" },
		{ "POST /v1/placements/5/confirm HTTP/1.1\r\nHost: a\r\n" KEY "\r\n", "" },
		{ "POST /v1/placements//confirm HTTP/1.1\r\nHost: a\r\n" KEY "\r\n",
		    "malformed-path" },
		{ "PATCH /v1/placements HTTP/1.1\r\nHost: a\r\n" KEY "\r\n",
		    "method-not-allowed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (strcmp(judge_text(cases[i].text), cases[i].slug) != 0)
			fail_msg("case %zu: '%s', not '%s'", i, got.slug, cases[i].slug);
}

static void a_method_that_is_not_allowed_hears_which_are(void **state)
{
	(void)state;
	judge_text("DELETE /v1/returns/a/b/c HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_string_equal(got.slug, "method-not-allowed");
	assert_string_equal(got.why.allow, "GET, HEAD, PUT");
}

static const char *origin_of(const char *origin)
{
	char text[256];

	snprintf(text, sizeof(text), "GET /nowhere HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\n\r\n",
	    origin);
	assert_string_equal(judge_text(text), "not-found");
	return got.admission.origin ? got.admission.origin : "-";
}

static void an_origin_is_compared_letter_by_letter(void **state)
{
	static const char *const others[] = { "", "null", "*", "https://desk.example/",
		"https://desk.example:443", "https://Desk.example", "http://desk.example",
		"https://desk.exampl", "https://desk.example.evil", "https://evil.desk.example",
		"https://desk.example,", "https://desk.example, http://[::1]:8080", ",",
		"http://[::1]" };

	(void)state;
	assert_string_equal(origin_of("https://desk.example"), "https://desk.example");
	assert_string_equal(origin_of(" http://[::1]:8080 "), "http://[::1]:8080");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_string_equal(origin_of(others[i]), "-");
}

#define ASKS   "Access-Control-Request-Method: POST\r\n"
#define LISTED "Origin: https://desk.example\r\n"

static void a_preflight_is_answered_for_a_listed_origin_alone(void **state)
{
	(void)state;
	assert_string_equal(judge_text(
				"OPTIONS /v1/returns/a/b/c HTTP/1.1\r\nHost: a\r\n" LISTED ASKS
				"\r\n"),
	    "");
	assert_string_equal(got.admission.request->of_route, "GET, HEAD, PUT");
	assert_string_equal(judge_text("OPTIONS /v1/placements HTTP/1.1\r\nHost: a\r\n" ASKS
				       "Origin: https://else.example\r\n\r\n"),
	    "method-not-allowed");
	assert_string_equal(got.why.allow, "POST");
	assert_string_equal(judge_text(
				"OPTIONS /v1/placements HTTP/1.1\r\nHost: a\r\n" LISTED "\r\n"),
	    "method-not-allowed");
	assert_string_equal(judge_text(
				"OPTIONS /nowhere HTTP/1.1\r\nHost: a\r\n" LISTED ASKS "\r\n"),
	    "not-found");
	assert_string_equal(judge_text("POST /v1/placements HTTP/1.1\r\nHost: a\r\n" LISTED ASKS
				       "\r\n"),
	    "key-missing");
}

static void only_whole_keys_are_looked_up(void **state)
{
	static const char *const bad[] = {
		"",
		"Bearer",
		"Bearer ",
		"vd_" ID "_" SECRET,
		"Basic vd_" ID "_" SECRET,
		"Bearer  vd_" ID "_" SECRET,
		"Bearer vd_" ID "_" SECRET " ",
		"Bearer vd_" ID "_" SECRET "x",
		"Bearer vd_" ID SECRET,
		"Bearer vd_" ID "0_" SECRET,
		"Bearer vd_0123456789ABCDEF_" SECRET,
		"Bearer xx_" ID "_" SECRET,
		"Bearer vd_" ID "_0123456789abcdefghijABCDEFGHIJ0123456789ab-",
		"Bearer vd_" ID "_" SECRET ",",
		"Bearer vd_",
		"Bearer vd_" ID,
		"Bearer vd_" ID "_",
	};
	struct bearer key;

	(void)state;
	assert_true(header_bearer("bEaReR vd_" ID "_" SECRET, &key));
	assert_string_equal(key.id, ID);
	assert_string_equal(key.secret, SECRET);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(header_bearer(bad[i], &key));
}

static void languages_follow_their_weights(void **state)
{
	(void)state;
	assert_int_equal(header_lang(NULL), LANG_EN);
	assert_int_equal(header_lang(""), LANG_EN);
	assert_int_equal(header_lang("zh"), LANG_ZH);
	assert_int_equal(header_lang("ZH-Hans-CN"), LANG_ZH);
	assert_int_equal(header_lang("en;q=0.5, zh ; q=0.8"), LANG_ZH);
	assert_int_equal(header_lang("zh;q=0.1,en;q=0.2"), LANG_EN);
	assert_int_equal(header_lang("zh;q=0.815,en;q=0.814"), LANG_ZH);
	assert_int_equal(header_lang("zh;q=0"), LANG_EN);
	assert_int_equal(header_lang("de, fr;q=0.9, zh;q=0.1"), LANG_ZH);
	assert_int_equal(header_lang("zha, zho"), LANG_EN);
	assert_int_equal(header_lang(",,;,;;q, ,"), LANG_EN);
	assert_int_equal(header_lang("zh;q=1.5, en;q=0.1"), LANG_EN);
}

static enum coding_wish wish(const char *value)
{
	struct codings said = CODINGS_UNSAID;

	header_codings(value, &said);
	return codings_wish(&said);
}

static void codings_follow_their_weights(void **state)
{
	static const char *const plain[] = { "", ",", "br", "deflate, br", "gzip;q=0",
		"gzip;q=0.000", "*;q=0", "gzip;q=0, *", "identity", "identity;q=0",
		"gzip;q=0.4, identity;q=0.5", "gzip;q=0.4, *;q=0.5", "identity;q=0.3, *;q=0.2",
		"gzipped", "gzip x", "gzip;q=1.001", "gzip;q=2", "gzip;q=0.1234", "gzip;q=.5",
		"gzip;q=-1", "gzip;q= 1", "gzip;q", "gzip;", "gzip;level=1", "gzip;q=1;q=1",
		"g zip", "\"gzip\"", "gzip=1", "gzip;;q=1" };
	static const char *const gzip[] = { "gzip", "GZip", "x-gzip", "*", "br, gzip",
		"deflate;q=1, gzip;q=0.001", "gzip;q=1.000", "gzip ; q=0.5 ",
		"\tgzip\t;\tQ=0.5", "gzip;q=1.", "gzip;q=0.5, identity;q=0.5",
		"gzip;q=0.5, *;q=0.1", "*;q=0.5", "identity;q=0.2, *;q=0.3", "gzip;q=2, x-gzip",
		",,gzip,," };
	static const char *const gzip_only[] = { "gzip, identity;q=0", "identity;q=0, *",
		"gzip;q=0.1, *;q=0", "x-gzip,identity;q=0.000" };
	struct codings said = CODINGS_UNSAID;

	(void)state;
	assert_int_equal(codings_wish(&said), CODING_PLAIN);
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (wish(plain[i]) != CODING_PLAIN)
			fail_msg("\"%s\" does not wish for gzip", plain[i]);
	for (size_t i = 0; i < sizeof(gzip) / sizeof(*gzip); i++)
		if (wish(gzip[i]) != CODING_GZIP)
			fail_msg("\"%s\" wishes for gzip", gzip[i]);
	for (size_t i = 0; i < sizeof(gzip_only) / sizeof(*gzip_only); i++)
		if (wish(gzip_only[i]) != CODING_GZIP_ONLY)
			fail_msg("\"%s\" takes nothing but gzip", gzip_only[i]);
}

static void codings_may_be_said_on_several_lines(void **state)
{
	(void)state;
	assert_string_equal(judge_text(
				"GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n"
				"Accept-Encoding: br\r\naccept-encoding: identity;q=0\r\n"
				"Accept-Encoding: gzip\r\n\r\n"),
	    "");
	assert_int_equal(got.admission.coding, CODING_GZIP_ONLY);
}

static void a_tag_of_either_form_names_the_version(void **state)
{
	static const char *const tags[][2] = { { "\"3\"", "\"3\"" }, { "\"3-gzip\"", "\"3\"" },
		{ "\"-gzip\"", "\"\"" }, { "-gzip\"", "-gzip\"" }, { "*", "*" },
		{ "\"3-gzip", "\"3-gzip" } };
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		snprintf(text, sizeof(text),
		    "GET /openapi.yaml HTTP/1.1\r\nHost: a\r\nIf-Match: %s\r\n\r\n",
		    tags[i][0]);
		assert_string_equal(judge_text(text), "");
		assert_string_equal(got.admission.request->if_match, tags[i][1]);
	}
}

static void json_is_said_in_few_ways(void **state)
{
	(void)state;
	assert_true(header_is_json("application/json"));
	assert_true(header_is_json("Application/JSON ; charset=UTF-8"));
	assert_true(header_is_json("application/merge-patch+json"));
	assert_true(header_is_json("application/json; charset=\"utf-8\""));
	assert_false(header_is_json("application/json; charset=gbk"));
	assert_false(header_is_json("application/json;"));
	assert_false(header_is_json("application/jsonx"));
	assert_false(header_is_json("application/+json"));
	assert_false(header_is_json("text/json"));
	assert_false(header_is_json("application/a b+json"));
	assert_false(header_is_json("application/"));
	assert_false(header_is_json(""));
}

static void traces_are_taken_whole_or_not_at_all(void **state)
{
	(void)state;
	assert_false(header_is_traceparent("00-0-0-0"));
	assert_false(
	    header_is_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
	assert_false(
	    header_is_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
	assert_false(header_is_token(""));
	assert_true(header_is_token(
	    "0123456789012345678901234567890123456789012345678901234567890123"));
	assert_false(header_is_token("reg-410102195712319990")); /* rules/citizen-number */
	assert_false(header_is_token(
	    "01234567890123456789012345678901234567890123456789012345678901234"));
}

static void text_is_whole_utf8_without_controls(void **state)
{
	static const char *const bad[] = { "\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf",
		"\xed\xa0\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xe4\xb8", "\xe4", "a\n", "\x7f", "\xc2\x80", "\xc2\x9f", "\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(text_is_clean(bad[i], strlen(bad[i]), 100));
	assert_true(text_is_clean("a é 中 😀", strlen("a é 中 😀"), 100));
	assert_true(text_is_clean("\xc2\xa0", 2, 2));
	assert_false(text_is_clean("abc", 3, 2));
	assert_false(text_is_clean("", 0, 2));
}

static void patterns_that_cannot_match_are_refused_at_start(void **state)
{
	static const char *const bad[] = { "", "v1", "/a//b", "/a/", "/{a}/{b}/{c}/{d}/{e}",
		"/1/2/3/4/5/6/7/8/9", "/{a" };

	(void)state;
	for (size_t i = 0; i < N_ROUTES; i++)
		assert_true(route_is_sound(&routes[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(route_is_sound(&(struct route){ METHOD_GET, bad[i], &nothing }));
	assert_true(route_is_sound(&(struct route){ METHOD_GET, "/", &nothing }));
	assert_false(route_is_sound(&(struct route){ METHOD_GET, "/a", NULL }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_request_is_read_into_plain_values),
		TEST(what_a_client_leaves_out_is_null),
		TEST(a_tag_is_found_in_a_list_of_tags),
		TEST(each_thing_missing_from_a_post_has_its_own_problem),
		TEST(a_method_that_is_not_allowed_hears_which_are),
		TEST(an_origin_is_compared_letter_by_letter),
		TEST(a_preflight_is_answered_for_a_listed_origin_alone),
		TEST(only_whole_keys_are_looked_up),
		TEST(languages_follow_their_weights),
		TEST(codings_follow_their_weights),
		TEST(codings_may_be_said_on_several_lines),
		TEST(a_tag_of_either_form_names_the_version),
		TEST(json_is_said_in_few_ways),
		TEST(traces_are_taken_whole_or_not_at_all),
		TEST(text_is_whole_utf8_without_controls),
		TEST(patterns_that_cannot_match_are_refused_at_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
