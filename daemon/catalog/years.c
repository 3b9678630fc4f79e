/*
 * A plan year as figures by unit and days by date, from its tables, and whether it is whole.
 *
 * It knows which figures add up and not what they count.  How a year is made of a city's
 * numbers, new_year.c says, and is judged here too.
 */
#include "daemon/catalog/years.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"
#include "daemon/catalog/year_rows.h"

#define UNITS_HEADER "unit\tkind\tname_zh\tname_en\tgb_code\tprefixes"

void year_free(struct year *y)
{
	free(y->units_text);
	free(y->text);
	free(y->calendar_text);
	free(y);
}

static bool read_units(struct year *y, const char *dir, int city)
{
	char name[32];
	struct tsv t;

	y->unit[y->n++] = "city";
	snprintf(name, sizeof(name), "units_%d.tsv", city);
	if (!tsv_open(&t, dir, name, UNITS_HEADER))
		return false;
	y->units_text = t.text;
	while (tsv_next(&t)) {
		if (y->n == UNITS_MAX)
			return tsv_refuse(&t, "more units than are foreseen", t.field[0]);
		y->unit[y->n++] = t.field[0];
	}
	return !t.is_broken;
}

struct year *year_new(const char *dir, int city, int number)
{
	struct year *y = must_alloc(sizeof(*y));

	y->number = number;
	y->first = day_of(number, 1, 1);
	y->n_days = day_of(number + 1, 1, 1) - y->first;
	if (read_units(y, dir, city))
		return y;
	year_free(y);
	return NULL;
}

/* --- rows --- */

size_t year_row_of(const struct year *y, const char *unit)
{
	size_t i = 0;

	while (i < y->n && strcmp(y->unit[i], unit) != 0)
		i++;
	return i;
}

bool year_take_number(const char *text, int64_t most, int64_t *out)
{
	size_t len = strlen(text);

	if (len < 1 || len > 13 || strspn(text, "0123456789") != len)
		return false;
	*out = strtoll(text, NULL, 10);
	return *out <= most;
}

bool year_take_figure(struct year *y, struct tsv *t, const char *unit, const char *target,
    const char *value, const char *source)
{
	struct figure figure = { .source = source };
	size_t row = year_row_of(y, unit);
	int64_t number;

	if (row == y->n)
		return tsv_refuse(t, "not the city, nor one of its units", unit);
	if (target[0] != 'T' || !year_take_number(target + 1, TARGETS, &number) || number < 1 ||
	    target[1] == '0')
		return tsv_refuse(t, "none of T1 to T11", target);
	if (!year_take_number(value, VALUE_MAX, &figure.value))
		return tsv_refuse(t, "a whole number is expected", value);
	if (y->figures[row][number - 1].source)
		return tsv_refuse(t, "given twice", target);
	y->figures[row][number - 1] = figure;
	return true;
}

/* Of day_t 0, 2000-01-01, a Saturday. */
bool year_take_days(struct year *y, struct tsv *t, const char *day, const char *length,
    bool is_off, const char *note)
{
	day_t first;
	int64_t n;

	if (!day_parse(day, &first))
		return tsv_refuse(t, "a day is expected, as 2007-05-01", day);
	if (!year_take_number(length, 31, &n) || n < 1)
		return tsv_refuse(t, "a number of days is expected, 1 to 31", length);
	for (int i = first - y->first; i < first - y->first + n; i++) {
		if (i < 0 || i >= y->n_days)
			return tsv_refuse(t, "not in this year", day);
		if (y->days[i].is_known)
			return tsv_refuse(t, "a day that is given twice", day);
		if (!is_off && (y->first + i) % 7 > 1)
			return tsv_refuse(t, "works anyway: no Saturday or Sunday", day);
		y->days[i].is_known = true;
		y->days[i].is_off = is_off;
		y->days[i].note = note;
	}
	return true;
}

bool year_take_kind(struct tsv *t, const char *kind, bool *is_off)
{
	*is_off = strcmp(kind, "off") == 0;
	return *is_off || strcmp(kind, "work") == 0 ||
	       tsv_refuse(t, "neither off nor work", kind);
}

/* --- the year's own tables --- */

static bool read_targets(struct year *y, const char *dir)
{
	char name[32];
	struct tsv t;

	snprintf(name, sizeof(name), "targets_%d.tsv", y->number);
	if (!tsv_open(&t, dir, name, TARGETS_HEADER))
		return false;
	y->text = t.text;
	while (tsv_next(&t)) {
		int64_t year;

		if (!year_take_number(t.field[2], 9999, &year) || year != y->number)
			return tsv_refuse(&t, "another year", t.field[2]);
		if (!year_take_figure(y, &t, t.field[0], t.field[1], t.field[3], t.field[4]))
			return false;
	}
	return !t.is_broken;
}

static bool read_calendar(struct year *y, const char *dir)
{
	char name[32];
	struct tsv t;
	bool is_off;

	snprintf(name, sizeof(name), "calendar_%d.tsv", y->number);
	if (!tsv_open(&t, dir, name, CALENDAR_HEADER))
		return false;
	y->calendar_text = t.text;
	while (tsv_next(&t)) {
		if (!year_take_kind(&t, t.field[1], &is_off) ||
		    !year_take_days(y, &t, t.field[0], "1", is_off, t.field[2]))
			return false;
	}
	return !t.is_broken;
}

/* --- what makes a year whole --- */

bool year_lacks(const struct year *y, const char *what, const char *name)
{
	fprintf(stderr, "%d: %s: %s\n", y->number, what, name);
	return false;
}

static bool are_figures_whole(const struct year *y)
{
	for (int target = 0; target < TARGETS; target++) {
		int64_t sum = 0;
		char name[64];

		for (size_t row = 0; row < y->n; row++) {
			snprintf(name, sizeof(name), "T%d of %s", target + 1, y->unit[row]);
			if (!y->figures[row][target].source)
				return year_lacks(y, "no figure", name);
			sum += row == CITY ? 0 : y->figures[row][target].value;
		}
		snprintf(name, sizeof(name), "T%d, %lld of %lld", target + 1, (long long)sum,
		    (long long)y->figures[CITY][target].value);
		if (target < DIVIDED && sum < y->figures[CITY][target].value)
			return year_lacks(y, "the units together do not come to the city's",
			    name);
	}
	return true;
}

/* The days off that are the same every year: without them it is another year's calendar. */
static bool are_days_whole(const struct year *y)
{
	static const char *const fixed[] = { "01-01", "05-01", "10-01" };

	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++) {
		char day[16];
		day_t d;

		snprintf(day, sizeof(day), "%04d-%s", y->number, fixed[i]);
		if (!day_parse(day, &d) || !y->days[d - y->first].is_off)
			return year_lacks(y, "a statutory holiday is not off", day);
	}
	return true;
}

bool year_is_whole(const struct year *y)
{
	return are_figures_whole(y) && are_days_whole(y);
}

bool year_check(const char *data_dir, int city, int year)
{
	struct year *y = year_new(data_dir, city, year);
	bool is_good;

	if (!y)
		return false;
	is_good = read_targets(y, data_dir) && read_calendar(y, data_dir) && year_is_whole(y);
	year_free(y);
	if (!is_good)
		fprintf(stderr,
		    "plan_year = %d needs its targets and calendar in %s: write down the city's "
		    "numbers as its year_2007.tsv does, then: vacancyd year new %d FILE\n",
		    year, data_dir, year);
	return is_good;
}
