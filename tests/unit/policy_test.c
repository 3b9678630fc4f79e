/*
 * The policy of matching: the shipped weights are those of the design, and what is wrong in a
 * file is told with its line.
 */
#include "daemon/config/config.h"
#include "tests/unit/settings_scratch.h"

#define POLICY SOURCE_DIR "/config/policy/zhengzhou-2007.conf"

static bool reads_policy(const char *path, void *out)
{
	return policy_read(path, out);
}

static void the_shipped_policy_has_the_weights_of_the_design(void **state)
{
	struct policy p;

	(void)state;
	assert_true(policy_read(POLICY, &p));
	assert_string_equal(p.version, "zhengzhou-2007.1");
	assert_int_equal(p.occupation[OCC_DETAIL], 350);
	assert_int_equal(p.occupation[OCC_MAJOR], 50);
	assert_int_equal(p.area[AREA_COMMUNITY], 200);
	assert_int_equal(p.area[AREA_CITY], 20);
	assert_int_equal(p.skills, 200);
	assert_int_equal(p.skills_unstated, 100);
	assert_int_equal(p.pay, 150);
	assert_int_equal(p.pay_slack_percent, 25);
	assert_int_equal(p.experience, 60);
	assert_int_equal(p.freshness[0], 40);
	assert_int_equal(p.freshness[4], 0);
	assert_int_equal(p.freshness_days[3], 90);
	assert_int_equal(p.band, 25);
	assert_int_equal(p.priority, PRIORITY_RANK_FIRST);
}

/* The shipped policy with one piece of it replaced. */
static void refuse_policy(struct scratch *s, const char *from, const char *to, const char *why)
{
	char *text = read_whole(POLICY), *at = strstr(text, from), *changed = calloc(1, 65536);
	struct policy p;

	assert_non_null(at);
	snprintf(changed, 65536, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	write_text(s, changed);
	assert_false(listen_to(s, reads_policy, &p, s->path));
	if (!strstr(s->said, why))
		fail_msg("\"%s\" does not say \"%s\"", s->said, why);
	free(changed);
	free(text);
}

static void a_policy_whose_weights_do_not_sum_to_1000_is_refused(void **state)
{
	refuse_policy(*state, "pay = 150", "pay = 149", "the weights sum to 999, not 1000\n");
}

static void a_policy_in_which_worse_is_worth_more_is_refused(void **state)
{
	refuse_policy(*state, "245, 140", "140, 245", "occupation: 245 rises after 140\n");
	refuse_policy(*state, "{ 7, 30", "{ 30, 7", "freshness_days: 7 falls after 30\n");
	refuse_policy(*state, "skills_unstated = 100", "skills_unstated = 201",
	    "skills_unstated: 201 is above skills, 200\n");
}

static void a_policy_that_leaves_something_out_is_refused(void **state)
{
	refuse_policy(*state, "experience = 60", "", "experience: missing\n");
	refuse_policy(*state, "200, 170, 110, 60, 20", "200, 170, 110, 60",
	    "area: has 4 numbers, not 5\n");
	refuse_policy(*state, "version = \"zhengzhou-2007.1\"", "", "version: 1 to 31");
}

static void a_policy_of_another_order_is_refused(void **state)
{
	refuse_policy(*state, "\"rank_first\"", "\"rank\"", "priority: 'rank' is none of");
	refuse_policy(*state, "band = 25", "band = 0", "band: 0 is not within 1 to 1000\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_shipped_policy_has_the_weights_of_the_design),
		TEST(a_policy_whose_weights_do_not_sum_to_1000_is_refused),
		TEST(a_policy_in_which_worse_is_worth_more_is_refused),
		TEST(a_policy_that_leaves_something_out_is_refused),
		TEST(a_policy_of_another_order_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
