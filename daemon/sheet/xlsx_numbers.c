/*
 * Numbers and days of a spreadsheet.
 *
 * A spreadsheet keeps fifteen digits and writes seventeen, so that 0.1 may stand in the file as
 * 0.10000000000000001: shown is what its user sees.  Days are counted from the last day of
 * 1899, or from the first of 1904, and 1900 is taken for a leap year.
 */
#include "daemon/sheet/xlsx_numbers.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"

#define DIGITS      15
#define DAYS_MAX    2958465 /* the last day of 9999 */
#define DAYS_1904   1462    /* between the two beginnings */
#define UNIX_SERIAL 25569   /* 1970-01-01 */

bool xlsx_format_is_day(unsigned id)
{
	/* 18 to 21 and 45 to 47 are hours and minutes alone; 27 to 36 and 50 to 58 are those of
	 * Chinese spreadsheets, of which 32 to 35 and 55, 56 are hours. */
	return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
	       (id >= 50 && id <= 54) || id == 57 || id == 58;
}

bool xlsx_code_is_day(const char *code)
{
	bool has_month = false, has_hour = false;

	for (; *code && *code != ';'; code++) {
		switch (*code) {
		case '"': /* "text" */
			for (code++; *code && *code != '"';)
				code++;
			break;
		case '\\':
		case '_':
		case '*': /* one character more, of as many bytes as it has */
			if (code[1])
				code++;
			break;
		case '[': /* [Red], [$-804], [h] */
			has_hour = has_hour || strchr("hHsS", code[1] ? code[1] : '[');
			for (; *code && *code != ']';)
				code++;
			break;
		case 'y':
		case 'Y':
		case 'd':
		case 'D':
			return true;
		case 'm':
		case 'M':
			has_month = true;
			break;
		case 'h':
		case 'H':
		case 's':
		case 'S':
			has_hour = true;
			break;
		case 'G': /* General */
			if (strncmp(code, "General", 7) == 0)
				code += 6;
			break;
		default:
			break;
		}
		if (!*code)
			break;
	}
	return has_month && !has_hour;
}

/* 4.11123198001010E+17 as 411123198001010000. */
static void put_plain(struct buf *out, const char *digits, int n, int exponent)
{
	/* digits: d1 d2 … dn, of which d1 stands before the point, times 10^exponent. */
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (exponent < 0) {
		buf_puts(out, "0.");
		for (int i = -1; i > exponent; i--)
			buf_putc(out, '0');
		buf_put(out, digits, (size_t)n);
		return;
	}
	for (int i = 0; i < n || i <= exponent; i++) {
		if (i == exponent + 1)
			buf_putc(out, '.');
		buf_putc(out, (char)(i < n ? digits[i] : '0'));
	}
}

/* Plain already, and exact. */
static bool is_plain(const char *text)
{
	size_t digits = 0, points = 0;
	const char *at = text + (*text == '-');

	if (!isdigit((unsigned char)*at) || (*at == '0' && at[1] && at[1] != '.'))
		return false;
	for (; *at; at++) {
		if (isdigit((unsigned char)*at))
			digits++;
		else if (*at != '.' || points++ || !isdigit((unsigned char)at[1]))
			return false;
	}
	return digits <= DIGITS;
}

bool xlsx_put_number(struct buf *out, const char *text)
{
	char shown[32], digits[DIGITS + 1];
	double value;
	char *end;

	if (is_plain(text)) {
		buf_puts(out, text);
		return true;
	}
	/* Not what strtod takes besides: nan, inf, 0x10, blanks. */
	if (!*text || strspn(text, "0123456789+-.eE") != strlen(text))
		return false;
	value = strtod(text, &end);
	if (*end || !isfinite(value))
		return false;
	if (fabs(value) < 1e-30) {
		buf_putc(out, '0');
		return true;
	}
	if (fabs(value) >= 1e30) { /* nobody counts so far; as the file has it */
		buf_puts(out, text);
		return true;
	}
	snprintf(shown, sizeof(shown), "%.*e", DIGITS - 1, fabs(value));
	digits[0] = shown[0];
	memcpy(digits + 1, shown + 2, DIGITS - 1);
	if (value < 0)
		buf_putc(out, '-');
	put_plain(out, digits, DIGITS, (int)strtol(strchr(shown, 'e') + 1, NULL, 10));
	return true;
}

bool xlsx_put_day(struct buf *out, const char *text, bool is_1904)
{
	char *end;
	double serial;
	long days, era, of_era, year_of_era, day_of_year, month, day, year;

	if (!*text || strspn(text, "0123456789+-.eE") != strlen(text))
		return false;
	serial = strtod(text, &end);
	if (*end || !(serial >= 0) || serial > DAYS_MAX)
		return false;
	days = (long)serial;
	if (is_1904)
		days += DAYS_1904;
	if (days < 1 || days > DAYS_MAX)
		return false;
	if (days == 60) {
		buf_puts(out, "1900-02-29");
		return true;
	}
	if (days < 60)
		days++;
	days += 719468 - UNIX_SERIAL; /* from the first of March of the year 0 */
	era = days / 146097;
	of_era = days % 146097;
	year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	day = day_of_year - (153 * month + 2) / 5 + 1;
	month = month < 10 ? month + 3 : month - 9;
	year = year_of_era + era * 400 + (month <= 2);
	buf_printf(out, "%04ld-%02ld-%02ld", year, month, day);
	return true;
}

static int hex(const char *at)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)at[i]))
			return -1;
		value = value * 16 + (isdigit((unsigned char)at[i])
					     ? at[i] - '0'
					     : tolower((unsigned char)at[i]) - 'a' + 10);
	}
	return value;
}

size_t xlsx_unescape(char *text, size_t n)
{
	size_t to = 0;

	for (size_t at = 0; at < n;) {
		int code = -1;

		if (text[at] == '_' && n - at >= 7 && text[at + 1] == 'x' &&
		    text[at + 6] == '_')
			code = hex(text + at + 2);
		/* A lone half of a pair or NUL is no character: it stays as it is written. */
		if (code <= 0 || (code >= 0xd800 && code < 0xe000)) {
			text[to++] = text[at++];
			continue;
		}
		at += 7;
		if (code == '\r') {
			if (at >= n || text[at] != '\n')
				text[to++] = '\n';
		} else if (code < 0x80) {
			text[to++] = (char)code;
		} else if (code < 0x800) {
			text[to++] = (char)(0xc0 | code >> 6);
			text[to++] = (char)(0x80 | (code & 0x3f));
		} else {
			text[to++] = (char)(0xe0 | code >> 12);
			text[to++] = (char)(0x80 | (code >> 6 & 0x3f));
			text[to++] = (char)(0x80 | (code & 0x3f));
		}
	}
	return to;
}
