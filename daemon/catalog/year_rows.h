/*
 * A plan year as its own files see it: figures by unit, days by date, and rows of tables that
 * become them.
 */
#ifndef DAEMON_CATALOG_YEAR_ROWS_H
#define DAEMON_CATALOG_YEAR_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/status.h"
#include "daemon/tables/tsv.h"
#include "matcher/model.h"

#define TARGETS_HEADER  "unit\ttarget\tyear\tvalue\tsource"
#define CALENDAR_HEADER "date\tkind\tnote"
#define VALUE_MAX       1000000000000 /* a share of it, times another, is below 2^63 */

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

/* With the city's units, and nothing else yet.  NULL: said why. */
MUST_CHECK struct year *year_new(const char *dir, int city, int number);
void year_free(struct year *y);

/* y->n: it is no unit of the city's. */
size_t year_row_of(const struct year *y, const char *unit);
/* A whole number of at most `most`; false: none. */
MUST_CHECK bool year_take_number(const char *text, int64_t most, int64_t *out);

/* A field or more of a row; false: it was refused, with its line. */
MUST_CHECK bool year_take_figure(struct year *y, struct tsv *t, const char *unit,
    const char *target, const char *value, const char *source);
/* So many days from a day on. */
MUST_CHECK bool year_take_days(struct year *y, struct tsv *t, const char *day,
    const char *length, bool is_off, const char *note);
MUST_CHECK bool year_take_kind(struct tsv *t, const char *kind, bool *is_off);

/* Says what of what; false. */
bool year_lacks(const struct year *y, const char *what, const char *name);
/* False: said what is missing, or does not add up. */
MUST_CHECK bool year_is_whole(const struct year *y);

#endif
