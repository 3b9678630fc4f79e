/*
 * Bodies, whatever they are of: what is no JSON, too deep, too long or misspelt; how faults are
 * told.
 */
#include "tests/unit/return_bench.h"

static void assert_malformed(const char *body, size_t len, const char *rule)
{
	faults = (struct faults){ 0 };
	assert_int_equal(codec_read_return(&codec, body, len,
			     &(struct return_path){ .district = "410105" }, "/tmp", &filed),
	    READ_MALFORMED);
	assert_only_fault("", rule);
}

static void what_is_not_json_is_malformed_and_says_how(void **state)
{
	const char deep[] = "{\"a\":[[[[[[[[[[]]]]]]]]]]}";
	const char gb18030[] = "{\"nil\":true,\"staff\":1,\"contact\":\"\xcd\xf5\xc4\xb3\"}";
	const char nul[] = "{\"nil\":true,\"staff\":1}\0";

	(void)state;
	assert_malformed("", 0, "truncated");
	assert_malformed("{\"nil\":tru", 10, "malformed");
	assert_malformed("{\"nil\":true", 11, "truncated");
	assert_malformed("{} {}", 5, "trailing");
	assert_malformed("[]", 2, "type");
	assert_malformed("{\"nil\":true,\"nil\":false}", 24, "duplicate-member");
	assert_malformed("{\"nil\":01}", 10, "malformed");
	assert_malformed("{\"nil\":NaN}", 11, "malformed");
	assert_malformed("{\"staff\":99999999999999999999}", 30, "number");
	assert_malformed("{\"staff\":1e999}", 15, "number");
	assert_malformed("{\"contact\":\"\\u0000\"}", 20, "nul");
	assert_malformed("{\"contact\":\"\\ud800\"}", 20, "malformed");
	assert_malformed(deep, sizeof(deep) - 1, "too-deep");
	assert_malformed(gb18030, sizeof(gb18030) - 1, "utf-8");
	assert_malformed(nul, sizeof(nul), "nul");
	assert_malformed("\xff\xfe{\0", 4, "nul");
	assert_malformed("{\"contact\":\"\xc0\xaf\"}", 16, "utf-8");
}

static void a_bracket_in_a_text_is_not_depth(void **state)
{
	(void)state;
	assert_int_equal(file("{\"nil\":true,\"staff\":1,\"contact\":\"[[[[[[[[[[\\\"{{{\"}"),
	    READ_OK);
}

/* A value of two bytes takes as much work as a longer one. */
static void so_many_values_are_refused_before_they_are_read(void **state)
{
	static const char *const each[] = { "0,", "{},", "\"\"," };
	struct buf body = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++) {
		buf_clear(&body);
		buf_puts(&body, "{\"lines\":[");
		for (int n = 0; n < CODEC_VALUES_MAX; n++)
			buf_puts(&body, each[i]);
		buf_puts(&body, "0]}");
		assert_malformed(body.data, body.len, "count");
	}
	buf_clear(&body);
	buf_puts(&body, "{\"nil\":true,\"staff\":1,\"contact\":\"");
	for (int n = 0; n < CODEC_VALUES_MAX; n++)
		buf_puts(&body, "{,");
	buf_printf(&body, "\"}");
	assert_int_equal(file(body.data), READ_INVALID); /* one text, and too long */
	buf_free(&body);
}

static void a_body_over_the_limit_is_too_long(void **state)
{
	char *body = calloc(1, CODEC_RETURN_MAX + 2);

	(void)state;
	memset(body, ' ', CODEC_RETURN_MAX + 1);
	assert_malformed(body, CODEC_RETURN_MAX + 1, "too-long");
	free(body);
}

static void a_misspelt_member_is_refused_with_the_right_one(void **state)
{
	(void)state;
	assert_line_refused(LINE ",\"benefit\":\"x\"", "/lines/0/benefit", "unknown-member");
	assert_string_equal(faults.at[0].expected, "benefits");
	assert_line_refused(LINE ",\"sex\":\"male\"", "/lines/0/sex", "unknown-member");
	assert_string_equal(faults.at[0].found, "(not shown)");
	assert_line_refused(LINE ",\"a/b~c\":1", "/lines/0/a~1b~0c", "unknown-member");
}

static void every_fault_of_a_body_is_told(void **state)
{
	(void)state;
	assert_int_equal(file("{\"nil\":false,\"staff\":-1,\"lines\":[{" LINE
			      "},7,{\"ref\":\"B\"}],"
			      "\"closed\":[{\"ref\":\"C\",\"reason\":\"tired\"}],\"x\":1}"),
	    READ_INVALID);
	assert_string_equal(fault_of("/staff")->rule, "range");
	assert_string_equal(fault_of("/lines/1")->rule, "type");
	assert_string_equal(fault_of("/lines/2/occupation")->rule, "required");
	assert_string_equal(fault_of("/lines/2/pay_period")->rule, "required");
	assert_string_equal(fault_of("/closed/0/reason")->rule, "choice");
	assert_string_equal(fault_of("/x")->rule, "unknown-member");
	assert_null(fault_of("/lines/0/posts"));
}

static void more_faults_than_are_kept_are_counted(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, "{\"nil\":false,\"staff\":1,\"lines\":[{}");
	for (int i = 1; i < 200; i++)
		buf_puts(&b, ",{}");
	buf_puts(&b, "]}");
	assert_int_equal(file(b.data), READ_INVALID);
	assert_int_equal(faults.n, 200 * 8);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_json_is_malformed_and_says_how),
		TEST(a_bracket_in_a_text_is_not_depth),
		TEST(so_many_values_are_refused_before_they_are_read),
		TEST(a_body_over_the_limit_is_too_long),
		TEST(a_misspelt_member_is_refused_with_the_right_one),
		TEST(every_fault_of_a_body_is_told),
		TEST(more_faults_than_are_kept_are_counted),
	};

	return cmocka_run_group_tests(tests, read_catalogue, free_catalogue);
}
