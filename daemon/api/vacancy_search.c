/*
 * GET /v1/vacancies: a search of the open vacancies.
 *
 * It reads the filters into what the ledger's function takes; which index finds
 * them is decided there.  A filter that cannot mean anything, as a code that is
 * in no list, is refused with the nearest right ones, because no rows would
 * look like an answer.
 */
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "matcher/codes.h"

#define WORDS_MAX_BYTES 300

/* What is read, and where to. */
struct vacancy_search {
	struct flow *f;
	struct faults *faults;
	struct buf query; /* the ledger's question, a JSON object */
};

static const char *given(const struct vacancy_search *s, const char *name)
{
	return request_query(flow_request(s->f), name);
}

static void wrong(struct vacancy_search *s, const char *name, const char *rule,
    const char *found, const char *expected)
{
	query_fault(s->f, s->faults, name, rule, found, expected);
}

static void put_number(struct vacancy_search *s, const char *name, long n)
{
	buf_key(&s->query, name);
	buf_putd(&s->query, n);
}

/* What was not given, or was wrong, is NULL. */
static void put_text(struct vacancy_search *s, const char *name, const char *text)
{
	if (!text)
		return;
	buf_key(&s->query, name);
	buf_json(&s->query, text);
}

/* A detail or any group: "4-07-05-01", "4-07-05", "4-07", "4". */
static void take_occupation(struct vacancy_search *s)
{
	const char *text = given(s, "occupation");
	occupation_t code = 0;

	if (text && text[0] >= '1' && text[0] <= '9' && !text[1])
		code = (occupation_t)(text[0] - '0') * 1000000;
	if (!code || !catalog_occupation(flow_app(s->f)->catalog, code))
		code = query_occupation(s->f, s->faults, "occupation");
	if (code)
		put_number(s, "occupation", (long)code);
}

/* Names with commas between, as a set. */
static void take_set(struct vacancy_search *s, const char *name, const char *member,
    enum code_list of, const char *expected)
{
	char *rest = given(s, name) ? arena_strdup(flow_arena(s->f), given(s, name)) : NULL;
	int set = 0;

	if (!rest)
		return;
	while (rest) {
		const char *one = strsep(&rest, ",");
		int place = choice_find(of, one);

		if (place < 0) {
			wrong(s, name, "choice", given(s, name), expected);
			return;
		}
		set |= 1 << place;
	}
	put_number(s, member, set);
}

static void take_choices(struct vacancy_search *s)
{
	static const char *const states[] = { "open", "closed", "all" };
	const char *facets = query_flag(s->f, s->faults, "facets");
	const char *unreferred = query_flag(s->f, s->faults, "unreferred");
	const char *state = query_word(s->f, s->faults, "state", states, 3);

	take_set(s, "form", "forms", LIST_FORMS, "full or part");
	take_set(s, "shift", "shifts", LIST_SHIFTS,
	    "day, evening, night, rotating, with commas between");
	take_set(s, "reserved", "reserved", LIST_YES_NO, "true or false");
	if (facets && strcmp(facets, "true") == 0)
		put_text(s, "facets", facets);
	if (unreferred && strcmp(unreferred, "true") == 0) {
		put_text(s, "unreferred", unreferred);
		if (facets || given(s, "employer"))
			wrong(s, "unreferred", "together", unreferred,
			    "true without employer and facets");
	}
	if (state && strcmp(state, "open") != 0 && !given(s, "employer"))
		wrong(s, "state", "together", state, "open, unless an employer is named");
	put_text(s, "state", state);
}

static void take_bounds(struct vacancy_search *s)
{
	const char *education = given(s, "education_max");
	education_t rank;
	long pay = 0;

	query_number(s->f, s->faults, "pay_min", 1, 100000000, &pay);
	if (pay)
		put_number(s, "pay", pay);
	if (education && education_parse(education, &rank) == CODE_OK)
		put_number(s, "education", rank);
	else if (education)
		wrong(s, "education_max", "unknown-code", education,
		    "two digits of GB/T 4658-2006, as 61");
	put_text(s, "since", query_day(s->f, s->faults, "posted_since"));
}

static void take_words(struct vacancy_search *s)
{
	const char *text = given(s, "q");

	if (!text)
		return;
	if (strlen(text) <= WORDS_MAX_BYTES)
		put_text(s, "q", text);
	else
		wrong(s, "q", "length", "", "1 to 5 words, together at most 300 bytes");
}

static enum next ask(struct flow *f, void *state)
{
	static const char *const known[] = { "q", "occupation", "division", "pay_min", "form",
		"shift", "reserved", "education_max", "employer", "posted_since", "state",
		"facets", "unreferred", "sort", "limit", "cursor" };
	static const struct order orders[] = { { "posted", "nn" }, { "pay", "nn" },
		{ "closing", "nn" } };
	struct listing *l = state;
	struct vacancy_search s = { f, ask_faults(f, &l->ask), { 0 } };

	ask_parameters(f, &l->ask, known, sizeof(known) / sizeof(*known));
	buf_putc(&s.query, '{');
	take_words(&s);
	take_occupation(&s);
	put_text(&s, "division", query_division(f, s.faults, "division"));
	take_bounds(&s);
	take_choices(&s);
	put_text(&s, "employer", query_employer(f, s.faults, "employer"));
	buf_putc(&s.query, '}');
	ask_text(&l->ask, buf_to_arena(flow_arena(f), &s.query));
	list_read(f, orders, 3, l);
	ask_text(&l->ask, l->order->name);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_SEARCH_VACANCIES);
}

const struct plan list_vacancies = {
	.name = "GET vacancies",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "search", ask }, { "answer", answer_page, .again = true } },
};
