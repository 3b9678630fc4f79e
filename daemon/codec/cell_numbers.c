/*
 * Cells that hold a number, months or a code: 1,200, 3.0, 3人, 3年, 4.10105E+11.
 *
 * A code that a spreadsheet has turned into a number has lost digits: it is refused, and
 * never completed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/count.h"
#include "daemon/base/utf8.h"
#include "daemon/codec/cell_readers.h"

enum { DIGITS_MAX = 15 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool cell_is_absence(const char *text)
{
	static const char *const words[] = { "-", "--", "/", "\\", "无", "不限", "无要求",
		"不要求", "无限制", "暂无", "没有", "N/A", "NA", "n/a", "null", "none" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return false;
}

json_t *cell_refused(const struct cell_in *in, enum broken rule, const char *expected)
{
	in->note->column = in->column;
	in->note->rule = rule;
	utf8_cut(in->note->found, sizeof(in->note->found), in->text);
	utf8_cut(in->note->expected, sizeof(in->note->expected), expected);
	return json_string(in->text);
}

/* Digits in groups of three behind the first comma. */
static bool take_whole(const char **at, int64_t *out)
{
	const char *s = *at;
	size_t digits = 0;

	*out = 0;
	for (; is_digit(*s); s++, digits++)
		if (digits < DIGITS_MAX)
			*out = *out * 10 + (*s - '0');
	if (!digits || digits > DIGITS_MAX)
		return false;
	while (digits <= 3 || s[-4] == ',') {
		if (s[0] != ',' || !is_digit(s[1]) || !is_digit(s[2]) || !is_digit(s[3]) ||
		    is_digit(s[4]) || *out > 100000000000)
			break;
		*out = *out * 1000 + (int64_t)(s[1] - '0') * 100 + (int64_t)(s[2] - '0') * 10 +
		       (s[3] - '0');
		s += 4;
		digits += 3;
	}
	*at = s;
	return true;
}

bool cell_decimal(const char *text, int64_t *hundredths, const char **end)
{
	int64_t whole;
	int part = 0;
	size_t digits = 0;

	if (!take_whole(&text, &whole) || whole > INT64_MAX / 1000)
		return false;
	if (*text == '.' && is_digit(text[1]))
		for (text++; is_digit(*text); text++, digits++) {
			if (digits < 2)
				part = part * 10 + (*text - '0');
			else if (*text != '0')
				return false;
		}
	*hundredths = whole * 100 + (digits == 1 ? part * 10 : part);
	*end = text;
	return true;
}

/* "1.2E+05": not what somebody wrote, but what a sheet shows of it. */
static bool is_exponent(const char *text)
{
	char *end;

	(void)strtod(text, &end);
	return is_digit(text[0]) && end != text && !*end && strpbrk(text, "eE");
}

json_t *cell_number(const struct cell_in *in)
{
	static const char *const units[] = { "", "人", "名", "个", "位", "岁", "周岁", "小时",
		"时", "h", "元", "分" };
	const char *end, *minus = in->text;
	int64_t n;

	if (cell_is_absence(in->text))
		return NULL;
	if (is_exponent(in->text)) {
		char whole[48];

		snprintf(whole, sizeof(whole), "%.0f, if that is the number",
		    strtod(in->text, NULL));
		return cell_refused(in, BROKEN_TYPE, whole);
	}
	minus += *minus == '-';
	if (!cell_decimal(minus, &n, &end) || n % 100)
		return json_string(in->text);
	while (*end == ' ')
		end++;
	for (size_t i = 0; i < COUNT(units); i++)
		if (strcmp(end, units[i]) == 0)
			return json_integer(minus == in->text ? n / 100 : -n / 100);
	return json_string(in->text);
}

int cell_chinese_digit(const char *at, size_t *len)
{
	static const char *const digits[] = { "零", "一", "二", "三", "四", "五", "六", "七",
		"八", "九", "十" };

	*len = strlen("零");
	for (size_t i = 0; i < COUNT(digits); i++)
		if (strncmp(at, digits[i], *len) == 0)
			return (int)i;
	if (strncmp(at, "〇", *len) == 0)
		return 0;
	return strncmp(at, "两", *len) == 0 ? 2 : -1;
}

static bool starts(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*at, word, n) != 0)
		return false;
	*at += n;
	return true;
}

static bool ends_well(const char *at)
{
	static const char *const tails[] = { "(", ")", "含", "及", "以上", "左右", "的", "相关",
		"工作", "经验", " ", "期", "+" };
	bool moved = true;

	while (*at && moved) {
		moved = false;
		for (size_t i = 0; i < COUNT(tails) && !moved; i++)
			moved = starts(&at, tails[i]);
	}
	return !*at;
}

/* 1-3年: at least one. */
static void skip_range(const char **at)
{
	int64_t n;
	const char *after = *at;

	if ((starts(&after, "-") || starts(&after, "~") || starts(&after, "至") ||
		starts(&after, "到")) &&
	    cell_decimal(after, &n, &after))
		*at = after;
}

json_t *cell_months(const struct cell_in *in)
{
	static const char *const none[] = { "应届", "应届生", "应届毕业生", "无经验",
		"无需经验", "不限经验", "经验不限", "无固定期限" };
	const char *at = in->text;
	int64_t n = 0;
	size_t len;
	bool by_year, by_month;

	if (cell_is_absence(at))
		return NULL;
	for (size_t i = 0; i < COUNT(none); i++)
		if (strcmp(at, none[i]) == 0)
			return NULL;
	if (starts(&at, "半年") && ends_well(at))
		return json_integer(6);
	if (cell_chinese_digit(at, &len) > 0) {
		n = (int64_t)100 * cell_chinese_digit(at, &len);
		at += len;
	} else if (!cell_decimal(at, &n, &at)) {
		return json_string(in->text);
	}
	skip_range(&at);
	while (*at == ' ')
		at++;
	by_year = starts(&at, "年半") ? (n += 50, true) : starts(&at, "年");
	by_month = !by_year && (starts(&at, "个月") || starts(&at, "月"));
	if (!ends_well(at))
		return json_string(in->text);
	if (!by_year && !by_month) {
		by_month =
		    strstr(in->column->heading, "月") || strstr(in->column->heading, "month");
		by_year = !by_month && strstr(in->column->heading, "年");
	}
	if (!by_year && !by_month) {
		char meant[64];

		snprintf(meant, sizeof(meant), "%s年 or %s个月", in->text, in->text);
		return cell_refused(in, BROKEN_FORMAT, meant);
	}
	n = by_year ? n * 12 : n;
	return n % 100 ? json_string(in->text) : json_integer(n / 100);
}

/* More than a number of a spreadsheet can hold, or 4.10105E+11, as it shows them; "1E5" in a
 * text is a code like another. */
bool cell_has_lost_digits(const struct cell_in *in)
{
	bool is_number = in->kind == CELL_NUMBER;

	return (is_exponent(in->text) && (is_number || strchr(in->text, '+'))) ||
	       (is_number && strlen(in->text) > DIGITS_MAX);
}

json_t *cell_code(const struct cell_in *in)
{
	if (cell_has_lost_digits(in))
		return cell_refused(in, BROKEN_NUMBER_CELL,
		    "the column as text, filled in again");
	return json_string(in->text);
}
