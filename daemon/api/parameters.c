/*
 * What a request says beside its body: its path, its query, its headers.
 *
 * One reader a kind of value, for every resource.  Each finds a fault in the
 * same words wherever it stands, and a code that does not exist is answered
 * with the nearest that does.
 */
#include "daemon/api/parameters.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/codec.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/rules.h"
#include "daemon/flow/problem.h"
#include "daemon/ledger/ledger.h"
#include "matcher/codes.h"

struct faults *faults_new(struct flow *f)
{
	return arena_alloc(flow_arena(f), sizeof(struct faults));
}

void input_fault(struct faults *fs, const char *where, const char *rule, const char *found,
    const char *expected)
{
	const struct broken_rule *r = broken_rule_named(rule);

	fault_add(fs, where, rule, found ? found : "", expected,
	    r ? r->en
	      : "A parameter of the request is not right; `expected` says what would be.",
	    r ? r->zh : "请求参数不正确，正确写法见 expected。");
}

void query_fault(struct flow *f, struct faults *fs, const char *name, const char *rule,
    const char *found, const char *expected)
{
	input_fault(fs, arena_printf(flow_arena(f), "query/%s", name), rule, found, expected);
}

void query_only(struct flow *f, struct faults *fs, const char *const *known, size_t n)
{
	const struct request *r = flow_request(f);
	const char *all = n ? known[0] : "no parameters";

	for (size_t i = 1; i < n; i++)
		all = arena_printf(flow_arena(f), "%s, %s", all, known[i]);
	for (size_t i = 0; i < r->n_query; i++) {
		size_t k = 0;

		while (k < n && strcmp(known[k], r->query[i].name) != 0)
			k++;
		if (k == n)
			query_fault(f, fs, r->query[i].name, "unknown-parameter", NULL, all);
	}
}

void query_number(struct flow *f, struct faults *fs, const char *name, long min, long max,
    long *out)
{
	const char *text = request_query(flow_request(f), name);
	struct arena *a = flow_arena(f);
	long n;

	if (!text)
		return;
	n = strlen(text) <= 9 && strspn(text, "0123456789") == strlen(text) && text[0]
		? strtol(text, NULL, 10)
		: -1;
	if (n < min || n > max || (text[0] == '0' && text[1])) {
		query_fault(f, fs, name, "range", text,
		    arena_printf(a, "a whole number, %ld to %ld", min, max));
		return;
	}
	*out = n;
}

const char *query_word(struct flow *f, struct faults *fs, const char *name,
    const char *const *words, size_t n)
{
	const char *text = request_query(flow_request(f), name);
	const char *all = words[0];

	for (size_t i = 0; text && i < n; i++) {
		if (strcmp(words[i], text) == 0)
			return text;
		if (i)
			all = arena_printf(flow_arena(f), "%s, %s", all, words[i]);
	}
	if (text)
		query_fault(f, fs, name, "choice", text, all);
	return NULL;
}

int query_choice(struct flow *f, struct faults *fs, const char *name, enum code_list of)
{
	const char *text = request_query(flow_request(f), name);
	int place = text ? choice_find(of, text) : -1;

	if (text && place < 0)
		query_fault(f, fs, name, "choice", text, choice_codes(of));
	return place;
}

const char *query_code(struct flow *f, struct faults *fs, const char *name, enum code_list of)
{
	return choice_code(of, query_choice(f, fs, name, of));
}

const char *query_flag(struct flow *f, struct faults *fs, const char *name)
{
	static const char *const flags[] = { "true", "false" };

	return query_word(f, fs, name, flags, 2);
}

const char *query_day(struct flow *f, struct faults *fs, const char *name)
{
	const char *text = request_query(flow_request(f), name);
	day_t d;

	if (!text)
		return NULL;
	if (!day_parse(text, &d))
		query_fault(f, fs, name, "date", text, "a day, YYYY-MM-DD");
	else if (d < FIRST_DAY || d > LAST_DAY)
		query_fault(f, fs, name, "range", text, "1990-01-01 to 2099-12-31");
	else
		return text;
	return NULL;
}

static bool recognises(const void *ledger, const char *code)
{
	return ledger_recognises(ledger, code);
}

static struct codec recognising(struct flow *f)
{
	return (struct codec){ .recognises = recognises, .who = flow_app(f)->ledger };
}

const char *query_employer(struct flow *f, struct faults *fs, const char *name)
{
	const char *text = request_query(flow_request(f), name);
	char *code = arena_alloc(flow_arena(f), 20);

	struct codec c = recognising(f);

	if (text && codec_employer_code(&c, text, code))
		return code;
	if (text)
		query_fault(f, fs, name, "format", text, CODE_OF_EMPLOYER);
	return NULL;
}

const char *query_person(struct flow *f, struct faults *fs, const char *name)
{
	const char *text = request_query(flow_request(f), name);
	uint64_t id;

	if (text && codec_seeker_id(text, &id))
		return person_row(flow_arena(f), id);
	if (text)
		query_fault(f, fs, name, "format", text, "an id of 16 hex digits");
	return NULL;
}

/* `o`: what the parameter's own reader would take. */
static void unknown_code(struct flow *f, struct faults *fs, const char *name,
    const struct offers *o, const char *expected)
{
	char near[OFFERS_TEXT];

	offers_print(o, near);
	query_fault(f, fs, name, "unknown-code", o->wrong, o->n ? near : expected);
}

/* Zeros behind a division mean itself: 410105000000 is 410105. */
static const struct division *division_of(const struct catalog *c, const char *text)
{
	size_t n = strlen(text);
	place_t place;

	if ((n != 4 && n != 6 && n != 9 && n != 12) ||
	    place_parse(text, (int)n, &place) != CODE_OK)
		return NULL;
	return catalog_division(c, place);
}

static bool is_division(const void *arg, const char *code)
{
	return division_of(arg, code);
}

const char *query_division(struct flow *f, struct faults *fs, const char *name)
{
	const struct catalog *c = flow_app(f)->catalog;
	const char *text = request_query(flow_request(f), name);
	const struct division *d = text ? division_of(c, text) : NULL;
	struct offers o = { .wrong = text, .is_taken = is_division, .arg = c };
	char *canonical = arena_alloc(flow_arena(f), 13);

	if (d) {
		place_print(d->code, d->digits, canonical);
		return canonical;
	}
	if (text) {
		catalog_nearest(c, "divisions", &o);
		unknown_code(f, fs, name, &o, "a division of 4, 6, 9 or 12 digits");
	}
	return NULL;
}

static bool is_occupation(const void *arg, const char *code)
{
	occupation_t o = 0;

	return occupation_parse(code, &o) == CODE_OK && catalog_occupation(arg, o);
}

occupation_t query_occupation(struct flow *f, struct faults *fs, const char *name)
{
	const struct catalog *c = flow_app(f)->catalog;
	const char *text = request_query(flow_request(f), name);
	struct offers o = { .wrong = text, .is_taken = is_occupation, .arg = c };
	occupation_t code = 0;

	if (text && is_occupation(c, text) && occupation_parse(text, &code) == CODE_OK)
		return code;
	if (text) {
		catalog_nearest(c, "occupations", &o);
		unknown_code(f, fs, name, &o,
		    "an occupation or a group, as 4-07-05-01, 4-07-05, 4-07");
	}
	return 0;
}

const char *path_employer(struct flow *f, struct faults *fs)
{
	const char *given = flow_request(f)->params[0];
	char *code = arena_alloc(flow_arena(f), 20);
	struct codec c = recognising(f);
	bool fits = code_normalise(given, true, code, 20);
	enum code_fault fault = fits ? employer_check(code) : CODE_FORMAT;

	if (!codec_employer_code(&c, given, code))
		input_fault(fs, "path/employer", fault == CODE_CHECK ? "check-digit" : "format",
		    given, CODE_OF_EMPLOYER);
	return code;
}

const char *header_version(struct flow *f, struct faults *fs)
{
	const char *given = flow_request(f)->if_match;
	size_t n = given ? strlen(given) : 0;

	/* Nine digits at most: a version is an int of the ledger. */
	if (given && n >= 3 && n <= 11 && given[0] == '"' && given[n - 1] == '"' &&
	    strspn(given + 1, "0123456789") == n - 2)
		return arena_strndup(flow_arena(f), given + 1, n - 2);
	if (given)
		input_fault(fs, "header/If-Match", "format", given, "an ETag, as \"3\"");
	return NULL;
}

bool header_new_only(struct flow *f, struct faults *fs)
{
	const char *given = flow_request(f)->if_none_match;

	if (given && strcmp(given, "*") != 0)
		input_fault(fs, "header/If-None-Match", "format", given, "*");
	return given != NULL;
}
