/*
 * The tables of a plan year: what it asks of the city and of each unit (targets_2026.tsv),
 * and its days off (calendar_2026.tsv).
 *
 * They are made from the city's numbers, one table as config/data/year_2007.tsv:
 *
 *	what	name	value	note
 *	target	T1	120000	the notice of 8 March          T1 to T11, each once
 *	share	410102	300	labour force                   each reporting unit once
 *	off	2007-05-01	7	劳动节                 the first of so many days off
 *	work	2007-04-28	1	劳动节调休             the first of so many working
 *weekend days
 *
 * T1 to T8 are divided among the units by their shares, by largest remainder; T9 to T11 are
 * each unit's as the city's.  Quarters are those of the calendar and need no table.
 */
#ifndef DAEMON_CATALOG_YEARS_H
#define DAEMON_CATALOG_YEARS_H

#include <stdbool.h>

#include "daemon/base/status.h"

/* Whether both tables are there and whole.  False: what is wrong, and how a year is made, went
 * to stderr. */
MUST_CHECK bool year_check(const char *data_dir, int city, int year);
/* Makes both, or none; a table that is there is never overwritten. */
MUST_CHECK bool year_make(const char *data_dir, int city, int year, const char *numbers);

#endif
