/*
 * The codec on people and placements: what is sealed, what is computed, what is
 * answered.
 */
#include "daemon/codec/codec.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/person.h"
#include "daemon/codec/placement.h"
#include "daemon/codec/seeker.h"
#include "tests/unit/codec_bench.h"

#define SEEKER_REST                                                                              \
	"\"name\":\"张三李四\",\"telephone\":\"13912345678\",\"address\":\"某路一号\","  \
	"\"community\":\"410105003001\",\"hukou\":{\"type\":\"urban\",\"division\":\"410121\"}," \
	"\"education\":\"61\",\"wishes\":[\"4-07-05-01\",\"4-09-08\"],\"farthest\":\"city\","    \
	"\"shifts\":[\"day\",\"night\"],\"forms\":[\"full\"],\"group\":\"local\""

static struct filed_seeker seeker;

static enum read_result enrol(const char *number, const char *more)
{
	char *body =
	    arena_printf(arena, "{\"citizen_number\":\"%s\"," SEEKER_REST "%s}", number, more);

	faults = (struct faults){ 0 };
	return codec_read_seeker(&codec, body, strlen(body), &seeker);
}

static void a_seeker_is_coded_without_what_is_sealed(void **state)
{
	json_t *tree;

	(void)state;
	assert_int_equal(
	    enrol("410102195712319990",
		",\"experience\":[{\"occupation\":\"4-07-05-01\",\"months\":300}]"),
	    READ_OK);
	assert_string_equal(seeker.citizen, "410102195712319990");
	assert_string_equal(seeker.name, "张三李四");
	assert_null(strstr(seeker.coded, "张三"));
	assert_null(strstr(seeker.coded, "139123"));
	assert_null(strstr(seeker.coded, "9990"));
	tree = json_loads(seeker.coded, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(tree, "sex")), 1);
	assert_string_equal(json_string_value(json_object_get(tree, "birth")), "1957-12-31");
	assert_int_equal(json_integer_value(json_object_get(tree, "shifts")), 5);
	assert_int_equal(json_integer_value(json_object_get(tree, "farthest")), 4);
	assert_string_equal(json_string_value(json_object_get(tree, "experience")),
	    "003e1c65012c");
	assert_int_equal(json_integer_value(json_array_get(json_object_get(tree, "wishes"), 1)),
	    4090800);
	json_decref(tree);
	assert_int_equal(enrol("410102571231000", ""), READ_OK);
	assert_string_equal(seeker.citizen, "410102195712310005"); /* the old form, upgraded */
}

static void a_wrong_citizen_number_is_refused_unquoted(void **state)
{
	static const struct {
		const char *number, *rule;
	} wrong[] = {
		{ "410102195712319991", "check-digit" },
		{ "410108197002299996", "date" },
		{ "999999195712319994", "area" },
		{ "41010219571231999", "format" },
		{ "410102209912319992", "future" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(enrol(wrong[i].number, ""), READ_INVALID);
		assert_only_fault("/citizen_number", wrong[i].rule);
		assert_string_equal(faults.at[0].found, "(not shown)");
		assert_null(strstr(faults.at[0].expected, "1957"));
	}
}

static void sealed_fields_never_stand_in_a_fault(void **state)
{
	static const char body[] =
	    "{\"citizen_number\":410102195712319990,\"name\":[\"secret\"],\"telephone\":\"secret\\n\","
	    "\"address\":{\"a\":\"secret\"},\"naem\":\"secret\",\"wishes\":[]}";

	(void)state;
	faults = (struct faults){ 0 };
	assert_int_equal(codec_read_seeker(&codec, body, strlen(body), &seeker), READ_INVALID);
	assert_true(faults.n > 5);
	for (size_t i = 0; i < faults.n; i++) {
		assert_null(strstr(faults.at[i].found, "secret"));
		assert_null(strstr(faults.at[i].found, "4101021957"));
	}
	assert_string_equal(fault_of("/naem")->expected, "name");
}

static void computed_statuses_are_not_entered(void **state)
{
	(void)state;
	assert_int_equal(enrol("410102195712319990",
			     ",\"recognitions\":[{\"code\":\"HC1\",\"on\":\"2007-01-01\"}]"),
	    READ_INVALID);
	assert_only_fault("/recognitions/0/code", "computed");
	assert_int_equal(enrol("410102195712319990",
			     ",\"recognitions\":[{\"code\":\"HC6a\",\"on\":\"2007-07-13\"}]"),
	    READ_INVALID);
	assert_only_fault("/recognitions/0/on", "future");
	assert_int_equal(
	    enrol("410102195712319990",
		",\"unemployment\":{\"since\":\"2007-01-01\",\"prior_job\":false,\"laid_off\":\"L1\"}"),
	    READ_INVALID);
	assert_only_fault("/unemployment/laid_off", "together");
}

static void an_answered_file_speaks_the_words_of_the_api(void **state)
{
	struct opened_person opened = { .citizen = "410102195712319990", .name = "张三" };
	const char *text;
	json_t *tree;

	(void)state;
	text = codec_write_person(arena, catalog,
	    "{\"seeker\":\"00000000000000ff\",\"skills\":\"01\",\"licences\":\"\",\"experience\":"
	    "\"003e1c65012c\",\"wishes\":[4070501,4090800],\"pay_wish\":90000,\"farthest\":3,"
	    "\"shifts\":5,\"forms\":1,\"rank\":\"P2\"}",
	    &opened);
	tree = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(tree);
	assert_string_equal(json_string_value(json_object_get(tree, "citizen_number")),
	    "410102********9990");
	assert_string_equal(json_string_value(json_object_get(tree, "farthest")), "adjacent");
	assert_string_equal(json_string_value(
				json_array_get(json_object_get(tree, "wishes"), 1)),
	    "4-09-08");
	assert_string_equal(json_string_value(
				json_array_get(json_object_get(tree, "skills"), 0)),
	    "K001");
	assert_true(json_is_null(json_object_get(tree, "telephone")));
	json_decref(tree);
}

static void ids_have_one_spelling(void **state)
{
	uint64_t id;
	char text[17];
	char code[20];

	(void)state;
	assert_true(codec_seeker_id("0a3f5c9d01b2e477", &id));
	codec_print_seeker_id(id, text);
	assert_string_equal(text, "0a3f5c9d01b2e477");
	assert_false(codec_seeker_id("0A3F5C9D01B2E477", &id));
	assert_false(codec_seeker_id("a3f5c9d01b2e477", &id));
	assert_false(codec_seeker_id("0000000000000000", &id));
	assert_false(codec_seeker_id("ffffffffffffffff", &id));
	assert_true(codec_decimal_id("9223372036854775807", &id));
	assert_false(codec_decimal_id("9223372036854775808", &id));
	assert_false(codec_decimal_id("01", &id));
	assert_false(codec_decimal_id("+1", &id));
	assert_false(codec_decimal_id("", &id));
	assert_true(codec_employer_code(NULL, "12345678-8", code));
	assert_string_equal(code, "123456788");
	assert_true(codec_employer_code(NULL, "91410100123456788y", code));
	assert_string_equal(code, "91410100123456788Y");
	assert_false(codec_employer_code(NULL, "123456789", code));
}

static void a_placement_and_its_fates_are_read(void **state)
{
	const char *coded;
	const char good[] =
	    "{\"seeker\":\"0a3f5c9d01b2e477\",\"vacancy\":\"17\",\"kind\":\"unit\","
	    "\"start_on\":\"2007-07-16\"}";
	const char wrong[] =
	    "{\"seeker\":17,\"vacancy\":17,\"kind\":\"job\",\"employer\":\"123456789\","
	    "\"start_on\":\"soon\"}";

	(void)state;
	assert_int_equal(codec_read(&codec, placement_body, good, strlen(good), &coded),
	    READ_OK);
	assert_string_equal(coded,
	    "{\"seeker\":\"0a3f5c9d01b2e477\",\"vacancy\":\"17\",\"kind\":\"unit\",\"employer\":null,"
	    "\"workplace\":null,\"approval\":null,\"start_on\":\"2007-07-16\",\"source\":null,"
	    "\"reference\":null,\"referral\":null}");
	assert_int_equal(codec_read(&codec, placement_body, wrong, strlen(wrong), &coded),
	    READ_INVALID);
	assert_string_equal(fault_of("/seeker")->rule, "type");
	assert_string_equal(fault_of("/vacancy")->rule, "type");
	assert_string_equal(fault_of("/kind")->rule, "choice");
	assert_string_equal(fault_of("/employer")->rule, "check-digit");
	assert_string_equal(fault_of("/start_on")->rule, "date");
	faults = (struct faults){ 0 };
	assert_int_equal(codec_read(&codec, empty_body, "", 0, &coded), READ_OK);
	assert_int_equal(codec_read(&codec, empty_body, "{}", 2, &coded), READ_OK);
	assert_int_equal(codec_read(&codec, empty_body, "{\"a\":1}", 7, &coded), READ_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_seeker_is_coded_without_what_is_sealed),
		TEST(a_wrong_citizen_number_is_refused_unquoted),
		TEST(sealed_fields_never_stand_in_a_fault),
		TEST(computed_statuses_are_not_entered),
		TEST(an_answered_file_speaks_the_words_of_the_api),
		TEST(ids_have_one_spelling),
		TEST(a_placement_and_its_fates_are_read),
	};

	return cmocka_run_group_tests(tests, read_catalogue, free_catalogue);
}
