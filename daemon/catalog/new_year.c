/*
 * A plan year made of the city's numbers, and written as its tables.
 *
 * It knows how a sum is divided among units, and refuses to judge what comes of it: years.c
 * does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/oom.h"
#include "daemon/catalog/year_rows.h"
#include "daemon/catalog/years.h"

#define NUMBERS_HEADER "what\tname\tvalue\tnote"
#define SHARE_MAX      1000000

static bool take_share(struct year *y, struct tsv *t)
{
	size_t row = year_row_of(y, t->field[1]);

	if (row == CITY || row == y->n)
		return tsv_refuse(t, "not one of the city's units", t->field[1]);
	if (y->share[row])
		return tsv_refuse(t, "given twice", t->field[1]);
	if (!year_take_number(t->field[2], SHARE_MAX, &y->share[row]) || !y->share[row])
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
			is_good = year_take_figure(y, &t, y->unit[CITY], f[1], f[2], f[3]);
		else if (strcmp(f[0], "share") == 0)
			is_good = take_share(y, &t);
		else
			is_good = year_take_kind(&t, f[0], &is_off) &&
				  year_take_days(y, &t, f[1], f[2], is_off, f[3]);
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
			return year_lacks(y, "no share", y->unit[i]);
		all += y->share[i];
	}
	for (int target = 0; target < TARGETS; target++) {
		if (!y->figures[CITY][target].source)
			continue; /* found by year_is_whole */
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
	is_good = read_numbers(y, numbers) && divide_all(y) && year_is_whole(y) &&
		  write_table(y, data_dir, "targets", write_targets);
	if (is_good && !write_table(y, data_dir, "calendar", write_calendar)) {
		snprintf(path, sizeof(path), "%s/targets_%d.tsv", data_dir, year);
		unlink(path);
		is_good = false;
	}
	year_free(y);
	return is_good;
}
