/*
 * Pay in one cell: 3500-4500元/月, 1,200元, 月薪2000以上, 0.8-1万/月, 面议.
 *
 * What is said beside the amounts is read whole or the cell is refused: nothing of a wage is
 * passed over.  Without a word for its period an amount is by the month if it could be one;
 * of 万 nobody knows whether it is a year's.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/count.h"
#include "daemon/codec/cell_readers.h"
#include "daemon/codec/codec.h"

/* Fewer fen are no month's pay: they want a word. */
#define MONTH_LEAST 30000

struct stated {
	int64_t min, max; /* fen; -1: not stated, of one of them */
	int period;       /* of LIST_PAY_PERIODS; -1 */
	bool by_piece, by_myriad;
	bool is_most; /* no more than max */
};

static bool starts(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*at, word, n) != 0)
		return false;
	*at += n;
	return true;
}

static bool starts_one(const char **at, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (starts(at, words[i]))
			return true;
	return false;
}

/* A unit of time, behind 每, / or 一, or alone. */
static bool take_period(const char **at, int *period)
{
	static const struct {
		const char *word;
		int period;
	} words[] = { { "小时", PAY_PERIODS_HOUR }, { "钟头", PAY_PERIODS_HOUR },
		{ "时", PAY_PERIODS_HOUR }, { "hour", PAY_PERIODS_HOUR },
		{ "天", PAY_PERIODS_DAY }, { "日", PAY_PERIODS_DAY },
		{ "day", PAY_PERIODS_DAY }, { "周", PAY_PERIODS_WEEK },
		{ "星期", PAY_PERIODS_WEEK }, { "week", PAY_PERIODS_WEEK },
		{ "个月", PAY_PERIODS_MONTH }, { "月", PAY_PERIODS_MONTH },
		{ "month", PAY_PERIODS_MONTH }, { "年", PAY_PERIODS_YEAR },
		{ "year", PAY_PERIODS_YEAR } };
	static const char *const before[] = { "/", "每", "一", "按" };
	static const char *const after[] = { "薪", "工资", "收入" };
	const char *start = *at;

	while (starts_one(at, before, COUNT(before)))
		continue;
	for (size_t i = 0; i < COUNT(words); i++)
		if (starts(at, words[i].word)) {
			*period = words[i].period;
			starts_one(at, after, COUNT(after));
			return true;
		}
	*at = start;
	return false;
}

static int64_t take_multiple(const char **at)
{
	static const char *const thousands[] = { "千", "k", "K" };
	static const char *const tens[] = { "万", "w", "W" };

	return starts_one(at, thousands, COUNT(thousands)) ? 1000
	       : starts_one(at, tens, COUNT(tens))         ? 10000
							   : 1;
}

/* An amount in fen and what multiplies it. */
static bool take_amount(const char **at, int64_t *fen, int64_t *multiple)
{
	static const char *const before[] = { "¥", "RMB", "rmb", "人民币" };
	static const char *const after[] = { "元", "块钱", "块", "RMB", "rmb" };

	starts_one(at, before, COUNT(before));
	if (!cell_decimal(*at, fen, at) || *fen > INT64_MAX / 20000)
		return false;
	*multiple = take_multiple(at);
	starts_one(at, after, COUNT(after));
	return true;
}

static bool read_stated(const char *text, struct stated *out)
{
	static const char *const openings[] = { "约", "大约", "税前", "税后", "底薪", ",",
		"工资", "薪资", "薪酬", "待遇", ":", "为" };
	static const char *const least[] = { "不低于", "不少于", "最低", ">=", "≥" };
	static const char *const most[] = { "不超过", "最高", "<=", "≤" };
	static const char *const between[] = { "--", "-", "~", "至", "到" };
	static const char *const up[] = { "及以上", "以上", "起", "+" };
	static const char *const down[] = { "及以下", "以下", "以内" };
	static const char *const nothing[] = { "左右", "上下", "元", "不等", ",", "(", ")",
		"人民币" };
	static const char *const pieces[] = { "计件工资", "计件制", "计件" };
	bool is_least, is_most;
	int64_t low, high = -1, by = 1, by_high = 1;
	const char *at = text;

	*out = (struct stated){ -1, -1, -1, false, false, false };
	for (const char *before = NULL; before != at;) {
		before = at;
		starts_one(&at, openings, COUNT(openings));
		out->by_piece |= starts_one(&at, pieces, COUNT(pieces));
		take_period(&at, &out->period);
	}
	is_least = starts_one(&at, least, COUNT(least));
	is_most = starts_one(&at, most, COUNT(most));
	if (!take_amount(&at, &low, &by))
		return false;
	take_period(&at, &out->period);
	if (starts_one(&at, between, COUNT(between))) {
		if (is_most || !take_amount(&at, &high, &by_high))
			return false;
		is_least = false; /* 最低900到1200 */
		by = by == 1 && by_high > 1 && low < high * by_high && low <= high ? by_high
										   : by;
	}
	while (*at) {
		if (starts_one(&at, up, COUNT(up)))
			is_least = true;
		else if (starts_one(&at, pieces, COUNT(pieces)))
			out->by_piece = true;
		else if (starts_one(&at, down, COUNT(down)))
			is_most = true;
		else if (!starts_one(&at, nothing, COUNT(nothing)) &&
			 !take_period(&at, &out->period))
			return false;
	}
	if (is_least && (is_most || high >= 0)) /* 900-1200以上 says two things */
		return false;
	out->by_myriad = by == 10000 || by_high == 10000;
	low *= by;
	high = high < 0 ? -1 : high * by_high;
	out->min = high >= 0 || is_least ? low : -1;
	out->max = high >= 0 ? high : is_least ? -1 : low;
	out->is_most = is_most;
	return true;
}

static bool is_negotiable(const char *text)
{
	static const char *const words[] = { "面议", "面谈", "另议", "电议", "协商", "商议" };

	if (strpbrk(text, "0123456789"))
		return false;
	for (size_t i = 0; i < COUNT(words); i++)
		if (strstr(text, words[i]))
			return true;
	return strcasecmp(text, "negotiable") == 0;
}

static void put(json_t *tree, const char *member, json_t *value)
{
	if (json_object_get(tree, member))
		json_decref(value);
	else
		json_object_set_new(tree, member, value);
}

/* By the cell, else the unit or the words of its heading; -1: neither says. */
static int period_of(const struct cell_in *in, const struct stated *s)
{
	const char *unit = in->column->unit, *heading = in->column->heading;
	int period = s->period;

	if (period >= 0)
		return period;
	starts(&unit, "元");
	if (*unit && take_period(&unit, &period))
		return period;
	if (strstr(heading, "月"))
		return PAY_PERIODS_MONTH;
	return -1;
}

/* Blanks do not divide anything here. */
static const char *without_blanks(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text), *to = out;

	for (; *text; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
	return out;
}

/* Whether a column of one amount can hold it: no range, no lowest pay as the highest. */
static bool suits(const struct stated *s, const char *member)
{
	bool is_one = s->min < 0 || s->max < 0 || s->min == s->max;

	return is_one && (strcmp(member, "pay_min_fen") != 0 || !s->is_most) &&
	       (strcmp(member, "pay_max_fen") != 0 || s->max >= 0);
}

void cell_pay(const struct cell_in *in, json_t *tree)
{
	const char *text = without_blanks(in->c->arena, in->text);
	const char *member = in->column->row->member;
	bool is_whole = in->column->row->as == AS_PAY;
	bool is_wish = !is_whole && strncmp(member, "pay_m", 5) != 0; /* of a month */
	int64_t by_heading = strncmp(in->column->unit, "万", strlen("万")) == 0 ? 10000 : 1;
	int64_t amount;
	struct stated s;
	int period;

	if (cell_is_absence(text))
		return;
	if (is_negotiable(text) && is_wish)
		return;
	if (is_negotiable(text)) {
		json_object_set_new(tree, "pay_period",
		    json_string(choice_code(LIST_PAY_PERIODS, PAY_PERIODS_NEGOTIABLE)));
		return;
	}
	if (!read_stated(text, &s) || (!is_whole && !suits(&s, member)) ||
	    s.min > INT64_MAX / by_heading || s.max > INT64_MAX / by_heading) {
		put(tree, is_whole ? "pay_max_fen" : in->column->row->member,
		    cell_refused(in, BROKEN_FORMAT,
			is_whole ? "3500-4500元/月, 1200元, 2000以上, 面议" : "yuan, as 3500"));
		if (is_whole) /* said once, of the cell */
			put(tree, "pay_period",
			    json_string(choice_code(LIST_PAY_PERIODS, PAY_PERIODS_MONTH)));
		return;
	}
	if (by_heading > 1) {
		s.min *= s.min > 0 ? by_heading : 1;
		s.max *= s.max > 0 ? by_heading : 1;
		s.by_myriad = true;
	}
	period = s.by_piece ? PAY_PERIODS_PIECE : period_of(in, &s);
	amount = s.max >= 0 ? s.max : s.min;
	if (period < 0 && is_whole && !s.by_myriad && amount >= MONTH_LEAST)
		period = PAY_PERIODS_MONTH;
	if (is_wish) {
		put(tree, member,
		    period < 0 || period == PAY_PERIODS_MONTH
			? json_integer(amount)
			: cell_refused(in, BROKEN_FORMAT, "yuan a month, as 1500"));
		return;
	}
	if (!is_whole) {
		put(tree, member, json_integer(amount));
	} else {
		if (s.min >= 0)
			put(tree, "pay_min_fen", json_integer(s.min));
		if (s.max >= 0)
			put(tree, "pay_max_fen", json_integer(s.max));
	}
	if (period >= 0)
		put(tree, "pay_period", json_string(choice_code(LIST_PAY_PERIODS, period)));
}
