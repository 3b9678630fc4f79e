/*
 * /v1/progress and /v1/seekers/{seeker}/progress: the figures toward the
 * year's targets (rules/progress, rules/targets), and for one person which of them they
 * count for and why.  /v1/figures/{figure}/records: who is behind a figure
 * (rules/behind-a-figure).
 *
 * Without ?year= it is the year of the ledger's day.
 */
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/count.h"

#define FIRST_YEAR 1990
#define LAST_YEAR  2199

/* ?year=, or this year. */
static void ask_year(struct flow *f, struct ask *ask)
{
	struct codec c;
	long wanted;
	int year, month, day;

	if (!ask_codec(f, ask, &c))
		return;
	day_split(c.today, &year, &month, &day);
	wanted = year;
	query_number(f, c.faults, "year", FIRST_YEAR, LAST_YEAR, &wanted);
	ask_text(ask, arena_printf(flow_arena(f), "%ld", wanted));
}

/* ?unit=: a division, or a unit of no division. */
static void ask_unit(struct flow *f, struct ask *ask)
{
	static const char letters[] =
	    "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *unit = request_query(flow_request(f), "unit");
	size_t n = unit ? strlen(unit) : 0;

	if (unit && (n < 1 || n > 16 || strspn(unit, letters) != n))
		query_fault(f, ask_faults(f, ask), "unit", "format", unit,
		    "a reporting unit, as 410105 or Z-ZD");
	ask_text(ask, unit);
}

static enum next look_up(struct flow *f, void *state)
{
	static const char *const known[] = { "year", "as_of", "unit" };

	ask_parameters(f, state, known, 3);
	ask_year(f, state);
	ask_as_of(f, state);
	ask_unit(f, state);
	return ask_ledger(f, state, LEDGER_READ_PROGRESS);
}

const struct plan get_progress = {
	.name = "GET progress",
	.state_size = sizeof(struct ask),
	.steps = { { "derive", look_up }, { "answer", answer_reply } },
};

static enum next look_up_person(struct flow *f, void *state)
{
	static const char *const known[] = { "year", "as_of" };

	ask_parameters(f, state, known, 2);
	ask_person(f, state, 0);
	ask_year(f, state);
	ask_as_of(f, state);
	return ask_ledger(f, state, LEDGER_READ_PERSON_PROGRESS);
}

const struct plan get_person_progress = {
	.name = "GET seeker progress",
	.state_size = sizeof(struct ask),
	.steps = { { "derive", look_up_person }, { "answer", answer_reply } },
};

/* The {figure} of the path. */
static void ask_figure(struct flow *f, struct ask *ask, enum code_list of)
{
	const char *figure = flow_request(f)->params[0];

	if (choice_find(of, figure) < 0)
		input_fault(ask_faults(f, ask), "path/figure", "choice", figure,
		    choice_codes(of));
	ask_text(ask, figure);
}

static enum next find_behind(struct flow *f, void *state)
{
	static const char *const known[] = { "year", "as_of", "unit", "limit", "sort",
		"cursor" };
	static const struct order by_id = { "id", "n" };
	struct listing *l = state;

	ask_parameters(f, &l->ask, known, COUNT(known));
	ask_figure(f, &l->ask, LIST_FIGURES);
	ask_year(f, &l->ask);
	ask_as_of(f, &l->ask);
	ask_unit(f, &l->ask);
	list_read(f, &by_id, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_BEHIND);
}

const struct plan list_behind = {
	.name = "GET figure records",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "find", find_behind }, { "answer", answer_page, .again = true } },
};
