/*
 * The words for a score and for a refusal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/small_market.h"

static const struct skill_words words = {
	.of = { [5] = { "gate keeping", "门卫值守" }, [6] = { "patrolling", "巡逻" } }
};

static void a_score_is_explained_in_both_languages(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	char text[EXPLAIN_MAX];
	struct score c;

	(void)state;
	s.n_skills = 1;
	s.pay_wish = 90000;
	v.place = UINT64_C(410105003009);
	v.experience_months = 36;
	c = score_pair(&terms, &s, &v);
	explain_score(&c, &s, &v, &words, true, text, sizeof(text));
	assert_string_equal(text,
	    "职业：与第一意愿同一细类 350；地点：同一街道 170；技能：要求1项，具备1项，希望1项，具备0项 133；"
	    "工资：为期望的88% 84；经验：要求36个月，已有24个月 40；发布：5天前 40；不合格，原因：经验尚缺（12个月）");
	explain_score(&c, &s, &v, &words, false, text, sizeof(text));
	assert_string_equal(text,
	    "occupation: same detailed occupation as their first wish 350; place: same street 170; "
	    "skills: 1 of 1 required and 0 of 1 wished 133; pay: 88 % of their wish 84; "
	    "experience: 24 of 36 months required 40; posted: 5 days ago 40; "
	    "does not fit because months of experience are missing (12)");
}

static void what_was_not_asked_is_said_too(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	char text[EXPLAIN_MAX];
	struct score c;

	(void)state;
	s.pay_wish = 0;
	v.n_required = 0;
	v.n_wished = 0;
	v.experience_months = 0;
	v.posted_on = TODAY;
	v.occupation = 4080501;
	v.place = UINT64_C(410102003001);
	c = score_pair(&terms, &s, &v);
	explain_score(&c, &s, &v, &words, true, text, sizeof(text));
	assert_string_equal(text,
	    "职业：与第一意愿同一大类 50；地点：相邻区县 60；技能：岗位未作要求 100；"
	    "工资：未提出期望 150；经验：不要求 60；发布：今天 40；不合格，原因：各项意愿与岗位均不同小类");
	explain_score(&c, &s, &v, &words, false, text, sizeof(text));
	assert_string_equal(text,
	    "occupation: same major group as their first wish 50; place: adjacent district or county "
	    "60; skills: the post names none 100; pay: no wish stated 150; experience: none "
	    "required 60; posted: today 40; does not fit because no wish is in its minor group");
}

static void what_is_missing_for_fit_is_named(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	char text[EXPLAIN_MAX];
	struct score c;

	(void)state;
	s.n_skills = 0;
	v.n_required = 3;
	v.required[1] = 6;
	v.required[2] = 7; /* no such skill */
	v.pay_max = 0;
	c = score_pair(&terms, &s, &v);
	explain_score(&c, &s, &v, &words, true, text, sizeof(text));
	assert_string_equal(text,
	    "职业：与第一意愿同一细类 350；地点：同一社区 200；技能：要求3项，具备0项，希望1项，具备0项 0；"
	    "工资：无法比较，计一半 75；经验：要求12个月，已有24个月 60；发布：5天前 40；"
	    "不合格，原因：缺少要求的技能（门卫值守、巡逻、7）");
	explain_score(&c, &s, &v, &words, false, text, sizeof(text));
	assert_string_equal(strstr(text, "; pay"),
	    "; pay: not comparable, half 75; experience: 24 of 12 months required 60; "
	    "posted: 5 days ago 40; does not fit because required skills are missing "
	    "(gate keeping, patrolling, 7)");
}

/* No byte past n, always ended, and never half a character. */
static void assert_cut_well(const char *whole, const char *cut, size_t n)
{
	size_t len = strlen(cut);

	assert_true(len < n);
	assert_memory_equal(cut, whole, len);
	assert_true(((unsigned char)whole[len] & 0xc0) != 0x80);
}

static void explanations_are_cut_between_characters(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	struct score c = score_pair(&terms, &s, &v);

	(void)state;
	for (int zh = 0; zh <= 1; zh++) {
		char whole[EXPLAIN_MAX];

		explain_score(&c, &s, &v, &words, zh, whole, sizeof(whole));
		for (size_t n = 1; n <= strlen(whole) + 1; n++) {
			char cut[EXPLAIN_MAX];

			memset(cut, '#', sizeof(cut));
			explain_score(&c, &s, &v, &words, zh, cut, n);
			assert_cut_well(whole, cut, n);
			assert_int_equal(cut[n], '#');
		}
	}
}

static void every_rule_has_a_name_and_words_in_both_languages(void **state)
{
	(void)state;
	for (unsigned r = 0; r < RULES; r++) {
		char zh[EXPLAIN_MAX];
		char en[EXPLAIN_MAX];
		char cut[EXPLAIN_MAX];

		assert_true(rule_name((enum rule)r)[0] != '\0');
		explain_rule((enum rule)r, true, zh, sizeof(zh));
		explain_rule((enum rule)r, false, en, sizeof(en));
		assert_in_range(strlen(zh), 1, 200);
		assert_in_range(strlen(en), 1, 200);
		assert_true((unsigned char)zh[0] >= 0x80 && (unsigned char)en[0] < 0x80);
		for (size_t n = 1; n < 24; n++) {
			explain_rule((enum rule)r, true, cut, n);
			assert_cut_well(zh, cut, n);
		}
		for (unsigned other = 0; other < r; other++)
			assert_string_not_equal(rule_name((enum rule)r),
			    rule_name((enum rule)other));
	}
}

static void the_longest_explanation_fits(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	struct score c = { 1000, 350, 110, 200, 150, 60, 40, OCC_MAJOR, AREA_ADJACENT, 1, 0, 8,
		UINT16_MAX, 0, false };
	struct skill_words long_words;
	char text[EXPLAIN_MAX];

	(void)state;
	v.n_required = v.n_wished = VACANCY_SKILLS;
	for (size_t i = 0; i <= UINT8_MAX; i++)
		long_words.of[i][0] = long_words.of[i][1] =
		    "123456789 123456789 123456789 123456789 12345678";
	for (uint8_t i = 0; i < VACANCY_SKILLS; i++)
		v.required[i] = 100 + i;
	v.experience_months = INT16_MAX;
	v.pay_max = s.pay_wish - 1;
	s.n_experience = EXPERIENCE_MAX;
	for (int i = 0; i < EXPERIENCE_MAX; i++)
		s.experience[i] = (struct experience){ v.occupation, UINT16_MAX };
	for (int zh = 0; zh <= 1; zh++) {
		explain_score(&c, &s, &v, &long_words, zh, text, sizeof(text));
		/* explain_write copies phrases by whole arrays of 47 bytes. */
		assert_true(strlen(text) + 47 <= sizeof(text));
		for (const char *at = text; *at; at++)
			assert_true((unsigned char)*at >= 0x20 && *at != '"' && *at != '\\');
		assert_non_null(strstr(text, zh ? "65535天前 40" : "65535 days ago 40"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_score_is_explained_in_both_languages),
		cmocka_unit_test(what_was_not_asked_is_said_too),
		cmocka_unit_test(what_is_missing_for_fit_is_named),
		cmocka_unit_test(explanations_are_cut_between_characters),
		cmocka_unit_test(every_rule_has_a_name_and_words_in_both_languages),
		cmocka_unit_test(the_longest_explanation_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
