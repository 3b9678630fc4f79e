/*
 * Identifiers of persons and employers, with their check characters: citizen
 * numbers (rules/citizen-number), unified social credit codes (rules/credit-code) and
 * organisation codes (rules/organisation-code); what a check proves: rules/check-digit.
 *
 * It is handed the area codes and the day; whether such a person or employer
 * exists it cannot know.  The organisation code uses all 26 letters, the credit
 * code that contains it only 21 of them, with other values.
 */
#include <string.h>

#include "matcher/codes.h"

static const char credit_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/* Oldest birth year that a number can carry: its sequences 996 to 999 are centenarians'. */
enum { FIRST_BIRTH_YEAR = 1800 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool all_digits(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(p[i]))
			return false;
	}
	return true;
}

static uint32_t digits(const char *p, size_t n)
{
	uint32_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value * 10 + (uint32_t)(p[i] - '0');
	return value;
}

/* The length of in, or limit when it is longer. */
static size_t length(const char *in, size_t limit)
{
	const char *end = memchr(in, '\0', limit);

	return end ? (size_t)(end - in) : limit;
}

char citizen_check_digit(const char *digits17)
{
	static const unsigned weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4,
		2 };
	unsigned sum = 0;

	for (size_t i = 0; i < 17; i++)
		sum += (unsigned)(digits17[i] - '0') * weights[i];
	return "10X98765432"[sum % 11];
}

static bool has_area(const struct areas *areas, uint32_t code)
{
	size_t low = 0;
	size_t high = areas->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (areas->codes[mid] == code)
			return true;
		if (areas->codes[mid] < code)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* The eighteen of an old number, check character included. */
static void upgrade(const char *old15, char full[static 19])
{
	memcpy(full, old15, 6);
	memcpy(full + 6, digits(old15 + 12, 3) >= 996 ? "18" : "19", 2);
	memcpy(full + 8, old15 + 6, 9);
	full[17] = citizen_check_digit(full);
	full[18] = '\0';
}

enum code_fault citizen_check(const char *in, const struct areas *areas, day_t today,
    char out[static 19])
{
	char full[19];
	size_t n = length(in, 19);
	int year;
	int month;
	int day;

	out[0] = '\0';
	if (n == 15 && all_digits(in, 15))
		upgrade(in, full);
	else if (n == 18 && all_digits(in, 17) && (is_digit(in[17]) || in[17] == 'X'))
		memcpy(full, in, 19);
	else
		return CODE_FORMAT;
	if (!has_area(areas, digits(full, 6)))
		return CODE_AREA;
	year = (int)digits(full + 6, 4);
	month = (int)digits(full + 10, 2);
	day = (int)digits(full + 12, 2);
	if (year < FIRST_BIRTH_YEAR || !day_is_real(year, month, day))
		return CODE_DATE;
	if (day_of(year, month, day) > today)
		return CODE_FUTURE;
	if (citizen_check_digit(full) != full[17])
		return CODE_CHECK;
	memcpy(out, full, 19);
	return CODE_OK;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '-' || c == '.' || c == '_';
}

/* Seventeen digits and a character from here on, with a blank or hyphen or two between. */
static bool read_spread(const char *at, char out[static 19])
{
	size_t n = 0, gap = 0;

	for (; n < 18; at++) {
		if (is_digit(*at) || (n == 17 && (*at == 'X' || *at == 'x'))) {
			out[n++] = *at;
			if (*at == 'x')
				out[n - 1] = 'X';
			gap = 0;
		} else if (!is_blank(*at) || ++gap > 2) {
			return false;
		}
	}
	out[n] = '\0';
	/* A disability certificate's number is theirs with its kind and grade behind. */
	if (*at >= '1' && *at <= '7' && at[1] >= '1' && at[1] <= '4')
		at += 2;
	return !is_digit(*at);
}

bool citizen_stands_in(const char *text)
{
	char full[19];

	for (const char *at = text; *at; at++) {
		if (!is_digit(*at) || (at > text && is_digit(at[-1])) || !read_spread(at, full))
			continue;
		if (digits(full + 6, 4) >= FIRST_BIRTH_YEAR && digits(full + 6, 4) < 2100 &&
		    day_is_real((int)digits(full + 6, 4), (int)digits(full + 10, 2),
			(int)digits(full + 12, 2)) &&
		    citizen_check_digit(full) == full[17])
			return true;
	}
	return false;
}

day_t citizen_birth(const char canonical[static 19])
{
	return day_of((int)digits(canonical + 6, 4), (int)digits(canonical + 10, 2),
	    (int)digits(canonical + 12, 2));
}

int citizen_sex(const char canonical[static 19])
{
	return (canonical[16] - '0') % 2 == 1 ? 1 : 2;
}

/* Its value in the credit code's alphabet, or -1. */
static int credit_value(char c)
{
	const char *at = c ? strchr(credit_alphabet, c) : NULL;

	return at ? (int)(at - credit_alphabet) : -1;
}

static char uscc_check_digit(const char *chars17)
{
	int weight = 1;
	int sum = 0;

	for (size_t i = 0; i < 17; i++) {
		sum += credit_value(chars17[i]) * weight;
		weight = weight * 3 % 31;
	}
	return credit_alphabet[(31 - sum % 31) % 31];
}

enum code_fault uscc_check(const char *in, bool *inner_ok)
{
	char inner[10];

	if (inner_ok)
		*inner_ok = false;
	if (length(in, 19) != 18 || !all_digits(in + 2, 6))
		return CODE_FORMAT;
	for (size_t i = 0; i < 18; i++) {
		if (credit_value(in[i]) < 0)
			return CODE_FORMAT;
	}
	if (uscc_check_digit(in) != in[17])
		return CODE_CHECK;
	memcpy(inner, in + 8, 9);
	inner[9] = '\0';
	if (inner_ok)
		*inner_ok = organisation_check(inner) == CODE_OK;
	return CODE_OK;
}

static char organisation_check_digit(const char *chars8)
{
	static const int weights[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;

	for (size_t i = 0; i < 8; i++) {
		char c = chars8[i];

		sum += (is_digit(c) ? c - '0' : c - 'A' + 10) * weights[i];
	}
	return "0X987654321"[sum % 11];
}

enum code_fault organisation_check(const char *in)
{
	if (length(in, 10) != 9)
		return CODE_FORMAT;
	for (size_t i = 0; i < 8; i++) {
		if (!is_digit(in[i]) && (in[i] < 'A' || in[i] > 'Z'))
			return CODE_FORMAT;
	}
	if (!is_digit(in[8]) && in[8] != 'X')
		return CODE_FORMAT;
	return organisation_check_digit(in) == in[8] ? CODE_OK : CODE_CHECK;
}

enum code_fault employer_check(const char *in)
{
	return length(in, 19) == 9 ? organisation_check(in) : uscc_check(in, NULL);
}
