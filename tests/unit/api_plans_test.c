/*
 * The plans of the API: what reaches the ledger, and what comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api_fakes.h"
#include "daemon/api/operation.h"
#include "daemon/catalog/permissions.h"
#include "daemon/codec/codec.h"
#include "daemon/ledger/statements.h"

#define RETURN_PATH "/v1/returns/123456788/410105/2007Q2"
#define PLACEMENT                                                                              \
	"{\"seeker\":\"0a3f5c9d01b2e477\",\"vacancy\":\"17\",\"kind\":\"unit\","               \
	"\"start_on\":\"2007-07-16\"}"

static struct change two_changes[2] = { { 'v', 17, 2, { NULL, 0 }, "" },
	{ 's', 5, 3, { NULL, 0 }, "" } };

static void a_new_placement_is_201_and_in_the_own_mirror(void **state)
{
	(void)state;
	script.reply = (struct reply){ 201, "ok", "{\"placement\":\"55\"}", false, "900.12",
		two_changes, 2, { { 0 } }, 0 };
	send_request(&(struct sent){ METHOD_POST, "/v1/placements", PLACEMENT, ROLE_BUREAU });
	assert_int_equal(answered.status, 201);
	assert_string_equal(answered.body, "{\"placement\":\"55\"}");
	assert_int_equal(asked.op, LEDGER_REPORT_PLACEMENT);
	assert_string_equal(asked.idempotency, "key-1");
	assert_int_equal(asked.applied, 2);
	assert_int_equal(asked.applied_xid, 900);
	assert_int_equal(asked.applied_id, 12);
	assert_non_null(strstr(answered.headers, "Consistency-Token: 900.12\n"));
}

static void a_repeat_is_200(void **state)
{
	(void)state;
	script.reply = (struct reply){ 201, "ok", "{\"placement\":\"55\"}", .replayed = true };
	send_request(&(struct sent){ METHOD_POST, "/v1/placements", PLACEMENT, ROLE_BUREAU });
	assert_int_equal(answered.status, 200);
	assert_string_equal(answered.body, "{\"placement\":\"55\"}");
}

static void a_repeated_refusal_keeps_its_status(void **state)
{
	(void)state;
	script.reply = (struct reply){ 409, "vacancy-filled", "", .replayed = true };
	send_request(&(struct sent){ METHOD_POST, "/v1/placements", PLACEMENT, ROLE_BUREAU });
	assert_int_equal(answered.status, 409);
	assert_true(answer_has("/problems/vacancy-filled"));
}

static void a_refusal_carries_its_members_and_still_applies_changes(void **state)
{
	(void)state;
	script.reply = (struct reply){ 409, "open-lines-left-out", "\"open\":[\"A\"]", false,
		"", two_changes, 1, { { 0 } }, 0 };
	send_request(&(struct sent){ METHOD_PUT, RETURN_PATH, "{\"nil\":true,\"staff\":1}",
	    ROLE_EMPLOYER });
	assert_int_equal(answered.status, 409);
	assert_true(answer_has("\"open\":[\"A\"]"));
	assert_string_equal(answered.type, "application/problem+json");
	assert_int_equal(asked.applied, 1);
}

static void a_bad_body_never_reaches_the_ledger(void **state)
{
	(void)state;
	send_request(
	    &(struct sent){ METHOD_POST, "/v1/placements", "{\"seeker\":", ROLE_BUREAU });
	assert_int_equal(answered.status, 400);
	assert_true(answer_has("/problems/malformed-json"));
	send_request(&(struct sent){ METHOD_POST, "/v1/placements", "{}", ROLE_BUREAU });
	assert_int_equal(answered.status, 422);
	assert_true(answer_has("\"pointer\":\"/seeker\""));
	assert_int_equal(asked.calls, 0);
}

static void postgres_down_is_503(void **state)
{
	(void)state;
	script.status = E_UNAVAILABLE;
	send_request(&(struct sent){ METHOD_POST, "/v1/placements", PLACEMENT, ROLE_BUREAU });
	assert_int_equal(answered.status, 503);
	assert_int_equal(asked.applied, 0);
	clock_known = false;
	send_request(&(struct sent){ METHOD_POST, "/v1/placements", PLACEMENT, ROLE_BUREAU });
	assert_int_equal(answered.status, 503);
}

/* Who has had its part of reports is told until when, and the ledger is not asked. */
static void what_is_limited_is_429_and_says_for_how_long(void **state)
{
	(void)state;
	script.wait_s = 17;
	send_request(&(struct sent){ METHOD_GET, "/v1/progress", "", ROLE_BUREAU });
	assert_int_equal(answered.status, 429);
	assert_true(answer_has("/problems/rate-limited"));
	assert_non_null(strstr(answered.headers, "Retry-After: 17\n"));
	assert_int_equal(asked.calls, 0);
}

static void the_request_hash_covers_path_and_body(void **state)
{
	unsigned char first[32];

	(void)state;
	send_request(
	    &(struct sent){ METHOD_POST, "/v1/placements/55/confirm", "", ROLE_BUREAU });
	memcpy(first, asked.request_hash, 32);
	send_request(
	    &(struct sent){ METHOD_POST, "/v1/placements/55/confirm", "", ROLE_BUREAU });
	assert_memory_equal(first, asked.request_hash, 32);
	send_request(
	    &(struct sent){ METHOD_POST, "/v1/placements/56/confirm", "", ROLE_BUREAU });
	assert_memory_not_equal(first, asked.request_hash, 32);
	memcpy(first, asked.request_hash, 32);
	send_request(
	    &(struct sent){ METHOD_POST, "/v1/placements/56/confirm", "{}", ROLE_BUREAU });
	assert_memory_not_equal(first, asked.request_hash, 32);
}

static void a_return_reaches_the_ledger_coded_and_sealed(void **state)
{
	(void)state;
	script.reply = (struct reply){ 201, "ok", "{\"version\": 1, \"vacancies\": {}}" };
	send_request(&(struct sent){ .method = METHOD_PUT,
	    .path = "/v1/returns/12345678-8/410105/2007Q2",
	    .body =
		"{\"nil\":true,\"staff\":1,\"contact\":\"王某\",\"telephone\":\"13900000000\"}",
	    .role = ROLE_EMPLOYER,
	    .if_match = "\"3\"",
	    .query = { "validate", "only" } });
	assert_int_equal(answered.status, 201);
	assert_non_null(strstr(answered.headers, "ETag: \"1\"\n"));
	assert_int_equal(asked.n_args, 10);
	assert_string_equal(asked.args[0], "123456788");
	assert_string_equal(asked.args[1], "410105");
	assert_string_equal(asked.args[3],
	    "{\"nil\":true,\"staff\":1,\"lines\":[],\"closed\":[]}");
	assert_int_equal(asked.lengths[4], 32);
	assert_true(asked.lengths[5] > strlen("王某") + 40);
	assert_true(asked.lengths[6] > 40);
	assert_int_equal(strlen(asked.args[7]), 64);
	assert_null(strstr(asked.args[7], "13900000000"));
	assert_string_equal(asked.args[8], "3");
	assert_string_equal(asked.args[9], "true");
}

static void what_is_not_stated_is_null(void **state)
{
	(void)state;
	send_request(&(struct sent){ METHOD_PUT, RETURN_PATH, "{\"nil\":true,\"staff\":1}",
	    ROLE_EMPLOYER });
	assert_int_equal(asked.lengths[5], 0);
	assert_int_equal(asked.lengths[6], 0);
	assert_string_equal(asked.args[7], "(null)");
	assert_string_equal(asked.args[8], "(null)");
	assert_string_equal(asked.args[9], "false");
}

static void a_path_is_refused_part_by_part(void **state)
{
	(void)state;
	send_request(&(struct sent){ METHOD_PUT, "/v1/returns/123456789/410121/2007q2",
	    "{\"nil\":true,\"staff\":1}", ROLE_EMPLOYER });
	assert_int_equal(answered.status, 422);
	assert_true(answer_has("\"pointer\":\"path/employer\""));
	assert_true(answer_has("\"pointer\":\"path/district\""));
	assert_true(answer_has("\"pointer\":\"path/quarter\""));
	assert_int_equal(asked.calls, 0);
}

static void a_header_or_query_nobody_understands_is_refused(void **state)
{
	(void)state;
	send_request(&(struct sent){ .method = METHOD_PUT,
	    .path = RETURN_PATH,
	    .body = "{\"nil\":true,\"staff\":1}",
	    .role = ROLE_EMPLOYER,
	    .if_match = "W/\"3\"",
	    .query = { "validate", "yes", "verbose", "1" } });
	assert_int_equal(answered.status, 422);
	assert_true(answer_has("header/If-Match"));
	assert_true(answer_has("query/validate"));
	assert_true(answer_has("query/verbose"));
	/* Well-formed, and larger than any version of the ledger can be. */
	send_request(&(struct sent){ .method = METHOD_PUT,
	    .path = RETURN_PATH,
	    .body = "{\"nil\":true,\"staff\":1}",
	    .role = ROLE_EMPLOYER,
	    .if_match = "\"2147483648\"" });
	assert_int_equal(answered.status, 422);
	assert_true(answer_has("header/If-Match"));
	assert_int_equal(asked.calls, 0);
}

static void a_malformed_id_is_404(void **state)
{
	(void)state;
	send_request(&(struct sent){ METHOD_GET, "/v1/vacancies/017", NULL, ROLE_BUREAU });
	assert_int_equal(answered.status, 404);
	send_request(&(struct sent){ METHOD_GET, "/v1/seekers/17", NULL, ROLE_BUREAU });
	assert_int_equal(answered.status, 404);
	assert_int_equal(asked.calls, 0);
}

static void progress_defaults_to_the_ledgers_year(void **state)
{
	(void)state;
	send_request(&(struct sent){ METHOD_GET, "/v1/progress", NULL, ROLE_BUREAU });
	assert_string_equal(asked.args[0], "2007");
	assert_string_equal(asked.args[1], "(null)");
	send_request(&(struct sent){ .method = METHOD_GET,
	    .path = "/v1/progress",
	    .role = ROLE_BUREAU,
	    .query = { "year", "07", "as_of", "2007-02-30" } });
	assert_int_equal(answered.status, 422);
	assert_true(answer_has("query/year"));
	assert_true(answer_has("query/as_of"));
}

static void every_problem_has_a_page(void **state)
{
	(void)state;
	send_request(&(struct sent){ METHOD_GET, "/problems/vacancy-filled", NULL, ROLE_NONE });
	assert_int_equal(answered.status, 200);
	assert_true(answer_has("409"));
	send_request(&(struct sent){ METHOD_GET, "/problems/no-such-thing", NULL, ROLE_NONE });
	assert_int_equal(answered.status, 404);
}

/* The table and the routes say the same: no action without a row, no row without a route. */
static void every_action_is_a_route_of_the_table(void **state)
{
	struct permissions *p = permissions_read(SOURCE_DIR "/config/data");
	const struct permission *all;
	struct route *routes;
	size_t n;

	(void)state;
	assert_non_null(p);
	routes = authorised_routes(p);
	assert_non_null(routes);
	for (size_t i = 0; i < n_api_routes; i++) {
		const struct permission *may;

		if (!routes[i].action) {
			assert_int_equal(routes[i].roles, 0);
			continue;
		}
		may = permission_of(p, routes[i].action);
		assert_true(may->roles > 0 && may->roles < 16);
		assert_int_equal(routes[i].roles, may->roles);
		assert_int_equal(may->actors & ~may->roles, 0);
		/* Neither a bureau nor an agency decides about a person by its key alone. */
		if (strncmp(may->action, "seekers.", 8) == 0 &&
		    strcmp(may->action, "seekers.matches") != 0 &&
		    strcmp(may->action, "seekers.list") != 0) /* codes under a pseudonym */
			assert_int_equal(may->roles & 6, may->actors & 6);
	}
	all = permissions_all(p, &n);
	for (size_t k = 0; k < n; k++) {
		size_t i = 0;

		while (i < n_api_routes &&
		       (!routes[i].action || strcmp(routes[i].action, all[k].action) != 0))
			i++;
		if (i == n_api_routes)
			fail_msg("%s is no route's action", all[k].action);
	}
	free(routes);
	permissions_free(p);
}

/* A route whose plan, roles or limits were forgotten. */
static void every_route_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_api_routes; i++) {
		const struct route *r = &api_routes[i];

		assert_non_null(r->plan);
		assert_non_null(r->plan->steps[0].run);
		assert_int_equal(r->needs_idempotency_key, r->method == METHOD_POST);
		/* Only what may be longer than the setting has a limit of its own. */
		assert_true(
		    !r->max_body || (r->max_body > CODEC_BODY_MAX && r->method != METHOD_GET));
		assert_int_equal(!r->action, strncmp(r->pattern, "/v1/", 4) != 0);
	}
}

/* The letters of a route's operation are as many as the ledger's function has arguments, and
 * name every part of the path. */
static void every_operation_has_the_arguments_of_its_function(void **state)
{
	size_t operations = 0;

	(void)state;
	for (size_t i = 0; i < n_api_routes; i++) {
		const struct route *r = &api_routes[i];
		const struct operation *o = r->arg;
		const struct statement *called;
		size_t args = 0, parts = 0, named = 0;

		if (r->plan != &operation)
			continue;
		called = statement_of((int)o->op);
		for (const char *arg = o->args; *arg; arg++) {
			args += *arg != 'n';
			named += strchr("pieo", *arg) != NULL;
			assert_true(*arg != 'b' || o->body);
			assert_true(*arg != 'w' || o->word);
		}
		for (const char *at = r->pattern; *at; at++)
			parts += *at == '{';
		if (args + 4 + (called->keyed ? 2 : 0) != called->n_params || named != parts)
			fail_msg("%s: %s for %s", r->pattern, o->args, called->name);
		assert_int_equal(called->keyed, r->method == METHOD_POST);
		operations++;
	}
	assert_true(operations > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_new_placement_is_201_and_in_the_own_mirror,
		    fakes_reset),
		cmocka_unit_test_setup(a_repeat_is_200, fakes_reset),
		cmocka_unit_test_setup(a_repeated_refusal_keeps_its_status, fakes_reset),
		cmocka_unit_test_setup(a_refusal_carries_its_members_and_still_applies_changes,
		    fakes_reset),
		cmocka_unit_test_setup(a_bad_body_never_reaches_the_ledger, fakes_reset),
		cmocka_unit_test_setup(postgres_down_is_503, fakes_reset),
		cmocka_unit_test_setup(what_is_limited_is_429_and_says_for_how_long,
		    fakes_reset),
		cmocka_unit_test_setup(the_request_hash_covers_path_and_body, fakes_reset),
		cmocka_unit_test_setup(a_return_reaches_the_ledger_coded_and_sealed,
		    fakes_reset),
		cmocka_unit_test_setup(what_is_not_stated_is_null, fakes_reset),
		cmocka_unit_test_setup(a_path_is_refused_part_by_part, fakes_reset),
		cmocka_unit_test_setup(a_header_or_query_nobody_understands_is_refused,
		    fakes_reset),
		cmocka_unit_test_setup(a_malformed_id_is_404, fakes_reset),
		cmocka_unit_test_setup(progress_defaults_to_the_ledgers_year, fakes_reset),
		cmocka_unit_test_setup(every_problem_has_a_page, fakes_reset),
		cmocka_unit_test_setup(every_action_is_a_route_of_the_table, fakes_reset),
		cmocka_unit_test_setup(every_route_is_complete, fakes_reset),
		cmocka_unit_test(every_operation_has_the_arguments_of_its_function),
	};

	return cmocka_run_group_tests(tests, fakes_start, fakes_stop);
}
