/*
 * The codec on returns: what is refused and how it is said, and what is
 * written coded.
 */
#include "daemon/codec/pay.h"
#include "daemon/tables/choices.h"
#include "tests/unit/return_bench.h"

static json_t *written(void)
{
	const struct sealed_contact sealed[2] = { { "00ff", "k" }, { NULL, NULL } };
	json_t *tree = json_loads(codec_write_return(arena, &filed, sealed), 0, NULL);

	assert_non_null(tree);
	return tree;
}

static void a_good_line_is_written_coded(void **state)
{
	json_t *tree;
	json_t *line;

	(void)state;
	assert_int_equal(file_line(
			     LINE ",\"interview_contact\":\"王某\",\"skills_required\":"
				  "[\"K001\"],\"education_min\":\"71\",\"shift\":\"night\""),
	    READ_OK);
	assert_string_equal(filed.lines[0].interview_contact, "王某");
	tree = written();
	line = json_array_get(json_object_get(tree, "lines"), 0);
	assert_int_equal(json_integer_value(json_object_get(line, "occupation")), 4070501);
	assert_int_equal(json_integer_value(json_object_get(line, "pay_max_month")), 120000);
	assert_int_equal(json_integer_value(json_object_get(line, "shift")), 4);
	assert_int_equal(json_integer_value(json_object_get(line, "education_rank")), 3);
	assert_string_equal(json_string_value(json_object_get(line, "skills_required")), "01");
	assert_string_equal(json_string_value(json_object_get(line, "pay_text")),
	    "900–1200元/月");
	assert_string_equal(json_string_value(json_object_get(line, "contact")), "00ff");
	line = json_object_get(line, "filed");
	assert_non_null(json_object_get(line, "title"));
	assert_null(json_object_get(line, "interview_contact"));
	json_decref(tree);
}

static void posts_are_whole_and_within_bounds(void **state)
{
	static const char *const wrong[] = { "0", "-1", "10001", "1000000000" };
	char *members;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		members = arena_printf(arena, LINE_HEAD LINE_PLACE LINE_PAY ",\"posts\":%s",
		    wrong[i]);
		assert_line_refused(members, "/lines/0/posts", "range");
		assert_string_equal(faults.at[0].found, wrong[i]);
		assert_string_equal(faults.at[0].expected, "a whole number, 1 to 10000");
	}
	assert_line_refused(LINE_HEAD LINE_PLACE LINE_PAY ",\"posts\":1.0", "/lines/0/posts",
	    "type");
	assert_string_equal(faults.at[0].found, "1.0");
	assert_line_refused(LINE_HEAD LINE_PLACE LINE_PAY ",\"posts\":\"3\"", "/lines/0/posts",
	    "type");
	assert_line_refused(LINE_HEAD LINE_PLACE LINE_PAY ",\"posts\":true", "/lines/0/posts",
	    "type");
	assert_int_equal(file_line(LINE_HEAD LINE_PLACE LINE_PAY ",\"posts\":10000"), READ_OK);
}

static void codes_are_checked_against_the_catalogue(void **state)
{
	(void)state;
	assert_line_refused("\"ref\":\"A\",\"occupation\":\"4-07-05-77\",\"title\":\"a\","
			    "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY,
	    "/lines/0/occupation", "unknown-code");
	assert_non_null(strstr(faults.at[0].expected, "4-07-05-0"));
	assert_line_refused("\"ref\":\"A\",\"occupation\":\"4-7-5-1\",\"title\":\"a\","
			    "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY,
	    "/lines/0/occupation", "format");
	assert_line_refused("\"ref\":\"A\",\"occupation\":\"保安员\",\"title\":\"a\","
			    "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY,
	    "/lines/0/occupation", "format");
	assert_string_equal(faults.at[0].expected, "4-07-05-01");
	assert_line_refused("\"ref\":\"A\",\"occupation\":\"4-07-05-00\",\"title\":\"a\","
			    "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY,
	    "/lines/0/occupation", "too-wide");
	assert_int_equal(file_line(
			     "\"ref\":\"A\",\"occupation\":\"2-06-03-00\",\"title\":\"a\","
			     "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY),
	    READ_OK); /* a minor group without details */
	assert_line_refused(LINE_HEAD "\"posts\":1,\"place\":\"410105999999\"," LINE_PAY,
	    "/lines/0/place", "unknown-code");
	assert_line_refused(LINE_HEAD "\"posts\":1,\"place\":\"410105003000\"," LINE_PAY,
	    "/lines/0/place", "level");
	assert_string_equal(faults.at[0].expected,
	    "12 digits, as 410105003001, 410105003002, 410105003003");
	assert_line_refused(LINE_HEAD "\"posts\":1,\"place\":\"410105\"," LINE_PAY,
	    "/lines/0/place", "level");
	assert_memory_equal(faults.at[0].expected, "12 digits, as 410105", 20);
	assert_line_refused(LINE_HEAD "\"posts\":1,\"place\":\"999999\"," LINE_PAY,
	    "/lines/0/place", "format");
	assert_string_equal(faults.at[0].expected, "12 digits");
	assert_line_refused(LINE_HEAD "\"posts\":1,\"place\":\"410121001001\"," LINE_PAY,
	    "/lines/0/place", "retired-code");
	assert_line_refused(LINE_HEAD "\"posts\":1,\"place\":\"410102001002\"," LINE_PAY,
	    "/lines/0/place", "outside-district");
	assert_line_refused(LINE ",\"skills_required\":[\"K001\",\"K999\"]",
	    "/lines/0/skills_required/1", "unknown-code");
	assert_line_refused(LINE ",\"skills_required\":[\"K001\",\"K001\"]",
	    "/lines/0/skills_required/1", "duplicate");
	assert_line_refused(LINE ",\"education_min\":\"24\"", "/lines/0/education_min",
	    "unknown-code");
}

static void pay_is_compared_and_dates_are_in_order(void **state)
{
	(void)state;
	assert_line_refused(LINE_HEAD
	    "\"posts\":1," LINE_PLACE
	    "\"pay_min_fen\":2,\"pay_max_fen\":1,\"pay_period\":\"month\"",
	    "/lines/0/pay_min_fen", "order");
	assert_line_refused(LINE_HEAD "\"posts\":1," LINE_PLACE
				      "\"pay_max_fen\":800,\"pay_period\":\"hour\"",
	    "/lines/0/weekly_hours", "hours-needed");
	assert_line_refused(LINE_HEAD
	    "\"posts\":1," LINE_PLACE
	    "\"pay_max_fen\":99999999,\"pay_period\":\"hour\",\"weekly_hours\":40",
	    "/lines/0/pay_max_fen", "range");
	assert_line_refused(LINE
	    ",\"vacant_since\":\"2007-05-02\",\"valid_until\":\"2007-05-01\"",
	    "/lines/0/valid_until", "order");
	assert_line_refused(LINE ",\"valid_until\":\"2007-02-29\"", "/lines/0/valid_until",
	    "date");
	assert_string_equal(faults.at[0].en, "There is no such day; write YYYY-MM-DD.");
	assert_line_refused(LINE ",\"valid_until\":\"2007-2-9\"", "/lines/0/valid_until",
	    "date");
	assert_string_equal(faults.at[0].en, "Write the day YYYY-MM-DD.");
	assert_line_refused(LINE ",\"vacant_since\":\"1980-01-01\"", "/lines/0/vacant_since",
	    "range");
	assert_string_equal(faults.at[0].en, "The day is out of its bounds.");
	assert_line_refused(LINE ",\"reserved\":true", "/lines/0/approval", "approval-needed");
	assert_line_refused(LINE ",\"approval\":\"X\"", "/lines/0/approval",
	    "approval-unasked");
}

static void texts_hold_no_control_or_direction_characters(void **state)
{
	(void)state;
	assert_line_refused(
	    "\"ref\":\"A\",\"occupation\":\"4-07-05-01\",\"title\":\"a\\u202eb\","
	    "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY,
	    "/lines/0/title", "control-character");
	assert_string_equal(faults.at[0].found, "U+202E");
	assert_line_refused(
	    "\"ref\":\"A\",\"occupation\":\"4-07-05-01\",\"title\":\"保\\u200b安\","
	    "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY,
	    "/lines/0/title", "control-character");
	assert_line_refused("\"ref\":\"A\",\"occupation\":\"4-07-05-01\",\"title\":\"\\u3164\","
			    "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY,
	    "/lines/0/title", "control-character");
	assert_line_refused(
	    "\"ref\":\"A\",\"occupation\":\"4-07-05-01\",\"title\":\"a\\u001fb\","
	    "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY,
	    "/lines/0/title", "control-character");
	assert_line_refused("\"ref\":\"A\",\"occupation\":\"4-07-05-01\",\"title\":\"  \","
			    "\"duties\":\"b\",\"posts\":1," LINE_PLACE LINE_PAY,
	    "/lines/0/title", "blank");
}

/* Sixty Chinese characters are 180 bytes: the bound is in characters. */
static char *titled(int characters)
{
	struct buf title = { 0 };
	char *members;

	for (int i = 0; i < characters; i++)
		buf_puts(&title, "保");
	members = arena_printf(arena,
	    "\"ref\":\"A\",\"occupation\":\"4-07-05-01\",\"title\":\"%s\",\"duties\":\"b\","
	    "\"posts\":1," LINE_PLACE LINE_PAY,
	    title.data);
	buf_free(&title);
	return members;
}

static void lengths_are_counted_in_characters(void **state)
{
	(void)state;
	assert_int_equal(file_line(titled(60)), READ_OK);
	assert_line_refused(titled(61), "/lines/0/title", "length");
	assert_string_equal(faults.at[0].found, "61 characters");
}

static void a_ref_stands_once_in_lines_and_closed(void **state)
{
	(void)state;
	assert_int_equal(file("{\"nil\":false,\"staff\":1,\"lines\":[{" LINE "},{" LINE "}]}"),
	    READ_INVALID);
	assert_only_fault("/lines/1/ref", "duplicate-ref");
	assert_int_equal(file("{\"nil\":false,\"staff\":1,\"lines\":[{" LINE
			      "}],\"closed\":[{\"ref\":\"A\",\"reason\":\"withdrawn\"}]}"),
	    READ_INVALID);
	assert_only_fault("/closed/0/ref", "duplicate-ref");
}

static void nil_and_lines_exclude_each_other(void **state)
{
	(void)state;
	assert_int_equal(file("{\"nil\":true,\"staff\":1,\"lines\":[{" LINE "}]}"),
	    READ_INVALID);
	assert_only_fault("/lines", "nil-with-lines");
	assert_int_equal(file("{\"nil\":false,\"staff\":1}"), READ_INVALID);
	assert_only_fault("/lines", "no-lines");
	assert_int_equal(file("{\"nil\":true,\"staff\":1,\"lines\":null}"), READ_OK);
	assert_int_equal(file("{}"), READ_INVALID);
	assert_string_equal(fault_of("/nil")->rule, "required");
	assert_string_equal(fault_of("/staff")->rule, "required");
}

static void two_hundred_and_one_lines_are_too_many(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, "{\"nil\":false,\"staff\":1,\"lines\":[{}");
	for (int i = 0; i < 200; i++)
		buf_puts(&b, ",{}");
	buf_puts(&b, "]}");
	assert_int_equal(file(b.data), READ_INVALID);
	assert_string_equal(fault_of("/lines")->rule, "count");
	buf_free(&b);
}

static void the_same_return_has_the_same_canonical_text(void **state)
{
	const char *first;

	(void)state;
	assert_int_equal(file("{\"nil\":true, \"staff\":1}"), READ_OK);
	first = filed.canonical;
	assert_int_equal(file("{\"staff\":1,\n\"nil\":true}"), READ_OK);
	assert_string_equal(first, filed.canonical);
	assert_int_equal(file("{\"staff\":2,\"nil\":true}"), READ_OK);
	assert_string_not_equal(first, filed.canonical);
}

static void pay_becomes_a_month_rounded_down(void **state)
{
	(void)state;
	assert_int_equal(codec_pay_month(800, PAY_PERIODS_HOUR, 40), 138666); /* 138,666.67 */
	assert_int_equal(codec_pay_month(5000, PAY_PERIODS_DAY, 44), 119166); /* 119,166.67 */
	assert_int_equal(codec_pay_month(5000, PAY_PERIODS_DAY, 40), 108333);
	assert_int_equal(codec_pay_month(120000, PAY_PERIODS_MONTH, 20), 120000);
	assert_int_equal(codec_pay_month(120000, PAY_PERIODS_PIECE, 20), 0);
	assert_int_equal(codec_pay_month(0, PAY_PERIODS_NEGOTIABLE, 0), 0);
	assert_int_equal(codec_pay_month(30000, PAY_PERIODS_WEEK, 0), 130000);
	assert_int_equal(codec_pay_month(3000001, PAY_PERIODS_YEAR, 0), 250000);
	assert_string_equal(codec_pay_text(arena, 120000, 150000, PAY_PERIODS_MONTH),
	    "1200–1500元/月");
	assert_string_equal(codec_pay_text(arena, 0, 750, PAY_PERIODS_HOUR), "7.50元/小时");
	assert_string_equal(codec_pay_text(arena, 4000, 4000, PAY_PERIODS_DAY), "40元/天");
	assert_string_equal(codec_pay_text(arena, 30000, 35000, PAY_PERIODS_WEEK),
	    "300–350元/周");
	assert_string_equal(codec_pay_text(arena, 0, 3000000, PAY_PERIODS_YEAR), "30000元/年");
	assert_string_equal(codec_pay_text(arena, 0, 0, PAY_PERIODS_NEGOTIABLE), "面议");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_line_is_written_coded),
		TEST(posts_are_whole_and_within_bounds),
		TEST(codes_are_checked_against_the_catalogue),
		TEST(pay_is_compared_and_dates_are_in_order),
		TEST(texts_hold_no_control_or_direction_characters),
		TEST(lengths_are_counted_in_characters),
		TEST(a_ref_stands_once_in_lines_and_closed),
		TEST(nil_and_lines_exclude_each_other),
		TEST(two_hundred_and_one_lines_are_too_many),
		TEST(the_same_return_has_the_same_canonical_text),
		TEST(pay_becomes_a_month_rounded_down),
	};

	return cmocka_run_group_tests(tests, read_catalogue, free_catalogue);
}
