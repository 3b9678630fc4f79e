/*
 * A cell says the same in a code, its names or another spelling, however it is typed; what can
 * be read in two ways, or has lost something, is refused with what it could mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/cells.h"
#include "daemon/codec/rows.h"
#include "daemon/codec/single_line.h"
#include "daemon/flow/problem.h"
#include "daemon/tables/choices.h"

static struct arena *memory;
static struct catalog *catalog;
static struct faults faults;

static int open_catalog(void **state)
{
	(void)state;
	memory = arena_new();
	catalog = catalog_read(SOURCE_DIR "/config/data", 4101);
	return !catalog;
}

static int close_catalog(void **state)
{
	(void)state;
	arena_free(memory);
	catalog_free(catalog);
	return 0;
}

/* A cell of CSV. */
static const char *quoted(const char *text)
{
	struct buf b = { 0 };

	buf_putc(&b, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_putc(&b, '"');
		buf_putc(&b, *text);
	}
	buf_putc(&b, '"');
	return buf_to_arena(memory, &b);
}

static const char *scope; /* of the caller */

/* The record of a file of one row, as JSON with sorted members; NULL: it was refused. */
static const char *record_of(const char *header, const char *row)
{
	static const struct sheet_limits limits = { .record_bytes = ROW_BYTES_MAX,
		.columns = 80 };
	struct codec c = { memory, catalog, &faults, day_of(2007, 7, 12), NULL,
		.scope = scope };
	struct rows *r = rows_new(SHEET_CSV, "returns", &limits, NULL);
	const char *text = arena_printf(memory, "%s\n%s\n", header, row);
	struct row_place place = { 0 };
	const char *out = NULL;

	rows_put(r, text, strlen(text), true);
	if (rows_next(r, &c, &place) == ROWS_RECORD) {
		json_t *tree = rows_record(r);
		char *dump = json_dumps(tree, JSON_SORT_KEYS | JSON_COMPACT);

		out = arena_strdup(memory, dump);
		free(dump);
		json_decref(tree);
	}
	rows_free(r);
	return out;
}

/* Under a heading that is known with it. */
static void reads(const char *heading, const char *cell, const char *wanted)
{
	const char *header = strcmp(heading, "季度") == 0 ? "编号" : "季度";
	const char *got = record_of(arena_printf(memory, "%s,%s", header, quoted(heading)),
	    arena_printf(memory, ",%s", quoted(cell)));

	if (!got || strcmp(got, wanted) != 0)
		fail_msg("%s %s: %s, not %s", heading, cell, got ? got : faults.at[0].rule,
		    wanted);
}

static const char header_of_all[] =
    "employer,quarter,ref,occupation,title,duties,posts,place,pay_max_fen,pay_period,weekly_hours";

/* A whole line of a return with one cell more, or one exchanged. */
static enum read_result line_of(const char *header, const char *cell, struct single_line *line)
{
	static const struct sheet_limits limits = { .record_bytes = ROW_BYTES_MAX,
		.columns = 80 };
	static const char *const cells[] = { "123456788", "2007Q2", "A-1", "4-07-05-01",
		"guard", "watch", "1", "410105003001", "120000", "month", "40" };
	struct codec c = { memory, catalog, &faults, day_of(2007, 7, 12), NULL,
		.scope = scope };
	struct rows *r = rows_new(SHEET_CSV, "returns", &limits, NULL);
	struct buf head = { 0 }, row = { 0 };
	struct row_place place = { 0 };
	enum read_result result;
	char *names = arena_strdup(memory, header_of_all), *name;

	for (size_t i = 0; (name = strsep(&names, ",")); i++) {
		bool is_paid = strcmp(header, "薪酬") == 0 && strncmp(name, "pay_", 4) == 0;

		if (strcmp(name, header) == 0 || is_paid)
			continue;
		buf_printf(&head, "%s,", name);
		buf_printf(&row, "%s,", cells[i]);
	}
	buf_printf(&head, "%s\n%s%s\n", header, row.data, quoted(cell));
	rows_put(r, head.data, head.len, true);
	assert_int_equal(rows_next(r, &c, &place), ROWS_RECORD);
	result = codec_read_single_line(&c, r, NULL, line);
	buf_free(&head);
	buf_free(&row);
	rows_free(r);
	return result;
}

static void is_refused(const char *header, const char *cell, const char *rule,
    const char *expected)
{
	struct single_line line;

	if (line_of(header, cell, &line) == READ_OK)
		fail_msg("%s %s is read", header, cell);
	if (strcmp(faults.at[0].rule, rule) != 0 || !strstr(faults.at[0].expected, expected))
		fail_msg("%s %s: %s %s", header, cell, faults.at[0].rule,
		    faults.at[0].expected);
	assert_string_equal(faults.at[0].column, header);
	assert_int_equal(faults.n, 1);
}

static void a_cell_says_the_same_by_code_name_or_spelling(void **state)
{
	static const struct {
		const char *header;
		enum code_list list;
	} columns[] = { { "pay_period", LIST_PAY_PERIODS }, { "insurance", LIST_INSURANCES },
		{ "restrictions", LIST_RESTRICTIONS }, { "shift", LIST_SHIFTS },
		{ "form", LIST_FORMS }, { "education_min", LIST_EDUCATION } };

	(void)state;
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		const struct choice_list *l = &choice_lists[columns[i].list];

		for (size_t k = 0; k < l->n; k++) {
			const struct choice *row = &l->rows[k];
			const char *wanted =
			    record_of(arena_printf(memory, "季度,%s", columns[i].header),
				arena_printf(memory, ",%s", row->code));
			char *rest = arena_printf(memory, "%s|%s|%s", row->zh, row->en,
				 row->spellings),
			     *word;

			while ((word = strsep(&rest, "|")) && *word)
				reads(columns[i].header, word, wanted);
		}
	}
}

static void numbers(void **state)
{
	(void)state;
	reads("招聘人数", "３", "{\"posts\":3}");
	reads("招聘人数", "3.0", "{\"posts\":3}");
	reads("招聘人数", "3人", "{\"posts\":3}");
	reads("招聘人数",
	    "\xe3\x80\x80"
	    "3\xc2\xa0",
	    "{\"posts\":3}");
	reads("最高薪酬（分）", "120,000", "{\"pay_max_fen\":120000}");
	reads("最高薪酬（分）", "１２０，０００", "{\"pay_max_fen\":120000}");
	reads("招聘人数", "-3", "{\"posts\":-3}");
	reads("招聘人数", "−3", "{\"posts\":-3}");
	reads("招聘人数", "3.5", "{\"posts\":\"3.5\"}");
	reads("招聘人数", "1,20", "{\"posts\":\"1,20\"}");
	reads("招聘人数", "若干", "{\"posts\":\"若干\"}");
	reads("招聘人数", "999999999999999999999", "{\"posts\":\"999999999999999999999\"}");
	reads("招聘人数", "无", "{}");
	is_refused("posts", "1.2E+02", "type", "120");
}

static void days(void **state)
{
	static const char *const same[] = { "2007-04-01", "2007/4/1", "2007年4月1日",
		"2007.4.1", "20070401", "２００７年４月１日", "2007-4-1", "39173",
		"2007年4月1号", "2007。4。1", "2007/04/01 0:00:00", "2007 年 4 月 1 日",
		" 2007—04—01" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		reads("空缺日期", same[i], "{\"vacant_since\":\"2007-04-01\"}");
	reads("有效期至", "长期", "{}");
	reads("有效期至", "2007年13月1日", "{\"valid_until\":\"2007-13-01\"}");
	is_refused("valid_until", "4/1/2007", "date-written", "2007-04-01 or 2007-01-04");
	is_refused("valid_until", "13/4/2007", "date-written", "2007-04-13");
	is_refused("valid_until", "2007年9月", "date-written", "2007-09-01");
	is_refused("valid_until", "07-9-1", "date", "YYYY-MM-DD");
	is_refused("valid_until", "2007-02-30", "date", "YYYY-MM-DD");
}

static void quarters(void **state)
{
	static const char *const same[] = { "2007Q2", "2007q2", "２００７Ｑ２",
		"2007年第二季度", "2007年2季度", "2007年二季度", "2007 Q2", "2007年度第2季度",
		"二〇〇七年第二季度", "2007-Q2", "2007年Q2" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		reads("季度", same[i], "{\"quarter\":\"2007Q2\"}");
	reads("季度", "第二季度", "{\"quarter\":\"第二季度\"}");
	reads("季度", "2007-2", "{\"quarter\":\"2007-2\"}");
	reads("季度", "2007Q5", "{\"quarter\":\"2007Q5\"}");
}

static void flags_lists_and_months(void **state)
{
	static const char *const yes[] = { "是", "TRUE", "true", "1", "√", "Ｙ", "有" };
	static const char *const no[] = { "否", "FALSE", "0", "×", "无" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		reads("公益性岗位", yes[i], "{\"reserved\":true}");
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		reads("公益性岗位", no[i], "{\"reserved\":false}");
	reads("社会保险", "养老，医疗；工伤、失业 | 生育",
	    "{\"insurance\":[\"pension\",\"medical\",\"work_injury\",\"unemployment\","
	    "\"maternity\"]}");
	reads("社会保险", "五险",
	    "{\"insurance\":[\"pension\",\"medical\",\"unemployment\",\"work_injury\","
	    "\"maternity\"]}");
	reads("社会保险", "五险一金",
	    "{\"insurance\":[\"pension\",\"medical\",\"unemployment\",\"work_injury\","
	    "\"maternity\"]}");
	reads("社会保险", "三险一金",
	    "{\"insurance\":[\"pension\",\"medical\",\"unemployment\"]}");
	reads("社会保险", "无", "{}");
	reads("学历要求", "高中以上", "{\"education_min\":\"61\"}");
	reads("学历要求", "不限", "{}");
	reads("学历要求", "61 普通高中毕业", "{\"education_min\":\"61\"}");
	reads("工作经验", "3年", "{\"experience_months\":36}");
	reads("工作经验", "两年以上", "{\"experience_months\":24}");
	reads("工作经验", "1-3年", "{\"experience_months\":12}");
	reads("工作经验", "一年半", "{\"experience_months\":18}");
	reads("工作经验", "半年", "{\"experience_months\":6}");
	reads("工作经验", "18个月", "{\"experience_months\":18}");
	reads("工作经验", "不限", "{}");
	reads("工作年限", "3", "{\"experience_months\":36}");
	reads("工作经验（年）", "3", "{\"experience_months\":36}");
	reads("经验月数", "3", "{\"experience_months\":3}");
	is_refused("工作经验", "3", "format", "3年 or 3个月");
}

static void names(void **state)
{
	(void)state;
	reads("职业", "保安员", "{\"occupation\":\"4-07-05-01\"}");
	reads("职业", "保 安 员", "{\"occupation\":\"4-07-05-01\"}");
	reads("职业", "保安", "{\"occupation\":\"4-07-05-01\"}");
	reads("职业", "4-07-05-01 保安员", "{\"occupation\":\"4-07-05-01\"}");
	reads("职业", "４－０７－０５－０１", "{\"occupation\":\"4-07-05-01\"}");
	reads("职业", "无此职业", "{\"occupation\":\"无此职业\"}");
	reads("工作地点", "金水区经八路街道科技社区", "{\"place\":\"410105001006\"}");
	reads("工作地点", "410105003001", "{\"place\":\"410105003001\"}");
	reads("工作地点", "碧沙岗社区", "{\"place\":\"410102001002\"}");
	reads("工作地点", "郑州市中原区林山寨街道碧沙岗社区居委会",
	    "{\"place\":\"410102001002\"}");
	reads("工作地点", "中原 林山寨 碧沙岗", "{\"place\":\"410102001002\"}");
	reads("工作地点", "二七区林山寨街道碧沙岗社区",
	    "{\"place\":\"二七区林山寨街道碧沙岗社区\"}");
	reads("工作地点", "金水区", "{\"place\":\"410105\"}");
	reads("必备技能", "K001；普通话", "{\"skills_required\":[\"K001\",\"K001\"]}");
	reads("单位代码", "12345678－8", "{\"employer\":\"12345678-8\"}");
	is_refused("place", "4.10105E+11", "number-cell", "text");
	reads("工作地点", "河南省郑州市金水区人民路街道人民路社区居委会",
	    "{\"place\":\"410105003001\"}");
	is_refused("place", "人民路社区", "ambiguous",
	    "410105003001 金水区人民路街道, 410181002001 巩义市");
	scope = "410105"; /* one of the two is in their own division */
	reads("工作地点", "人民路社区", "{\"place\":\"410105003001\"}");
	scope = "410102";
	is_refused("place", "人民路社区", "ambiguous", "410181002001");
	scope = NULL;
	is_refused("place", "某某社区", "unknown-name", "community by name");
	is_refused("place", "41010500300", "format", "12 digits");
	is_refused("occupation", "无此职业", "unknown-name", "");
	is_refused("occupation", "4-07-05", "format", "4-07-05-01");
}

static void pay(void **state)
{
#define MONTH ",\"pay_period\":\"month\"}"
	static const char range[] = "{\"pay_max_fen\":450000,\"pay_min_fen\":350000" MONTH;
	static const char *const least[] = { "900元以上", "900以上/月", "900起", "900元起",
		"900+", "不低于900元", "最低900", "≥900", "月薪900元及以上" };
	static const char *const most[] = { "900元以下", "不超过900", "最高900元", "900以内",
		"900左右", "约900元/月" };
	static const char *const same[] = { "3500-4500", "3500-4500元/月",
		"３５００～４５００元／月", "3500—4500", "月薪3500-4500元", "3,500-4,500",
		"3500元-4500元", "3500至4500元每月", "3.5k-4.5k", "3.5-4.5千",
		"每月 3500 到 4500 元", "¥3500-4500", "0.35-0.45万/月" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		reads("薪酬", same[i], range);
	reads("薪酬", "1,200元", "{\"pay_max_fen\":120000" MONTH);
	/* From so much, and no top is said. */
	for (size_t i = 0; i < sizeof(least) / sizeof(*least); i++)
		reads("薪酬", least[i], "{\"pay_min_fen\":90000" MONTH);
	for (size_t i = 0; i < sizeof(most) / sizeof(*most); i++)
		reads("薪酬", most[i], "{\"pay_max_fen\":90000" MONTH);
	reads("薪酬", "最低900到1200", "{\"pay_max_fen\":120000,\"pay_min_fen\":90000" MONTH);
	is_refused("薪酬", "900-1200以上", "format", "3500-4500");
	is_refused("薪酬", "不低于900以下", "format", "3500-4500");
	reads("最低薪酬", "900元以上", "{\"pay_min_fen\":90000}");
	is_refused("最低薪酬", "900元以下", "format", "3500");
	reads("最高薪酬", "900元以内", "{\"pay_max_fen\":90000}");
	reads("薪酬", "3000元以下", "{\"pay_max_fen\":300000" MONTH);
	reads("薪酬", "面议", "{\"pay_period\":\"negotiable\"}");
	reads("薪酬", "工资面议", "{\"pay_period\":\"negotiable\"}");
	reads("薪酬", "8元/小时", "{\"pay_max_fen\":800,\"pay_period\":\"hour\"}");
	reads("薪酬", "日薪60元", "{\"pay_max_fen\":6000,\"pay_period\":\"day\"}");
	reads("薪酬", "300元/周", "{\"pay_max_fen\":30000,\"pay_period\":\"week\"}");
	reads("薪酬", "年薪3-5万",
	    "{\"pay_max_fen\":5000000,\"pay_min_fen\":3000000,\"pay_period\":\"year\"}");
	reads("薪酬", "计件，约2000元/月", "{\"pay_max_fen\":200000,\"pay_period\":\"piece\"}");
	is_refused("薪酬", "2元/件", "format", "3500-4500");
	reads("薪酬", "8", "{\"pay_max_fen\":800}");
	reads("薪酬", "12-15万", "{\"pay_max_fen\":15000000,\"pay_min_fen\":12000000}");
	reads("薪酬", "8千-1万", "{\"pay_max_fen\":1000000,\"pay_min_fen\":800000}");
	reads("薪酬（万元）", "12-15", "{\"pay_max_fen\":15000000,\"pay_min_fen\":12000000}");
	/* Of a multiple of a multiple that nobody counts to, only the cell is said. */
	reads("薪酬（万元）", "90000000000万", "{\"pay_max_fen\":\"90000000000万\"" MONTH);
	reads("月薪", "1.2万", "{\"pay_max_fen\":1200000" MONTH);
	reads("薪酬", "12-15万/年",
	    "{\"pay_max_fen\":15000000,\"pay_min_fen\":12000000,\"pay_period\":\"year\"}");
	reads("薪酬（元/小时）", "8", "{\"pay_max_fen\":800,\"pay_period\":\"hour\"}");
	reads("月薪", "250", "{\"pay_max_fen\":25000" MONTH);
	reads("最高薪酬（元）", "1,200.50", "{\"pay_max_fen\":120050}");
	reads("最高薪酬（元/月）", "1200", "{\"pay_max_fen\":120000" MONTH);
	reads("最高薪酬", "1200元/月", "{\"pay_max_fen\":120000" MONTH);
	reads("最低薪酬", "面议", "{\"pay_period\":\"negotiable\"}");
	reads("最高薪酬(分)", "120000", "{\"pay_max_fen\":120000}");
	is_refused("薪酬", "底薪1500+提成", "format", "3500-4500");
	is_refused("薪酬", "按国家规定", "format", "面议");
}

static void texts(void **state)
{
	(void)state;
	reads("编号", "Ｎ１ ", "{\"ref\":\"N1\"}");
	reads("岗位名称", "\xe3\x80\x80保安员（夜）\xe2\x80\x8b",
	    "{\"title\":\"保安员（夜）\"}");
	reads("工作内容", "1. 巡逻\r\n2. 值班\r\n", "{\"duties\":\"1. 巡逻\\n2. 值班\"}");
}

/* One cell of a spreadsheet, whose member's reader found that fault in it, or none. */
static const struct fault *spoiled(const char *kind, const char *heading, struct cell cell,
    const char *pointer)
{
	static struct columns columns;
	static struct cell_notes notes;
	struct codec c = { memory, catalog, &faults, day_of(2007, 7, 12), NULL,
		.scope = scope };
	struct cell above = { CELL_TEXT, heading };
	struct sheet_row head = { .line = 1, .n = 1, .cells = &above };
	struct sheet_row row = { .line = 2, .n = 1, .cells = &cell };
	json_t *tree;

	faults = (struct faults){ 0 };
	assert_true(columns_read(&c, kind, memory, &head, &columns));
	tree = cells_read(&c, &columns, &row, &notes);
	if (pointer)
		fault_add(&faults, pointer, "format", NOT_SHOWN, "", "", "");
	cells_explain(&columns, &notes, tree, &faults);
	json_decref(tree);
	return faults.n ? &faults.at[0] : NULL;
}

/* However the reader of the member answers, and never with what is sealed. */
static void what_a_sheet_has_spoiled_is_no_text(void **state)
{
	static const struct {
		const char *kind, *heading, *pointer;
	} members[] = { { "seekers", "身份证号", "/citizen_number" },
		{ "seekers", "姓名", "/name" }, { "seekers", "联系电话", "/telephone" },
		{ "returns", "面试联系人", "/interview_contact" },
		{ "returns", "岗位名称", "/title" }, { "returns", "编号", "/ref" } };
	static const struct {
		struct cell cell;
		const char *rule, *found;
	} cells[] = { { { CELL_NUMBER, "410105195712310000" }, "number-cell", NOT_SHOWN },
		{ { CELL_NUMBER, "1.41e+35" }, "number-cell", NOT_SHOWN },
		{ { CELL_BAD, "#N/A" }, "error-cell", "#N/A" },
		{ { CELL_BAD, "13900000000" }, "error-cell", NOT_SHOWN } };

	(void)state;
	for (size_t i = 0; i < COUNT(members); i++)
		for (size_t k = 0; k < COUNT(cells); k++) {
			const struct fault *f =
			    spoiled(members[i].kind, members[i].heading, cells[k].cell, NULL);

			if (!f || strcmp(f->rule, cells[k].rule) != 0)
				fail_msg("%s takes %s", members[i].heading, cells[k].cell.text);
			assert_string_equal(f->found, cells[k].found);
			assert_string_equal(f->pointer, members[i].pointer);
			assert_string_equal(f->column, members[i].heading);
			f = spoiled(members[i].kind, members[i].heading, cells[k].cell,
			    members[i].pointer);
			assert_int_equal(faults.n, 1);
			assert_string_equal(f->rule, cells[k].rule);
			assert_string_equal(f->found, NOT_SHOWN);
		}
	assert_null(
	    spoiled("seekers", "联系电话", (struct cell){ CELL_NUMBER, "13900000000" }, NULL));
	assert_null(spoiled("returns", "编号", (struct cell){ CELL_TEXT, "1E5" }, NULL));
	/* Not asked for, not refused. */
	assert_null(spoiled("returns", "备注", (struct cell){ CELL_BAD, "#N/A" }, NULL));
}

static void headings(void **state)
{
	static const char *const none[] = { "合　计：,,16", ",小计,3", "序号,编号,招聘人数",
		"填表人：张三,,", "审核:,李四,", "1,示例(请删除本行),2",
		"1,example (Delete this row),2", "", ",," };

	(void)state;
	reads("* 编 号：", "A", "{\"ref\":\"A\"}");
	reads("编号\n（必填）", "A", "{\"ref\":\"A\"}");
	reads("岗位编号[必填]", "A", "{\"ref\":\"A\"}");
	reads("ＲＥＦ", "A", "{\"ref\":\"A\"}");
	/* What is passed over makes no record by itself. */
	assert_null(record_of("季度,编号,序号", ",,1"));
	assert_null(record_of("季度,编号,退回原因", ",,第3行：编号：必须填写。"));
	/* Above the headings stands what people put there; below, rows without anything. */
	assert_string_equal(record_of("金水区二季度空岗表,\n\n,\n编号,季度", "A,2007Q2"),
	    "{\"quarter\":\"2007Q2\",\"ref\":\"A\"}");
	assert_string_equal(record_of("编号,,季度", "A,,2007Q2"),
	    "{\"quarter\":\"2007Q2\",\"ref\":\"A\"}");
	assert_null(record_of("编号,,季度", "A,x,2007Q2"));
	assert_string_equal(faults.at[0].rule, "no-heading");
	assert_string_equal(faults.at[0].pointer, "/cell/2");
	assert_string_equal(faults.at[0].found, NOT_SHOWN);
	assert_string_equal(record_of("编号,季度,薪酬,薪酬\n,,最低薪酬,最高薪酬",
				"A,2007Q2,1,2"),
	    "{\"pay_max_fen\":200,\"pay_min_fen\":100,\"quarter\":\"2007Q2\",\"ref\":\"A\"}");
	assert_null(record_of("a,b\nc,d", "e,f"));
	assert_string_equal(faults.at[0].rule, "headings");
	assert_null(record_of("编号,季度,岗位名臣", "A,2007Q2,x"));
	assert_string_equal(faults.at[0].pointer, "/header/3");
	assert_string_equal(faults.at[0].found, "岗位名臣");
	assert_string_equal(faults.at[0].expected, "岗位名称");
	assert_null(record_of("编号,季度,岗位编号", "A,2007Q2,x"));
	assert_string_equal(faults.at[0].rule, "duplicate");
	/* What is noted for oneself is no one's; what is no record is passed over. */
	assert_string_equal(record_of("编号,季度,备注", "A,2007Q2,急招"),
	    "{\"quarter\":\"2007Q2\",\"ref\":\"A\"}");
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		assert_null(record_of("序号,编号,招聘人数", none[i]));
		assert_int_equal(faults.n, 1);
		assert_string_equal(faults.at[0].rule, "no-record");
	}
	assert_string_equal(record_of("编号,季度",
				"示例（请删除本行）,2007Q2\n编号,季度\nB,2007Q2\n小计:"),
	    "{\"quarter\":\"2007Q2\",\"ref\":\"B\"}");
	assert_string_equal(record_of("编号,岗位名称", "A,合计"),
	    "{\"ref\":\"A\",\"title\":\"合计\"}");
	assert_null(record_of("编号,薪酬,最高薪酬", "A,1,2"));
	assert_string_equal(faults.at[0].rule, "duplicate");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_says_the_same_by_code_name_or_spelling),
		cmocka_unit_test(numbers),
		cmocka_unit_test(days),
		cmocka_unit_test(quarters),
		cmocka_unit_test(flags_lists_and_months),
		cmocka_unit_test(names),
		cmocka_unit_test(pay),
		cmocka_unit_test(texts),
		cmocka_unit_test(what_a_sheet_has_spoiled_is_no_text),
		cmocka_unit_test(headings),
	};

	return cmocka_run_group_tests(tests, open_catalog, close_catalog);
}
