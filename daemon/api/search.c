/*
 * GET /v1/vacancies: a search of the open vacancies.
 *
 * It reads the filters into what the ledger's function takes; which index finds
 * them is decided there.  The surprising thing: a filter that cannot mean
 * anything, as a code that is in no list, is refused with the nearest right
 * ones, because no rows would look like an answer.
 */
#include <string.h>

#include "daemon/api/common.h"
#include "daemon/api/cursor.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"

#define WORDS_MAX_BYTES 300

/* What is read, and where to. */
struct search {
	struct flow *f;
	struct faults *faults;
	struct buf query; /* the ledger's question, a JSON object */
};

static const char *given(const struct search *s, const char *name)
{
	return request_query(flow_request(s->f), name);
}

static void wrong(struct search *s, const char *name, const char *rule, const char *found,
    const char *expected)
{
	input_fault(s->faults, arena_printf(flow_arena(s->f), "query/%s", name), rule, found,
	    expected);
}

static void wrong_code(struct search *s, const char *name, const char *list, const char *found,
    const char *expected)
{
	char near[90] = "";

	catalog_nearest(flow_app(s->f)->catalog, list, found, near, sizeof(near));
	wrong(s, name, "unknown-code", found, near[0] ? near : expected);
}

static void put_number(struct search *s, const char *name, long n)
{
	buf_key(&s->query, name);
	buf_putd(&s->query, n);
}

static void put_text(struct search *s, const char *name, const char *text)
{
	buf_key(&s->query, name);
	buf_json(&s->query, text);
}

/* A detail or any group: "4-07-05-01", "4-07-05", "4-07", "4". */
static void take_occupation(struct search *s)
{
	const char *text = given(s, "occupation");
	occupation_t code = 0;

	if (!text)
		return;
	if (text[0] >= '1' && text[0] <= '9' && !text[1])
		code = (occupation_t)(text[0] - '0') * 1000000;
	else if (occupation_parse(text, &code) != CODE_OK)
		code = 0;
	if (code && catalog_occupation(flow_app(s->f)->catalog, code))
		put_number(s, "occupation", (long)code);
	else
		wrong_code(s, "occupation", "occupations", text,
		    "as 4-07-05-01, 4-07-05 or 4-07");
}

/* The city, a county entry, a street or a community. */
static void take_division(struct search *s)
{
	const char *text = given(s, "division");
	const struct division *d = NULL;
	int digits;
	place_t place;

	if (!text)
		return;
	digits = (int)strnlen(text, 13);
	if ((digits == 4 || digits == 6 || digits == 9 || digits == 12) &&
	    place_parse(text, digits, &place) == CODE_OK)
		d = catalog_division(flow_app(s->f)->catalog, place);
	if (d && d->digits == digits)
		put_text(s, "division", text);
	else
		wrong_code(s, "division", "divisions", text,
		    "4101, or a code of 6, 9 or 12 digits");
}

struct pick {
	const char *name;
	int bit;
};

/* Names with commas between, as a set. */
static void take_set(struct search *s, const char *name, const char *member,
    const struct pick *of, size_t n, const char *expected)
{
	char *rest = given(s, name) ? arena_strdup(flow_arena(s->f), given(s, name)) : NULL;
	int set = 0;

	if (!rest)
		return;
	while (rest) {
		const char *one = strsep(&rest, ",");
		size_t i = 0;

		while (i < n && strcmp(of[i].name, one) != 0)
			i++;
		if (i == n) {
			wrong(s, name, "choice", given(s, name), expected);
			return;
		}
		set |= of[i].bit;
	}
	put_number(s, member, set);
}

static void take_choices(struct search *s)
{
	static const struct pick forms[] = { { "full", FORM_FULL }, { "part", FORM_PART } };
	static const struct pick shifts[] = { { "day", SHIFT_DAY },
		{ "evening", SHIFT_EVENING }, { "night", SHIFT_NIGHT },
		{ "rotating", SHIFT_ROTATING } };
	static const struct pick reserved[] = { { "false", 1 }, { "true", 2 } };
	static const char *const states[] = { "open", "closed", "all" };
	const char *facets = given(s, "facets");
	const char *unreferred = given(s, "unreferred");
	const char *state = given(s, "state");
	size_t i = 0;

	take_set(s, "form", "forms", forms, 2, "full or part");
	take_set(s, "shift", "shifts", shifts, 4,
	    "day, evening, night, rotating, with commas between");
	take_set(s, "reserved", "reserved", reserved, 2, "true or false");
	if (facets && strcmp(facets, "true") == 0)
		put_text(s, "facets", facets);
	else if (facets && strcmp(facets, "false") != 0)
		wrong(s, "facets", "choice", facets, "true or false");
	if (unreferred && strcmp(unreferred, "true") == 0 && !facets && !given(s, "employer"))
		put_text(s, "unreferred", unreferred);
	else if (unreferred && strcmp(unreferred, "false") != 0)
		wrong(s, "unreferred", "choice", unreferred,
		    "true, without employer and facets, or false");
	while (state && i < 3 && strcmp(states[i], state) != 0)
		i++;
	if (i == 3)
		wrong(s, "state", "choice", state, "open, closed or all");
	else if (i && !given(s, "employer"))
		wrong(s, "state", "together", state, "open, unless an employer is named");
	else if (state)
		put_text(s, "state", state);
}

static void take_bounds(struct search *s)
{
	const char *education = given(s, "education_max");
	const char *since = NULL;
	education_t rank;
	long pay = 0;

	query_number(s->f, s->faults, "pay_min", 1, 100000000, &pay);
	if (pay)
		put_number(s, "pay", pay);
	if (education && education_parse(education, &rank) == CODE_OK)
		put_number(s, "education", rank);
	else if (education)
		wrong(s, "education_max", "unknown-code", education,
		    "a code of GB/T 4658-2006, as 61");
	query_day(s->f, s->faults, "posted_since", &since);
	if (since)
		put_text(s, "since", since);
}

static void take_employer(struct search *s)
{
	const char *text = given(s, "employer");
	char code[20];

	if (!text)
		return;
	if (codec_employer_code(text, code))
		put_text(s, "employer", code);
	else
		wrong(s, "employer", "format", text,
		    "a credit code of 18 characters or an organisation code of 9");
}

static void take_words(struct search *s)
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
	struct search s = { f, faults_new(f), { 0 } };
	struct listing *l = state;
	enum next refused;

	query_only(f, s.faults, known, sizeof(known) / sizeof(*known));
	buf_putc(&s.query, '{');
	take_words(&s);
	take_occupation(&s);
	take_division(&s);
	take_bounds(&s);
	take_choices(&s);
	take_employer(&s);
	buf_putc(&s.query, '}');
	ask_text(&l->ask, arena_strndup(flow_arena(f), s.query.data, s.query.len));
	buf_free(&s.query);
	list_read(f, s.faults, orders, 3, l);
	refused = list_refuse(f, s.faults, l);
	if (refused != STEP_NEXT)
		return refused;
	ask_text(&l->ask, l->order->name);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_SEARCH_VACANCIES);
}

const struct plan list_vacancies = {
	.name = "GET vacancies",
	.state_size = sizeof(struct listing),
	.steps = {
		{ "search", ask },
		{ "answer", answer_page },
	},
};
