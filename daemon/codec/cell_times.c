/*
 * Cells that hold a day, a quarter or another period, in the ways people and spreadsheets write
 * them.
 *
 * What can be read in two ways is refused with both; a year of two digits is none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/count.h"
#include "daemon/codec/cell_readers.h"
#include "daemon/codec/codec.h"

/* A day as Excel counts: 39173 is 2007-04-01. */
#define SERIAL_FIRST 32874 /* 1990-01-01 */
#define SERIAL_LAST  73050 /* 2099-12-31 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* At most `most` digits; -1: none. */
static int take_number(const char **at, size_t most)
{
	size_t n = 0;
	int out = 0;

	for (; is_digit(**at) && n < most; n++)
		out = out * 10 + *(*at)++ - '0';
	return n && !is_digit(**at) ? out : -1;
}

static bool take(const char **at, const char *const *words, size_t n)
{
	while (**at == ' ')
		++*at;
	for (size_t i = 0; i < n; i++)
		if (strncmp(*at, words[i], strlen(words[i])) == 0) {
			*at += strlen(words[i]);
			while (**at == ' ')
				++*at;
			return true;
		}
	return false;
}

/* A time of day behind it says nothing: 2007/4/1 0:00:00. */
static bool ends_day(const char *at)
{
	return !at[strspn(at, " T0:.")];
}

static json_t *day_text(int year, int month, int day)
{
	char text[16];

	snprintf(text, sizeof(text), "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
	return json_string(text);
}

/* 4/1/2007 */
static json_t *two_ways(const struct cell_in *in, int first, int second, int year)
{
	char meant[64];

	if (first > 12 && second <= 12)
		snprintf(meant, sizeof(meant), "%04d-%02d-%02d, if that is meant", year, second,
		    first);
	else if (second > 12 && first <= 12)
		snprintf(meant, sizeof(meant), "%04d-%02d-%02d, if that is meant", year, first,
		    second);
	else
		snprintf(meant, sizeof(meant), "%04d-%02d-%02d or %04d-%02d-%02d", year, first,
		    second, year, second, first);
	return cell_refused(in, BROKEN_DATE_WRITTEN, meant);
}

json_t *cell_day(const struct cell_in *in)
{
	static const char *const none[] = { "长期", "长期有效", "不限期" };
	static const char *const marks[] = { "年", "-", "/", "." };
	static const char *const months[] = { "月份", "月", "-", "/", "." };
	static const char *const days[] = { "日", "号" };
	const char *at = in->text;
	int a, b, c = -1;

	if (cell_is_absence(at))
		return NULL;
	for (size_t i = 0; i < COUNT(none); i++)
		if (strcmp(at, none[i]) == 0)
			return NULL;
	if (strlen(at) == 8 && strspn(at, "0123456789") == 8) {
		a = (int)strtol(at, NULL, 10);
		return day_text(a / 10000, a / 100 % 100, a % 100);
	}
	if (strspn(at, "0123456789") == 5 &&
	    (!at[5] || (at[5] == '.' && !at[6 + strspn(at + 6, "0123456789")]))) {
		day_t serial = (day_t)strtol(at, NULL, 10);
		char text[11];

		if (serial < SERIAL_FIRST || serial > SERIAL_LAST)
			return json_string(in->text);
		day_print(serial - SERIAL_FIRST + FIRST_DAY, text);
		return json_string(text);
	}
	a = take_number(&at, 4);
	if (a < 0 || !take(&at, marks, COUNT(marks)))
		return json_string(in->text);
	b = take_number(&at, 2);
	if (b < 0)
		return json_string(in->text);
	if (take(&at, months, COUNT(months)))
		c = take_number(&at, 4);
	if (a >= 1000 && c < 0 && !*at) {
		char meant[64];

		snprintf(meant, sizeof(meant), "the day too, as %04d-%02d-01", a, b);
		return cell_refused(in, BROKEN_DATE_WRITTEN, meant);
	}
	if (a <= 31 && b <= 31 && c >= 1000 && ends_day(at))
		return two_ways(in, a, b, c);
	take(&at, days, COUNT(days));
	if (a < 1000 || c < 1 || c > 31 || !ends_day(at))
		return json_string(in->text);
	return day_text(a, b, c);
}

/* 2007, or 二〇〇七. */
static int take_year(const char **at)
{
	int year = 0;
	size_t len;

	if (is_digit(**at))
		return take_number(at, 4);
	for (int i = 0; i < 4; i++) {
		int digit = cell_chinese_digit(*at, &len);

		if (digit < 0 || digit > 9)
			return -1;
		year = year * 10 + digit;
		*at += len;
	}
	return year;
}

json_t *cell_quarter(const struct cell_in *in)
{
	static const char *const years[] = { "年度", "年", "-", "/", "." };
	static const char *const begins[] = { "第", "Q", "q" };
	static const char *const ends[] = { "季度", "季", "Q", "q" };
	const char *at = in->text;
	bool is_named;
	int year = take_year(&at), quarter;
	size_t len;
	char text[16];

	if (year < 1000)
		return json_string(in->text);
	take(&at, years, COUNT(years));
	is_named = take(&at, begins, COUNT(begins));
	quarter = cell_chinese_digit(at, &len);
	if (quarter > 0)
		at += len;
	else
		quarter = take_number(&at, 1);
	is_named |= take(&at, ends, COUNT(ends));
	if (!is_named || *at || quarter < 1 || quarter > 4)
		return json_string(in->text);
	snprintf(text, sizeof(text), "%04dQ%d", year % 10000, quarter);
	return json_string(text);
}

/* 2007年, 2007年3月, 2007-03, 2007Q1, 2007年第一季度; the first of a month, as a sheet makes of
 * it, is that month. */
json_t *cell_period(const struct cell_in *in)
{
	static const char *const years[] = { "年度", "年", "-", "/", "." };
	static const char *const months[] = { "月份", "月" };
	static const char *const days[] = { "-01", "-1", "/01", "/1", ".01", ".1" };
	json_t *quarter = cell_quarter(in);
	const char *at = in->text;
	char text[16];
	int year = take_year(&at), month;

	if (year < 1000 || strcmp(json_string_value(quarter), in->text) != 0)
		return quarter;
	if (!take(&at, years, COUNT(years)) || !*at) {
		snprintf(text, sizeof(text), "%04d", year % 10000);
	} else {
		month = take_number(&at, 2);
		if (!take(&at, months, COUNT(months)))
			take(&at, days, COUNT(days));
		snprintf(text, sizeof(text), "%04d-%02d", year % 10000, month % 100);
		if (month < 1 || month > 12 || !ends_day(at))
			return quarter;
	}
	json_decref(quarter);
	return *at && !ends_day(at) ? json_string(in->text) : json_string(text);
}
