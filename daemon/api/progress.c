/*
 * /v1/progress and /v1/seekers/{seeker}/progress: the figures toward the
 * year's targets, and for one person which of them she counts for and why.
 *
 * Without ?year= it is the year of the ledger's day.
 */
#include <string.h>

#include "daemon/api/common.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"

#define FIRST_YEAR 1990
#define LAST_YEAR  2199

/* ?year=, or this year. */
static const char *take_year(struct flow *f, const struct codec *c)
{
	long wanted;
	int year;
	int month;
	int day;

	day_split(c->today, &year, &month, &day);
	wanted = year;
	query_number(f, c->faults, "year", FIRST_YEAR, LAST_YEAR, &wanted);
	return arena_printf(flow_arena(f), "%ld", wanted);
}

static enum next look_up(struct flow *f, void *state)
{
	static const char *const parameters[] = { "year", "as_of", "unit" };
	const char *unit = request_query(flow_request(f), "unit");
	struct ask *ask = state;
	const char *as_of = NULL;
	const char *year;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, parameters, 3);
	year = take_year(f, &c);
	query_day(f, c.faults, "as_of", &as_of);
	if (unit &&
	    (!unit[0] || strlen(unit) > 16 ||
		strspn(unit,
		    "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") !=
		    strlen(unit)))
		input_fault(c.faults, "query/unit", "format", unit,
		    "a reporting unit, as 410105 or Z-ZD");
	if (c.faults->n)
		return refuse_input(f, c.faults);
	ask_text(ask, year);
	ask_text(ask, as_of);
	ask_text(ask, unit);
	return ask_ledger(f, ask, LEDGER_READ_PROGRESS);
}

const struct plan get_progress = {
	.name = "GET progress",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "derive", look_up },
		{ "answer", answer_reply },
	},
};

static enum next look_up_person(struct flow *f, void *state)
{
	static const char *const parameters[] = { "year", "as_of" };
	struct ask *ask = state;
	const char *as_of = NULL;
	const char *year;
	struct codec c;
	uint64_t id;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, parameters, 2);
	year = take_year(f, &c);
	query_day(f, c.faults, "as_of", &as_of);
	if (c.faults->n)
		return refuse_input(f, c.faults);
	if (!codec_seeker_id(flow_request(f)->params[0], &id))
		return refuse_missing(f);
	ask_text(ask, arena_printf(flow_arena(f), "%llu", (unsigned long long)id));
	ask_text(ask, year);
	ask_text(ask, as_of);
	return ask_ledger(f, ask, LEDGER_READ_PERSON_PROGRESS);
}

const struct plan get_person_progress = {
	.name = "GET seeker progress",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "derive", look_up_person },
		{ "answer", answer_reply },
	},
};
