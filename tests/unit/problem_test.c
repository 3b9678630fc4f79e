/*
 * Problems: what is said of a refusal, and that it is said whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/buf.h"
#include "daemon/flow/expected.h"
#include "daemon/flow/problem.h"

static void every_kind_of_problem_speaks_both_languages(void **state)
{
	size_t n;
	const struct problem_kind *kinds = problem_kinds(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_in_range(kinds[i].status, 400, 599);
		assert_true(kinds[i].title_en[0] && kinds[i].mend_en[0]);
		assert_true((unsigned char)kinds[i].title_zh[0] >= 0x80 ||
			    strstr(kinds[i].title_zh, "格式"));
		assert_true(kinds[i].mend_zh[0]);
		assert_ptr_equal(problem_kind(kinds[i].slug), &kinds[i]); /* no slug twice */
	}
	assert_string_equal(problem_kind("no-such-slug")->slug, "internal");
}

static void a_problem_says_where_which_rule_and_what_would_be_right(void **state)
{
	struct faults fs = { 0 };
	struct buf b = { 0 };

	(void)state;
	fault_add(&fs, "/lines/3/posts", "range", "0", "1 to 10000", "Posts are too few.",
	    "招聘人数过少。");
	problem_write(&b, "validation-failed", LANG_ZH, "id", &fs, "\"open\":[\"a\"]");
	assert_string_equal(b.data,
	    "{\"type\":\"/problems/validation-failed\",\"title\":\"提交的数据不符合要求\","
	    "\"title_zh\":\"提交的数据不符合要求\",\"status\":422,"
	    "\"detail\":\"请按 errors 逐项修改后重新提交；有误的请求不作任何更改。\","
	    "\"detail_zh\":\"请按 errors 逐项修改后重新提交；有误的请求不作任何更改。\","
	    "\"instance\":\"id\",\"errors\":[{\"pointer\":\"/lines/3/posts\",\"rule\":\"range\","
	    "\"found\":\"0\",\"expected\":\"1 至 10000\",\"expected_zh\":\"1 至 10000\",\"message\":{"
	    "\"en\":\"Posts are too few.\",\"zh\":\"招聘人数过少。\"}}],\"open\":[\"a\"]}");
	buf_free(&b);
}

static void assert_expected_zh(const char *en, const char *zh)
{
	struct buf b = { 0 };

	expected_put_zh(&b, en);
	assert_string_equal(b.data, zh);
	buf_free(&b);
}

static void what_would_be_right_is_said_in_chinese_with_its_values(void **state)
{
	(void)state;
	assert_expected_zh("1 to 10000", "1 至 10000");
	assert_expected_zh("a whole number, 1 to 10000", "1 至 10000 的整数");
	assert_expected_zh("full, part", "full 全日制、part 非全日制");
	assert_expected_zh("pension, medical, …", "pension 养老保险、medical 医疗保险、…");
	assert_expected_zh("pension, medi", "pension, medi");
	assert_expected_zh("12 digits, as 410105003001, 410105003002",
	    "12 位数字，例如 410105003001, 410105003002");
	assert_expected_zh("GB18030, as the Content-Type says",
	    "GB18030（按 Content-Type 所示）");
	assert_expected_zh("85 at most; 1 completed it with less than was given",
	    "不多于 85；已有 1 人以低于此数完成培训");
	assert_expected_zh("day, evening, night", "day, evening, night");
	assert_expected_zh("4-07-05-01", "4-07-05-01");
}

/* What the ledger says, with whatever stands around it. */
static void what_the_ledger_expects_is_said_in_the_callers_language(void **state)
{
	static const char said[] = "\"errors\": [{\"found\": \"\\\"expected\\\": \\\"x\\\"\", "
				   "\"expected\": \"not before \\\"A\\\"\"}, "
				   "{\"expected\": \"a day\", \"expected_zh\": \"日期\"}]";
	struct buf b = { 0 };

	(void)state;
	problem_write(&b, "validation-failed", LANG_ZH, "id", NULL, said);
	assert_non_null(strstr(b.data,
	    "\"errors\": [{\"found\": \"\\\"expected\\\": \\\"x\\\"\", "
	    "\"expected\": \"不早于 \\\"A\\\"\",\"expected_zh\":\"不早于 \\\"A\\\"\"}, "
	    "{\"expected\": \"日期\",\"expected_zh\":\"日期\"}]}"));
	buf_free(&b);
	problem_write(&b, "validation-failed", LANG_EN, "id", NULL, said);
	assert_non_null(strstr(b.data, "\"expected\": \"a day\",\"expected_zh\":\"日期\""));
	buf_free(&b);
}

static void a_refusal_names_the_page_of_its_rule(void **state)
{
	struct buf b = { 0 };

	(void)state;
	problem_write(&b, "under-age", LANG_EN, "id", NULL, NULL);
	assert_non_null(
	    strstr(b.data, "\"instance\":\"id\",\"rule_page\":\"/rules/under-16\"}"));
	buf_free(&b);
	problem_write(&b, "busy", LANG_EN, "id", NULL, NULL);
	assert_null(strstr(b.data, "rule_page"));
	buf_free(&b);
}

/* 76 characters. */
#define LIST_OF "refused, declined, withdrawn, timeout, already_placed, not_qualified, moved, "

static void faults_are_cut_at_characters_and_counted_beyond_their_room(void **state)
{
	struct faults *fs = test_calloc(1, sizeof(*fs));
	char longer[400] = "";
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < 130; i++)
		strcat(longer, "字"); /* NOLINT(clang-analyzer-security.insecureAPI.strcpy) */
	for (size_t i = 0; i < FAULTS_MAX + 7; i++)
		fault_add(fs, "/a", "r", longer, NULL, longer, longer);
	assert_int_equal(strlen(fs->at[0].found), 63);
	assert_int_equal(strlen(fs->at[0].zh), 159);
	assert_string_equal(fs->at[0].expected, "");
	/* A list is cut at an item, which is said; one that fits is not. */
	*fs = (struct faults){ 0 };
	fault_add(fs, "/a", "r", "", LIST_OF LIST_OF "no_show, gave_up, not_wanted", "", "");
	fault_add(fs, "/a", "r", "", LIST_OF LIST_OF "no_show, gave_up", "", "");
	fault_add(fs, "/a", "r", "", longer, "", "");
	assert_string_equal(fs->at[0].expected, LIST_OF LIST_OF "no_show, …");
	assert_string_equal(fs->at[1].expected, LIST_OF LIST_OF "no_show, gave_up");
	assert_int_equal(strlen(fs->at[2].expected), 171);
	*fs = (struct faults){ 0 };
	for (size_t i = 0; i < FAULTS_MAX + 7; i++)
		fault_add(fs, "/a", "r", longer, NULL, longer, longer);
	problem_write(&b, "validation-failed", LANG_EN, "id", fs, NULL);
	assert_non_null(strstr(b.data, "\"errors_left_out\":7}"));
	buf_free(&b);
	test_free(fs);
}

static void a_citizen_number_is_not_shown_wherever_it_stands(void **state)
{
	static const struct {
		const char *found, *shown;
	} cases[] = { { "410105195712310007", "(not shown)" },
		{ "x41010519571231000X", "(not shown)" }, { "410105571231000", "(not shown)" },
		{ "00410105571231000", "(not shown)" }, { "41010557123100", "41010557123100" },
		{ "0000000000000385", "0000000000000385" },
		{ "4101-0557-1231-0001", "4101-0557-1231-0001" } };
	struct faults *fs = test_calloc(1, sizeof(*fs));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fault_add(fs, "/a", "r", cases[i].found, NULL, "", "");
		assert_string_equal(fs->at[i].found, cases[i].shown);
	}
	test_free(fs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_problem_speaks_both_languages),
		cmocka_unit_test(a_problem_says_where_which_rule_and_what_would_be_right),
		cmocka_unit_test(what_would_be_right_is_said_in_chinese_with_its_values),
		cmocka_unit_test(what_the_ledger_expects_is_said_in_the_callers_language),
		cmocka_unit_test(a_refusal_names_the_page_of_its_rule),
		cmocka_unit_test(faults_are_cut_at_characters_and_counted_beyond_their_room),
		cmocka_unit_test(a_citizen_number_is_not_shown_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
