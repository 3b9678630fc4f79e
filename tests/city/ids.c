/*
 * Identifiers and days, made from the standards and from nothing else:
 * GB 11643-1999, GB 11714-1997, GB 32100-2015.
 *
 * It must stay a second implementation: the daemon's own checks are tested
 * against what is made here.
 */
#include "tests/city/ids.h"

#include <stdio.h>
#include <string.h>

#include "tests/city/city.h"

/* The first of March of year y. */
static int year_begin(int y)
{
	return 365 * y + y / 4 - y / 100 + y / 400;
}

int city_day(int year, int month, int day)
{
	/* Years begin in March, so that the odd day is the last. */
	int y = month < 3 ? year - 1 : year;
	int m = month < 3 ? month + 9 : month - 3;

	return year_begin(y) + (153 * m + 2) / 5 + day - 1 - 730425;
}

static void split(int day, int *y, int *m, int *d)
{
	int n = day + 730425;
	int year = n / 366;
	int rest;

	while (year_begin(year + 1) <= n)
		year++;
	rest = n - year_begin(year);
	*m = (5 * rest + 2) / 153;
	*d = rest - (153 * *m + 2) / 5 + 1;
	*m += *m < 10 ? 3 : -9;
	*y = *m < 3 ? year + 1 : year;
}

void city_date(int day, char out[static 11])
{
	int y, m, d;

	split(day, &y, &m, &d);
	snprintf(out, 11, "%04u-%02u-%02u", (unsigned)y % 10000, (unsigned)m % 100,
	    (unsigned)d % 100);
}

void id_citizen(uint32_t area, int birth, int sequence, char out[static 19])
{
	static const int w[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	int y, m, d, sum = 0;

	split(birth, &y, &m, &d);
	snprintf(out, 18, "%06u%04u%02u%02u%03u", area % 1000000, (unsigned)y % 10000,
	    (unsigned)m % 100, (unsigned)d % 100, (unsigned)sequence % 1000);
	for (int i = 0; i < 17; i++)
		sum += (out[i] - '0') * w[i];
	out[17] = "10X98765432"[sum % 11];
	out[18] = '\0';
}

void id_organisation(uint32_t n, char out[static 10])
{
	static const int w[8] = { 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;
	int r;

	snprintf(out, 10, "T%07u", n % 10000000);
	sum = ('T' - 'A' + 10) * w[0];
	for (int i = 1; i < 8; i++)
		sum += (out[i] - '0') * w[i];
	r = 11 - sum % 11;
	out[8] = "?123456789X0"[r];
	out[9] = '\0';
}

void id_credit(uint32_t district, const char organisation[static 10], char out[static 19])
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	int w = 1, sum = 0;

	snprintf(out, 18, "91%06u%.9s", district % 1000000, organisation);
	for (int i = 0; i < 17; i++) {
		sum += (int)(strchr(alphabet, out[i]) - alphabet) * w;
		w = w * 3 % 31;
	}
	out[17] = alphabet[(31 - sum % 31) % 31];
	out[18] = '\0';
}
