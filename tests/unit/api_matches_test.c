/*
 * Matches: who may see what, and what an answer says about itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "api_fakes.h"
#include "daemon/catalog/permissions.h"

#define SEEKER_PATH "/v1/seekers/0000000000000005/matches"

static void fill(int n)
{
	struct vacancy v = { .id = 17,
		.version = 1,
		.employer = 1,
		.place = 410105003001,
		.occupation = 4070501,
		.open_posts = 3,
		.pay_max = 120000,
		.posted_on = day_of(2007, 7, 12),
		.valid_until = DAY_NEVER,
		.released_on = DAY_NEVER,
		.shift = SHIFT_DAY,
		.form = FORM_FULL,
		.open = true };
	struct seeker s = { .version = 1,
		.place = 410105003001,
		.waiting_since = day_of(2007, 1, 10),
		.class_until = DAY_NEVER,
		.rank = RANK_P2,
		.age_class = AGE_WORKING,
		.farthest = AREA_CITY,
		.shifts = SHIFT_DAY,
		.forms = FORM_FULL,
		.education = 4,
		.active = true,
		.n_wishes = 1,
		.wishes = { 4070501 } };

	assert_true(index_put_vacancy(mirrored, &v));
	for (int i = 0; i < n; i++) {
		s.id = 5 + (uint64_t)i;
		assert_true(index_put_seeker(mirrored, &s));
	}
}

static void a_seekers_matches_say_how_old_they_are(void **state)
{
	json_t *tree;
	json_t *item;

	(void)state;
	fill(1);
	send_request(&(struct sent){ METHOD_GET, SEEKER_PATH, NULL, ROLE_AGENCY });
	assert_int_equal(answered.status, 200);
	tree = json_loads(answered.body, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	assert_int_equal(json_integer_value(
			     json_object_get(json_object_get(tree, "as_of"), "age_ms")),
	    7);
	assert_string_equal(json_string_value(json_object_get(tree, "policy")), "test-1");
	assert_int_equal(json_integer_value(json_object_get(tree, "k")), 20);
	item = json_array_get(json_object_get(tree, "items"), 0);
	assert_string_equal(json_string_value(json_object_get(item, "vacancy")), "17");
	assert_string_equal(json_string_value(json_object_get(item, "title")), "保安员");
	assert_string_equal(json_string_value(json_object_get(item, "occupation")),
	    "4-07-05-01");
	assert_int_equal(json_integer_value(json_object_get(item, "score")), 900);
	assert_non_null(json_object_get(json_object_get(item, "explanation"), "zh"));
	json_decref(tree);
	assert_int_equal(asked.calls, 0);
}

static void a_bureau_sees_the_rank_and_an_agency_one_word(void **state)
{
	(void)state;
	fill(1);
	send_request(
	    &(struct sent){ METHOD_GET, "/v1/vacancies/17/matches", NULL, ROLE_BUREAU });
	assert_true(answer_has("\"rank\":\"P2\""));
	assert_false(answer_has("priority"));
	send_request(
	    &(struct sent){ METHOD_GET, "/v1/vacancies/17/matches", NULL, ROLE_AGENCY });
	assert_true(answer_has("\"priority\":true"));
	assert_false(answer_has("\"rank\""));
	assert_false(answer_has("waiting_since"));
	assert_false(answer_has("410105003001")); /* the district only */
}

static void employers_are_not_admitted(void **state)
{
	struct permissions *p = permissions_read(SOURCE_DIR "/config/data");
	struct route *routes = authorised_routes(p);

	(void)state;
	for (size_t i = 0; i < n_api_routes; i++) {
		if (strstr(routes[i].pattern, "/matches"))
			assert_int_equal(routes[i].roles, ROLE_AGENCY | ROLE_BUREAU);
	}
	free(routes);
	permissions_free(p);
}

static void out_of_scope_is_as_if_it_were_not_there(void **state)
{
	char missing[sizeof(answered.body)];

	(void)state;
	fill(1);
	script.reply =
	    (struct reply){ .status = 404, .code = "not-found", .body = "", .position = "" };
	send_request(&(struct sent){ METHOD_GET, "/v1/seekers/00000000000000ff/matches", NULL,
	    ROLE_BUREAU });
	assert_int_equal(answered.status, 404);
	memcpy(missing, answered.body, sizeof(missing));
	send_request(&(struct sent){ METHOD_GET, SEEKER_PATH, NULL, ROLE_BUREAU, "410102" });
	assert_int_equal(answered.status, 404);
	assert_string_equal(answered.body, missing);
	send_request(&(struct sent){ METHOD_GET, "/v1/vacancies/17/matches", NULL, ROLE_AGENCY,
	    "410102" });
	assert_int_equal(answered.status, 404);
	/* Each of them by one question to the ledger: time tells nothing either. */
	assert_int_equal(asked.calls, 3);
	assert_int_equal(asked.op, LEDGER_READ_RECORDS);
	send_request(&(struct sent){ METHOD_GET, SEEKER_PATH, NULL, ROLE_BUREAU, "410105003" });
	assert_int_equal(answered.status, 200);
	assert_int_equal(asked.calls, 3);
}

static void what_the_mirror_lacks_is_asked_of_the_ledger_and_never_called_missing(void **state)
{
	(void)state;
	fill(1);
	script.status = E_UNAVAILABLE;
	send_request(&(struct sent){ METHOD_GET, "/v1/seekers/00000000000000ff/matches", NULL,
	    ROLE_BUREAU });
	assert_int_equal(answered.status, 503);
	assert_string_equal(asked.args[0], "255");
	assert_string_equal(asked.args[1], "(null)");
	script.status = OK;
	send_request(&(struct sent){ METHOD_GET, SEEKER_PATH "/18", NULL, ROLE_BUREAU });
	assert_string_equal(asked.args[0], "5");
	assert_string_equal(asked.args[1], "18");
	/* The fake mirror takes nothing in: then it is asked once, and not for ever. */
	assert_int_equal(asked.calls, 2);
	assert_int_equal(answered.status, 404);
}

static void k_is_from_1_to_100(void **state)
{
	static const char *const wrong[] = { "0", "101", "-1", "1.0", "", "007", "1e2",
		"99999999999999999999" };

	(void)state;
	fill(30);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		send_request(&(struct sent){ .method = METHOD_GET,
		    .path = "/v1/vacancies/17/matches",
		    .role = ROLE_BUREAU,
		    .query = { "k", wrong[i] } });
		assert_int_equal(answered.status, 422);
		assert_true(answer_has("\"pointer\":\"query/k\""));
	}
	send_request(&(struct sent){ .method = METHOD_GET,
	    .path = "/v1/vacancies/17/matches",
	    .role = ROLE_BUREAU,
	    .query = { "k", "100" } });
	assert_true(answer_has("\"position\":30"));
	send_request(
	    &(struct sent){ METHOD_GET, "/v1/vacancies/17/matches", NULL, ROLE_BUREAU });
	assert_true(answer_has("\"position\":20"));
	assert_false(answer_has("\"position\":21"));
}

static void a_loading_mirror_is_503(void **state)
{
	(void)state;
	mirror_ready = false;
	send_request(&(struct sent){ METHOD_GET, SEEKER_PATH, NULL, ROLE_BUREAU });
	assert_int_equal(answered.status, 503);
	assert_true(answer_has("/problems/mirror-loading"));
	assert_non_null(strstr(answered.headers, "Retry-After: "));
}

static void matches_go_on_without_postgres(void **state)
{
	(void)state;
	fill(1);
	script.status = E_UNAVAILABLE;
	send_request(&(struct sent){ METHOD_GET, SEEKER_PATH, NULL, ROLE_BUREAU });
	assert_int_equal(answered.status, 200);
}

static void a_token_is_waited_for(void **state)
{
	(void)state;
	fill(1);
	send_request(&(struct sent){ .method = METHOD_GET,
	    .path = SEEKER_PATH,
	    .role = ROLE_BUREAU,
	    .position = "900.12" });
	assert_int_equal(answered.status, 200);
	assert_int_equal(asked.awaited, 1);
	assert_int_equal(asked.awaited_xid, 900);
	assert_int_equal(asked.awaited_id, 12);
	assert_int_equal(asked.awaited_ms, 300);
	send_request(&(struct sent){ METHOD_GET, SEEKER_PATH, NULL, ROLE_BUREAU });
	assert_int_equal(asked.awaited, 1);
}

static void a_write_that_does_not_come_in_time_is_503_and_no_older_answer(void **state)
{
	static const char *const paths[] = { SEEKER_PATH, "/v1/vacancies/17/matches" };

	(void)state;
	fill(1);
	mirror_awaits = E_TIMEOUT;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		send_request(&(struct sent){ .method = METHOD_GET,
		    .path = paths[i],
		    .role = ROLE_BUREAU,
		    .position = "900.12" });
		assert_int_equal(answered.status, 503);
		assert_true(answer_has("/problems/not-yet-visible"));
		assert_false(answer_has("\"items\""));
		assert_non_null(strstr(answered.headers, "Retry-After: "));
	}
}

static void a_token_that_we_never_gave_is_422(void **state)
{
	static const char *const wrong[] = { "", ".", "1", "1.", ".1", "1.2.3", "1.2 ", " 1.2",
		"-1.2", "+1.2", "0x1.2", "a.b", "99999999999999999999.1",
		"1.99999999999999999999" };

	(void)state;
	fill(1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		send_request(&(struct sent){ .method = METHOD_GET,
		    .path = SEEKER_PATH,
		    .role = ROLE_BUREAU,
		    .query = { "k", "0" },
		    .position = wrong[i] });
		assert_int_equal(answered.status, 422);
		assert_true(answer_has("\"pointer\":\"header/Consistency-Token\""));
		assert_true(answer_has("\"pointer\":\"query/k\"")); /* every fault at once */
	}
	assert_int_equal(asked.awaited, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_seekers_matches_say_how_old_they_are, fakes_reset),
		cmocka_unit_test_setup(a_bureau_sees_the_rank_and_an_agency_one_word,
		    fakes_reset),
		cmocka_unit_test_setup(employers_are_not_admitted, fakes_reset),
		cmocka_unit_test_setup(out_of_scope_is_as_if_it_were_not_there, fakes_reset),
		cmocka_unit_test_setup(
		    what_the_mirror_lacks_is_asked_of_the_ledger_and_never_called_missing,
		    fakes_reset),
		cmocka_unit_test_setup(k_is_from_1_to_100, fakes_reset),
		cmocka_unit_test_setup(a_loading_mirror_is_503, fakes_reset),
		cmocka_unit_test_setup(matches_go_on_without_postgres, fakes_reset),
		cmocka_unit_test_setup(a_token_is_waited_for, fakes_reset),
		cmocka_unit_test_setup(
		    a_write_that_does_not_come_in_time_is_503_and_no_older_answer, fakes_reset),
		cmocka_unit_test_setup(a_token_that_we_never_gave_is_422, fakes_reset),
	};

	return cmocka_run_group_tests(tests, fakes_start, fakes_stop);
}
