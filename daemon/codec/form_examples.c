/*
 * What the columns of a form say of themselves: how a cell is filled in, without which no row
 * is taken, and an example.
 *
 * Of a register all three are registers.tsv's.
 */
#include "daemon/codec/form_examples.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/count.h"
#include "daemon/codec/columns.h"
#include "daemon/tables/registers.h"
#include "daemon/tables/tsv.h"

/* How a cell is filled in, by how it is read. */
static const struct explanation {
	const char *en, *zh;
} explanations[] = {
	[AS_IGNORED] = { "", "" },
	[AS_SHOWN] = { "", "" },
	[AS_GROUP] = { "Any number of your own; rows below each other with the same one, or none, are together",
	    "自编号；相邻各行编号相同或不填的为同一户" },
	[AS_TEXT] = { "Text", "文字" },
	[AS_CODE] = { "As it is printed, leading zeros too; the column is text",
	    "按原样填写，保留开头的 0；本列为文本" },
	[AS_NUMBER] = { "A whole number", "整数" },
	[AS_YUAN] = { "Yuan, with at most two decimals", "单位：元，最多两位小数" },
	[AS_MONTHS] = { "A number of months", "月数" },
	[AS_YEARS] = { "Years, with semicolons between",
	    "年份，如 2006；可填多项，以分号隔开" },
	[AS_FLAG] = { "TRUE or FALSE", "是或否" },
	[AS_DAY] = { "A day, as 2007-04-01", "日期，如 2007-04-01" },
	[AS_QUARTER] = { "A quarter, as 2007Q2", "季度，如 2007Q2 或 2007年第二季度" },
	[AS_PERIOD] = { "A year, a quarter or a month: 2007, 2007Q2, 2007-03",
	    "年、季度或月份，如 2007、2007Q2、2007-03" },
	[AS_CHOICE] = { "One of the list", "从列表中选一项" },
	[AS_CHOICES] = { "Several of these, with semicolons between: ",
	    "可填多项，以分号隔开：" },
	[AS_OCCUPATION] = { "A code of the occupations, or a name: vacancyctl codes show occupations",
	    "职业代码或职业名称，如 4-07-05-01 或 保安员" },
	[AS_OCCUPATIONS] = { "Codes or names of occupations, with semicolons between",
	    "职业代码或职业名称，可填多项，以分号隔开" },
	[AS_COMMUNITY] = { "The twelve digits of a community, or the names of district, street and community",
	    "社区的 12 位代码，或区、街道、社区的全称，如 金水区人民路街道人民路社区" },
	[AS_DISTRICT] = { "The name of a district, or its six digits", "区县名称或 6 位代码" },
	[AS_SKILLS] = { "Codes or names of skills, with semicolons between",
	    "技能代码或名称，以分号隔开" },
	[AS_LICENCES] = { "Codes or names of licences, with semicolons between",
	    "证书代码或名称，以分号隔开" },
	[AS_PAY] = { "", "" },
};

#define EXAMPLE_PERSON "410105197010179995"

/* Rows that are taken as they stand: of a placement when the person of the other form is
 * registered. */
static const struct {
	const char *kind, *member, *value;
} examples[] = {
	{ "returns", "ref", "EXAMPLE-1" },
	{ "returns", "occupation", "4-07-05-01" },
	{ "returns", "title", "保安员（示例，请删除本行）" },
	{ "returns", "duties", "值班巡逻" },
	{ "returns", "posts", "2" },
	{ "returns", "pay_min_fen", "120000" },
	{ "returns", "pay_max_fen", "150000" },
	{ "returns", "pay_period", "month" },
	{ "returns", "weekly_hours", "40" },
	{ "returns", "insurance", "pension;medical" },
	{ "returns", "form", "full" },
	{ "seekers", "name", "示例（请删除本行）" },
	{ "seekers", "hukou.type", "urban" },
	{ "seekers", "hukou.division", "410105" },
	{ "seekers", "education", "61" },
	{ "seekers", "wishes", "4-07-05-01" },
	{ "seekers", "farthest", "city" },
	{ "seekers", "shifts", "day;evening" },
	{ "seekers", "forms", "full;part" },
	{ "seekers", "group", "local" },
	{ "seekers", "unemployment.prior_job", "true" },
	{ "placements", "kind", "flexible" },
	{ "placements", "source", "示例，请删除本行" },
	{ "households", "home", "1" },
	{ "households", "size", "1" },
	{ "households", "hukou_type", "urban" },
	{ "households", "business_income", "false" },
	{ "households", "investment_income", "false" },
	{ "households", "members.citizen_number", EXAMPLE_PERSON },
	{ "households", "members.able", "true" },
	{ "households", "members.willing", "true" },
};

/* Without which no row is taken. */
static const struct {
	const char *kind, *members;
} needed[] = {
	{ "returns", "quarter|ref|occupation|title|duties|posts|place|pay_period" },
	{ "seekers", "citizen_number|name|community|hukou.type|hukou.division|education|wishes|"
		     "farthest|shifts|forms|group" },
	{ "placements", "kind|start_on" },
	{ "households", "home|size|community|hukou_type|business_income|investment_income|"
			"applied_on|members.able|members.willing" },
};

/* What the cell's way of being read does not say. */
static const struct {
	const char *kind, *member, *en, *zh;
} particulars[] = {
	{ "returns", "employer",
	    "The employer's code, as text; with a key of its own it may be empty",
	    "单位代码，本列为文本；使用本单位密钥的可不填" },
	{ "returns", "pay_max_fen",
	    "Yuan, with at most two decimals; none when it is negotiable, or only the lowest is stated",
	    "单位：元，最多两位小数；面议的或只写最低薪酬的不填" },
	{ "seekers", "hukou.division", "The six digits of a county or district",
	    "区县的 6 位代码，如 410105" },
	{ "seekers", "pay_wish_fen", "Yuan a month, with at most two decimals",
	    "每月多少元，最多两位小数" },
	{ "seekers", "unemployment.since", "The day, with prior_job; none when not unemployed",
	    "日期，与“曾就业”同时填写；非失业人员不填" },
	{ "seekers", "unemployment.prior_job", "TRUE or FALSE, with unemployment.since",
	    "是或否，与“失业日期”同时填写" },
	{ "placements", "citizen_number", "The person, already registered: this or seeker",
	    "已登记的求职人员；与求职编号填一项" },
	{ "households", "size", "How many people the household has: as many rows",
	    "家庭人数：与本户行数相同" },
	{ "households", "determined_on", "None: it has applied", "未填为申请中" },
	{ "households", "members.citizen_number",
	    "One of its people, already registered, a row each: this or seeker",
	    "家庭成员，每人一行，已登记的求职人员；与求职编号填一项" },
	{ "households", "members.seeker",
	    "One of its people, already registered, a row each: this or citizen_number",
	    "家庭成员，每人一行，已登记的求职人员；与公民身份号码填一项" },
	{ "placements", "seeker", "The person, already registered: this or citizen_number",
	    "已登记的求职人员；与公民身份号码填一项" },
};

static const struct registry *registry_of(const struct column_row *row)
{
	for (size_t i = 0; i < n_registers; i++)
		if (registers[i].plural && strcmp(registers[i].plural, row->kind) == 0)
			return &registers[i];
	return NULL;
}

/* The member that a column of a register is of, or of its papers; NULL: of no register. */
static const struct registry_member *member_of(const struct column_row *row)
{
	const char *name = row->member;
	const struct registry *r = registry_of(row);

	if (r && strncmp(name, "evidence.", 9) == 0) {
		r = registry_named("evidence");
		name += 9;
	}
	for (size_t i = 0; r && i < r->n; i++)
		if (strcmp(r->members[i].name, name) == 0)
			return &r->members[i];
	return NULL;
}

/* What is of a paper stands there only where an entry needs one. */
static bool is_in_example(const struct column_row *row)
{
	const struct registry *r = registry_of(row);

	return !row->is_each || (r && r->needs_papers);
}

bool form_needs(const struct column_row *row)
{
	const struct registry_member *m = is_in_example(row) ? member_of(row) : NULL;

	/* A person may be named in two ways. */
	if (m && m->say != SAY_MAY && m->kind != MEMBER_SEEKER)
		return true;
	for (size_t i = 0; i < COUNT(needed); i++)
		if (strcmp(needed[i].kind, row->kind) == 0)
			return tsv_has_word(needed[i].members, row->member,
			    strlen(row->member));
	return false;
}

static bool is_at(const struct column_row *row, const char *kind, const char *member)
{
	return strcmp(row->kind, kind) == 0 && strcmp(row->member, member) == 0;
}

const char *form_example_of(struct arena *a, const struct column_row *row,
    const struct form_example *example)
{
	const struct registry_member *m = member_of(row);
	char day[11];

	for (size_t i = 0; i < COUNT(examples); i++)
		if (is_at(row, examples[i].kind, examples[i].member))
			return examples[i].value;
	if (strcmp(row->member, "citizen_number") == 0)
		return EXAMPLE_PERSON;
	if (m && m->example && m->kind != MEMBER_DAY)
		return is_in_example(row) ? m->example : NULL;
	switch (row->as) {
	case AS_QUARTER:
	case AS_PERIOD:
		return example->quarter;
	case AS_COMMUNITY:
		return example->community;
	case AS_DISTRICT:
		return arena_strndup(a, example->community, 6);
	case AS_DAY:
		if (!form_needs(row) && strcmp(row->member, "vacant_since") != 0 &&
		    strcmp(row->member, "unemployment.since") != 0)
			return NULL;
		day_print(m && m->example ? example->today : example->since, day);
		return arena_strdup(a, day);
	default:
		return m && m->kind == MEMBER_UNIT ? arena_strndup(a, example->community, 6)
						   : NULL;
	}
}

/* Whole numbers and texts have their bounds in the register's rows. */
static const char *bounded(struct arena *a, const struct registry_member *m, bool is_zh)
{
	if (m->kind == MEMBER_WHOLE)
		return arena_printf(a,
		    is_zh ? "%" PRId64 " 至 %" PRId64 " 的整数"
			  : "A whole number, %" PRId64 " to %" PRId64,
		    m->min, m->max);
	if (m->kind == MEMBER_TEXT)
		return arena_printf(a,
		    is_zh ? "文字，%" PRId64 " 至 %" PRId64 " 字"
			  : "Text, %" PRId64 " to %" PRId64 " characters",
		    m->min, m->max);
	if (m->kind == MEMBER_UNIT)
		return is_zh ? "统计单位代码，全市填 city" : "A reporting unit, or city";
	if (m->kind == MEMBER_SEEKER)
		return is_zh ? "求职编号；与公民身份号码填一项"
			     : "The person, already registered: this or citizen_number";
	return NULL;
}

const char *form_explanation(struct arena *a, const struct column_row *row, bool is_zh)
{
	const struct registry_member *m = member_of(row);
	const char *text = m ? bounded(a, m, is_zh) : NULL;

	for (size_t i = 0; i < COUNT(particulars); i++)
		if (is_at(row, particulars[i].kind, particulars[i].member))
			return is_zh ? particulars[i].zh : particulars[i].en;
	if (text)
		return text;
	return is_zh ? explanations[row->as].zh : explanations[row->as].en;
}
