/*
 * A plan year as figures by unit and days by date, from its tables or from the
 * city's numbers, and written as tables.
 *
 * It knows which figures add up and not what they count.  A table that is read
 * and one that is to be written pass the same judgement.
 */
#include "daemon/catalog/years.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/oom.h"
#include "daemon/tables/tsv.h"
#include "matcher/model.h"

#define UNITS_HEADER    "unit\tkind\tname_zh\tname_en\tgb_code\tprefixes"
#define TARGETS_HEADER  "unit\ttarget\tyear\tvalue\tsource"
#define CALENDAR_HEADER "date\tkind\tnote"
#define NUMBERS_HEADER  "what\tname\tvalue\tnote"
#define VALUE_MAX       1000000000000 /* a share of it, times another, is below 2^63 */
#define SHARE_MAX       1000000

enum {
	TARGETS = 11,
	DIVIDED = 8, /* T1 to T8 are sums of the units'; the others hold for each */
	CITY = 0,    /* the row before the units' */
	UNITS_MAX = 200,
	DAYS = 366,
};

struct figure {
	int64_t value;
	const char *source; /* NULL: none yet */
};

struct year {
	int number;
	char *units_text, *text, *calendar_text; /* what the rest points into */
	size_t n;                                /* rows: the city, then its units */
	const char *unit[UNITS_MAX];
	int64_t share[UNITS_MAX];
	const char *share_note;
	struct figure figures[UNITS_MAX][TARGETS];
	day_t first;
	int n_days;
	struct {
		bool is_known, is_off;
		const char *note;
	} days[DAYS];
};

static void year_free(struct year *y)
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

/* NULL: said why. */
static struct year *year_new(const char *dir, int city, int number)
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

static size_t row_of(const struct year *y, const char *unit)
{
	size_t i = 0;

	while (i < y->n && strcmp(y->unit[i], unit) != 0)
		i++;
	return i;
}

/* A whole number of at most `most`; false: none. */
static bool take_number(const char *text, int64_t most, int64_t *out)
{
	size_t len = strlen(text);

	if (len < 1 || len > 13 || strspn(text, "0123456789") != len)
		return false;
	*out = strtoll(text, NULL, 10);
	return *out <= most;
}

static bool take_figure(struct year *y, struct tsv *t, const char *unit, const char *target,
    const char *value, const char *source)
{
	struct figure figure = { .source = source };
	size_t row = row_of(y, unit);
	int64_t number;

	if (row == y->n)
		return tsv_refuse(t, "not the city, nor one of its units", unit);
	if (target[0] != 'T' || !take_number(target + 1, TARGETS, &number) || number < 1 ||
	    target[1] == '0')
		return tsv_refuse(t, "none of T1 to T11", target);
	if (!take_number(value, VALUE_MAX, &figure.value))
		return tsv_refuse(t, "a whole number is expected", value);
	if (y->figures[row][number - 1].source)
		return tsv_refuse(t, "given twice", target);
	y->figures[row][number - 1] = figure;
	return true;
}

/* So many days from a day on.  Of day_t 0, 2000-01-01, a Saturday. */
static bool take_days(struct year *y, struct tsv *t, const char *day, const char *length,
    bool is_off, const char *note)
{
	day_t first;
	int64_t n;

	if (!day_parse(day, &first))
		return tsv_refuse(t, "a day is expected, as 2007-05-01", day);
	if (!take_number(length, 31, &n) || n < 1)
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

static bool take_kind(struct tsv *t, const char *kind, bool *is_off)
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

		if (!take_number(t.field[2], 9999, &year) || year != y->number)
			return tsv_refuse(&t, "another year", t.field[2]);
		if (!take_figure(y, &t, t.field[0], t.field[1], t.field[3], t.field[4]))
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
		if (!take_kind(&t, t.field[1], &is_off) ||
		    !take_days(y, &t, t.field[0], "1", is_off, t.field[2]))
			return false;
	}
	return !t.is_broken;
}

/* --- what makes a year whole --- */

static bool lacks(const struct year *y, const char *what, const char *name)
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
				return lacks(y, "no figure", name);
			sum += row == CITY ? 0 : y->figures[row][target].value;
		}
		snprintf(name, sizeof(name), "T%d, %lld of %lld", target + 1, (long long)sum,
		    (long long)y->figures[CITY][target].value);
		if (target < DIVIDED && sum < y->figures[CITY][target].value)
			return lacks(y, "the units together do not come to the city's", name);
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
			return lacks(y, "a statutory holiday is not off", day);
	}
	return true;
}

bool year_check(const char *data_dir, int city, int year)
{
	struct year *y = year_new(data_dir, city, year);
	bool is_good;

	if (!y)
		return false;
	is_good = read_targets(y, data_dir) && read_calendar(y, data_dir) &&
		  are_figures_whole(y) && are_days_whole(y);
	year_free(y);
	if (!is_good)
		fprintf(stderr,
		    "plan_year = %d needs its targets and calendar in %s: write down the city's "
		    "numbers as its year_2007.tsv does, then: vacancyd year new %d FILE\n",
		    year, data_dir, year);
	return is_good;
}

/* --- from the city's numbers --- */

static bool take_share(struct year *y, struct tsv *t)
{
	size_t row = row_of(y, t->field[1]);

	if (row == CITY || row == y->n)
		return tsv_refuse(t, "not one of the city's units", t->field[1]);
	if (y->share[row])
		return tsv_refuse(t, "given twice", t->field[1]);
	if (!take_number(t->field[2], SHARE_MAX, &y->share[row]) || !y->share[row])
		return tsv_refuse(t, "a whole number is expected, 1 to 1000000", t->field[2]);
	if (!y->share_note)
		y->share_note = t->field[3];
	return true;
}

static bool read_numbers(struct year *y, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = must_strdup(path);
	struct tsv t;
	bool is_open, is_off;

	dir[slash ? slash - path : 0] = '\0';
	is_open = tsv_open(&t, slash ? dir : ".", slash ? slash + 1 : path, NUMBERS_HEADER);
	free(dir);
	if (!is_open)
		return false;
	y->text = t.text;
	while (tsv_next(&t)) {
		const char *const *f = t.field;
		bool is_good;

		if (strcmp(f[0], "target") == 0)
			is_good = take_figure(y, &t, y->unit[CITY], f[1], f[2], f[3]);
		else if (strcmp(f[0], "share") == 0)
			is_good = take_share(y, &t);
		else
			is_good = take_kind(&t, f[0], &is_off) &&
				  take_days(y, &t, f[1], f[2], is_off, f[3]);
		if (!is_good)
			return false;
	}
	return !t.is_broken;
}

/* What is left of a sum goes, one each, to the units whose parts were cut by most; of two alike
 * to the first. */
static void divide(struct year *y, int target, int64_t all)
{
	int64_t value = y->figures[CITY][target].value, left = value;
	bool has_more[UNITS_MAX] = { false };

	for (size_t i = 1; i < y->n; i++) {
		y->figures[i][target] =
		    (struct figure){ value * y->share[i] / all, y->share_note };
		left -= y->figures[i][target].value;
	}
	for (; left > 0; left--) {
		size_t best = 0;

		for (size_t i = 1; i < y->n; i++)
			if (!has_more[i] &&
			    (!best || value * y->share[i] % all > value * y->share[best] % all))
				best = i;
		has_more[best] = true;
		y->figures[best][target].value++;
	}
}

static bool divide_all(struct year *y)
{
	int64_t all = 0;

	for (size_t i = 1; i < y->n; i++) {
		if (!y->share[i])
			return lacks(y, "no share", y->unit[i]);
		all += y->share[i];
	}
	for (int target = 0; target < TARGETS; target++) {
		if (!y->figures[CITY][target].source)
			continue; /* found by are_figures_whole */
		if (target < DIVIDED)
			divide(y, target, all);
		for (size_t i = 1; target >= DIVIDED && i < y->n; i++)
			y->figures[i][target] =
			    (struct figure){ y->figures[CITY][target].value, "" };
	}
	return true;
}

static void write_figure(const struct year *y, FILE *f, size_t row, int target)
{
	const struct figure *figure = &y->figures[row][target];
	const char *how = row == CITY        ? ""
			  : target < DIVIDED ? "split by "
					     : "same as the city";

	fprintf(f, "%s\tT%d\t%d\t%lld\t%s%s\n", y->unit[row], target + 1, y->number,
	    (long long)figure->value, how, figure->source);
}

static void write_targets(const struct year *y, FILE *f)
{
	fputs(TARGETS_HEADER "\n", f);
	for (int target = 0; target < TARGETS; target++)
		write_figure(y, f, CITY, target);
	for (int target = 0; target < TARGETS; target++)
		for (size_t row = 1; row < y->n; row++)
			write_figure(y, f, row, target);
}

static void write_calendar(const struct year *y, FILE *f)
{
	fputs(CALENDAR_HEADER "\n", f);
	for (int i = 0; i < y->n_days; i++) {
		int year, month, day;

		if (!y->days[i].is_known)
			continue;
		day_split(y->first + i, &year, &month, &day);
		fprintf(f, "%04d-%02d-%02d\t%s\t%s\n", year, month, day,
		    y->days[i].is_off ? "off" : "work", y->days[i].note);
	}
}

/* Where there was none, and whole or not at all. */
static bool write_table(const struct year *y, const char *dir, const char *name,
    void (*writes)(const struct year *y, FILE *f))
{
	char path[512];
	bool is_good;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s_%d.tsv", dir, name, y->number);
	f = fopen(path, "wxe");
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	writes(y, f);
	is_good = !ferror(f) && fflush(f) == 0 && fsync(fileno(f)) == 0;
	is_good &= fclose(f) == 0;
	if (is_good) {
		printf("%s: made\n", path);
		return true;
	}
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	unlink(path);
	return false;
}

bool year_make(const char *data_dir, int city, int year, const char *numbers)
{
	struct year *y = year_new(data_dir, city, year);
	char path[512];
	bool is_good;

	if (!y)
		return false;
	is_good = read_numbers(y, numbers) && divide_all(y) && are_figures_whole(y) &&
		  are_days_whole(y) && write_table(y, data_dir, "targets", write_targets);
	if (is_good && !write_table(y, data_dir, "calendar", write_calendar)) {
		snprintf(path, sizeof(path), "%s/targets_%d.tsv", data_dir, year);
		unlink(path);
		is_good = false;
	}
	year_free(y);
	return is_good;
}
