/*
 * Forms: of several columns that mean one member the one that people fill in (yuan, not fen;
 * lowest and highest, not both in one cell).
 *
 * A code stands as its name in Chinese and as itself in English; both are read.
 */
#include "daemon/codec/form.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/columns.h"
#include "daemon/sheet/writer.h"
#include "daemon/tables/choices.h"
#include "daemon/tables/tsv.h"

/* How a cell is filled in, by how it is read. */
static const struct explanation {
	const char *en, *zh;
} explanations[] = {
	[AS_IGNORED] = { "", "" },
	[AS_TEXT] = { "Text", "文字" },
	[AS_CODE] = { "As it is printed, leading zeros too; the column is text",
	    "按原样填写，保留开头的 0；本列为文本" },
	[AS_NUMBER] = { "A whole number", "整数" },
	[AS_YUAN] = { "Yuan, with at most two decimals", "单位：元，最多两位小数" },
	[AS_MONTHS] = { "A number of months", "月数" },
	[AS_FLAG] = { "TRUE or FALSE", "是或否" },
	[AS_DAY] = { "A day, as 2007-04-01", "日期，如 2007-04-01" },
	[AS_QUARTER] = { "A quarter, as 2007Q2", "季度，如 2007Q2 或 2007年第二季度" },
	[AS_CHOICE] = { "One of the list", "从列表中选一项" },
	[AS_CHOICES] = { "Several of these, with semicolons between: ",
	    "可填多项，以分号隔开：" },
	[AS_OCCUPATION] = { "A code of the occupations, or a name: vacancyctl codes show occupations",
	    "职业代码或职业名称，如 4-07-05-01 或 保安员" },
	[AS_OCCUPATIONS] = { "Codes or names of occupations, with semicolons between",
	    "职业代码或职业名称，可填多项，以分号隔开" },
	[AS_COMMUNITY] = { "The twelve digits of a community, or the names of district, street and community",
	    "社区的 12 位代码，或区、街道、社区的全称，如 金水区人民路街道人民路社区" },
	[AS_SKILLS] = { "Codes or names of skills, with semicolons between",
	    "技能代码或名称，以分号隔开" },
	[AS_LICENCES] = { "Codes or names of licences, with semicolons between",
	    "证书代码或名称，以分号隔开" },
	[AS_PAY] = { "", "" },
};

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
	{ "seekers", "citizen_number", "410105197010179995" },
	{ "seekers", "name", "示例（请删除本行）" },
	{ "seekers", "hukou.type", "urban" },
	{ "seekers", "hukou.division", "410105" },
	{ "seekers", "education", "61" },
	{ "seekers", "wishes", "4-07-05-01" },
	{ "seekers", "farthest", "city" },
	{ "seekers", "shifts", "day;evening" },
	{ "seekers", "forms", "full;part" },
	{ "seekers", "group", "local" },
	{ "placements", "citizen_number", "410105197010179995" },
	{ "placements", "kind", "flexible" },
	{ "placements", "source", "示例，请删除本行" },
};

/* Without which no row is taken. */
static const struct {
	const char *kind, *members;
} needed[] = {
	{ "returns", "quarter|ref|occupation|title|duties|posts|place|pay_period" },
	{ "seekers", "citizen_number|name|community|hukou.type|hukou.division|education|wishes|"
		     "farthest|shifts|forms|group" },
	{ "placements", "kind|start_on" },
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
	{ "placements", "citizen_number", "The person, already registered: this or seeker",
	    "已登记的求职人员；与求职编号填一项" },
	{ "placements", "seeker", "The person, already registered: this or citizen_number",
	    "已登记的求职人员；与公民身份号码填一项" },
};

static bool is_needed(const struct column_row *row)
{
	for (size_t i = 0; i < COUNT(needed); i++)
		if (strcmp(needed[i].kind, row->kind) == 0)
			return tsv_has_word(needed[i].members, row->member,
			    strlen(row->member));
	return false;
}

bool form_is_known(const char *kind)
{
	return columns_row(kind, 0) != NULL;
}

struct kinds {
	struct arena *arena;
	const char *names;
};

static void add_kind(void *arg, const struct code *code)
{
	struct kinds *k = arg;

	if (code->level == 1)
		k->names = arena_printf(k->arena, "%s%s%s", k->names, *k->names ? ", " : "",
		    code->text);
}

const char *form_kinds(struct arena *a)
{
	struct kinds k = { a, "" };

	columns_list(add_kind, &k);
	return k.names;
}

/* The i-th column that a form of the kind has; NULL past the last. */
static const struct column_row *form_column(const char *kind, size_t i)
{
	const struct column_row *row, *other;

	for (size_t k = 0; (row = columns_row(kind, k)); k++) {
		bool is_better = row->as != AS_IGNORED && row->as != AS_PAY;

		for (size_t n = 0; row->as == AS_NUMBER && (other = columns_row(kind, n)); n++)
			is_better = is_better && (other->as != AS_YUAN ||
						     strcmp(other->member, row->member) != 0);
		if (is_better && i-- == 0)
			return row;
	}
	return NULL;
}

/* The first heading of the language. */
static const char *heading_of(struct arena *a, const struct column_row *row, bool is_zh)
{
	const char *at = row->headers, *name = row->as == AS_YUAN ? NULL : row->member;
	size_t n;

	for (; *at; at += n + (at[n] == '|')) {
		n = strcspn(at, "|");
		if ((*at & 0x80) && is_zh)
			return arena_printf(a, "%.*s%s", (int)n, at,
			    row->as == AS_YUAN ? "（元）" : "");
		if (!(*at & 0x80) && !is_zh && !name)
			name = arena_strndup(a, at, n);
	}
	return name ? name : row->member;
}

static const char *word_of(const struct column_row *row, bool is_zh, const char *code)
{
	int place = row->list == NO_LIST ? -1 : choice_find(row->list, code);

	return is_zh && place >= 0 ? choice_lists[row->list].rows[place].zh : code;
}

static void write_words(struct writer *w, const struct column_row *row, bool is_zh,
    const json_t *array)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *code = json_string_value(json_array_get(array, i));

		buf_puts(&b, i ? ";" : "");
		buf_puts(&b, code ? word_of(row, is_zh, code) : "");
	}
	writer_text(w, b.data);
	buf_free(&b);
}

static void write_cell(struct writer *w, const struct column_row *row, bool is_zh,
    const json_t *value)
{
	long long n = json_integer_value(value);
	char number[32];

	if (json_is_array(value)) {
		write_words(w, row, is_zh, value);
	} else if (json_is_boolean(value)) {
		writer_text(w,
		    json_is_true(value) ? (is_zh ? "是" : "TRUE") : (is_zh ? "否" : "FALSE"));
	} else if (json_is_integer(value)) {
		if (row->as != AS_YUAN)
			snprintf(number, sizeof(number), "%lld", n);
		else if (n % 100 == 0)
			snprintf(number, sizeof(number), "%lld", n / 100);
		else
			snprintf(number, sizeof(number), "%lld.%02lld", n / 100, n % 100);
		writer_number(w, number);
	} else if (row->as == AS_DAY) {
		writer_day(w, json_string_value(value));
	} else {
		writer_text(w, json_is_string(value)
				   ? word_of(row, is_zh, json_string_value(value))
				   : NULL);
	}
}

/* With a star behind each that must be filled in, where that is asked for. */
static void write_headings(struct arena *a, struct writer *w, const char *kind, bool is_zh,
    bool has_stars)
{
	const struct column_row *row;

	for (size_t i = 0; (row = form_column(kind, i)); i++)
		if (row->as == AS_TEXT || row->as == AS_CODE || row->as == AS_COMMUNITY ||
		    row->as == AS_OCCUPATION)
			writer_column_is_text(w, i);
	for (size_t i = 0; (row = form_column(kind, i)); i++)
		writer_head(w, arena_printf(a, "%s%s", heading_of(a, row, is_zh),
				   has_stars && is_needed(row) ? "*" : ""));
	writer_row_end(w);
}

bool form_write_lines(struct arena *a, struct writer *w, bool is_zh, const char *body)
{
	static const char *const of_all[] = { "employer", "quarter" };
	json_t *tree = json_loads(body, 0, NULL);
	json_t *lines = json_object_get(tree, "lines"), *line;
	const struct column_row *row;
	size_t n;

	write_headings(a, w, "returns", is_zh, false);
	json_array_foreach(lines, n, line)
	{
		for (size_t i = 0; i < COUNT(of_all); i++)
			json_object_set(line, of_all[i], json_object_get(tree, of_all[i]));
		for (size_t i = 0; (row = form_column("returns", i)); i++)
			write_cell(w, row, is_zh, json_object_get(line, row->member));
		writer_row_end(w);
	}
	json_decref(tree);
	return lines != NULL;
}

static void write_example_cell(struct writer *w, const struct column_row *row, bool is_zh,
    const struct form_example *example)
{
	const char *value = NULL;
	json_t *tree = NULL;
	char day[11];

	for (size_t i = 0; i < COUNT(examples); i++)
		if (strcmp(examples[i].kind, row->kind) == 0 &&
		    strcmp(examples[i].member, row->member) == 0)
			value = examples[i].value;
	if (row->as == AS_QUARTER)
		value = example->quarter;
	if (row->as == AS_COMMUNITY)
		value = example->community;
	if (row->as == AS_DAY && (strcmp(row->member, "vacant_since") == 0 || is_needed(row))) {
		day_print(example->since, day);
		value = day;
	}
	if (value && (row->as == AS_CHOICES || row->as == AS_OCCUPATIONS)) {
		tree = json_array();
		for (size_t n; *value; value += n + (value[n] == ';')) {
			n = strcspn(value, ";");
			json_array_append_new(tree, json_stringn(value, n));
		}
	} else if (value && (row->as == AS_NUMBER || row->as == AS_YUAN)) {
		tree = json_loads(value, JSON_DECODE_ANY, NULL);
	} else if (value) {
		tree = json_string(value);
	}
	write_cell(w, row, is_zh, tree);
	json_decref(tree);
}

/* The words of a list; NULL-terminated. */
static const char *const *words_of(struct arena *a, const struct column_row *row, bool is_zh)
{
	const struct choice_list *list = &choice_lists[row->list];
	const char **words = arena_alloc(a, (list->n + 1) * sizeof(*words));

	for (size_t i = 0; i < list->n; i++)
		words[i] = is_zh ? list->rows[i].zh : list->rows[i].code;
	return words;
}

static const char *explain(struct arena *a, const struct column_row *row, bool is_zh)
{
	const char *text = is_zh ? explanations[row->as].zh : explanations[row->as].en;

	for (size_t i = 0; i < COUNT(particulars); i++)
		if (strcmp(particulars[i].kind, row->kind) == 0 &&
		    strcmp(particulars[i].member, row->member) == 0)
			text = is_zh ? particulars[i].zh : particulars[i].en;
	if (is_needed(row))
		text = arena_printf(a, is_zh ? "必填。%s" : "Required. %s", text);
	if (row->as != AS_CHOICES)
		return text;
	for (const char *const *word = words_of(a, row, is_zh); *word; word++)
		text = arena_printf(a, "%s%s%s", text, word[0],
		    word[1] ? (is_zh ? "；" : "; ") : "");
	return text;
}

void form_write_template(struct arena *a, struct writer *w, const char *kind, bool is_zh,
    const struct form_example *example)
{
	static const char *const flags_zh[] = { "是", "否", NULL };
	static const char *const flags_en[] = { "TRUE", "FALSE", NULL };
	const struct column_row *row;

	write_headings(a, w, kind, is_zh, true);
	for (size_t i = 0; (row = form_column(kind, i)); i++) {
		writer_column_note(w, i, heading_of(a, row, is_zh), explain(a, row, is_zh));
		if (row->as == AS_CHOICE)
			writer_column_choices(w, i, words_of(a, row, is_zh));
		else if (row->as == AS_FLAG)
			writer_column_choices(w, i, is_zh ? flags_zh : flags_en);
		write_example_cell(w, row, is_zh, example);
	}
	writer_row_end(w);
	if (!writer_sheet(w, is_zh ? "填表说明" : "How to fill it in"))
		return;
	for (size_t i = 0; (row = form_column(kind, i)); i++) {
		writer_head(w, heading_of(a, row, is_zh));
		writer_text(w, explain(a, row, is_zh));
		writer_row_end(w);
	}
}
