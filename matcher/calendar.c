/*
 * The calendar: days as numbers and back, proleptic Gregorian.
 *
 * It knows no time zone, no clock and no holiday: which day it is, is always an
 * argument.  Years are counted from March inside, so that the leap day is the
 * last one and no month needs a special case.
 */
#include "matcher/codes.h"
#include "matcher/model.h"

enum {
	DAYS_OF_400_YEARS = 146097,
	/* From 1 March of the year 0 to 1 January 2000. */
	DAYS_TO_2000 = 730425
};

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool day_is_real(int year, int month, int day)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= lengths[month - 1] + (month == 2 && is_leap(year));
}

day_t day_of(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era =
	    year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return (day_t)(era * DAYS_OF_400_YEARS + day_of_era - DAYS_TO_2000);
}

void day_split(day_t d, int *year, int *month, int *day)
{
	int64_t z = (int64_t)d + DAYS_TO_2000;
	int64_t era = (z >= 0 ? z : z - (DAYS_OF_400_YEARS - 1)) / DAYS_OF_400_YEARS;
	int64_t day_of_era = z - era * DAYS_OF_400_YEARS;
	int64_t year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year =
	    day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

/* The number that n digits at p stand for, or -1. */
static int digits(const char *p, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		value = value * 10 + (p[i] - '0');
	}
	return value;
}

bool day_parse(const char *iso, day_t *out)
{
	size_t len = 0;
	int year;
	int month;
	int day;

	while (len < 11 && iso[len])
		len++;
	if (len != 10 || iso[4] != '-' || iso[7] != '-')
		return false;
	year = digits(iso, 4);
	month = digits(iso + 5, 2);
	day = digits(iso + 8, 2);
	if (year < 1 || !day_is_real(year, month, day))
		return false;
	*out = day_of(year, month, day);
	return true;
}

void day_print(day_t d, char out[static 11])
{
	int year;
	int month;
	int day;

	day_split(d, &year, &month, &day);
	if (year > 9999) {
		year = 9999;
		month = 12;
		day = 31;
	} else if (year < 0) {
		year = 0;
		month = 1;
		day = 1;
	}
	for (int i = 3; i >= 0; i--, year /= 10)
		out[i] = (char)('0' + year % 10);
	out[4] = '-';
	out[5] = (char)('0' + month / 10);
	out[6] = (char)('0' + month % 10);
	out[7] = '-';
	out[8] = (char)('0' + day / 10);
	out[9] = (char)('0' + day % 10);
	out[10] = '\0';
}

int age_on(day_t birth, day_t d)
{
	int by;
	int bm;
	int bd;
	int y;
	int m;
	int dd;

	day_split(birth, &by, &bm, &bd);
	day_split(d, &y, &m, &dd);
	return y - by - (m < bm || (m == bm && dd < bd));
}
