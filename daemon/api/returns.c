/*
 * /v1/returns/{employer}/{district}/{quarter}: the quarterly vacancy return.
 *
 * PUT replaces the whole return; the same again changes nothing.  Contact,
 * telephone and interview contacts are sealed here, between the codec and the
 * ledger, under names that outlive a version: a return's own path, and for an
 * interview contact its employer, district and ref.
 */
#include "daemon/api/returns.h"

#include <string.h>

#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"

struct filing {
	struct ask ask;
	struct return_path path;
	const char *if_match;
	bool only_validate;
	struct filed_return filed;
	uint8_t body_hash[32];
};

const char *return_district(struct flow *f, struct faults *fs, const char *where,
    const char *given)
{
	const struct division *d = NULL;
	place_t place;

	if (given && place_parse(given, 6, &place) == CODE_OK)
		d = catalog_division(flow_app(f)->catalog, place);
	if (given && (!d || d->digits != 6)) {
		input_fault(fs, where, "unknown-code", given,
		    "a county entry of this city, as 410105");
		return NULL;
	}
	return given;
}

const char *return_quarter(struct faults *fs, const char *where, const char *given)
{
	int year;
	int quarter;

	if (given && (quarter_parse(given, &year, &quarter) != CODE_OK || year == 0))
		input_fault(fs, where, "format", given, "a quarter, as 2007Q2");
	return given;
}

void return_take_path(struct flow *f, struct return_path *path, struct faults *fs)
{
	const struct request *r = flow_request(f);

	path->district = return_district(f, fs, "path/district", r->params[1]);
	path->quarter = return_quarter(fs, "path/quarter", r->params[2]);
	path->employer = path_employer(f, fs);
}

const char *return_if_match(struct flow *f, struct faults *fs)
{
	const char *given = flow_request(f)->if_match;
	size_t n = given ? strlen(given) : 0;

	if (!given)
		return wants_new_only(f, fs) ? "0" : NULL; /* no return has that version */
	if (n < 3 || n > 12 || given[0] != '"' || given[n - 1] != '"' ||
	    strspn(given + 1, "0123456789") != n - 2) {
		input_fault(fs, "header/If-Match", "format", given,
		    "the ETag of a return, as \"3\"");
		return NULL;
	}
	return arena_strndup(flow_arena(f), given + 1, n - 2);
}

static enum next read_return(struct flow *f, void *state)
{
	static const char *const parameters[] = { "validate" };
	const struct request *r = flow_request(f);
	const char *validate = request_query(r, "validate");
	struct filing *g = state;
	enum read_result result;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	return_take_path(f, &g->path, c.faults);
	g->if_match = return_if_match(f, c.faults);
	query_only(f, c.faults, parameters, 1);
	if (validate && strcmp(validate, "only") != 0)
		input_fault(c.faults, "query/validate", "choice", validate, "only");
	g->only_validate = validate;
	result = codec_read_return(&c, r->body, r->body_len, g->path.district, &g->filed);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	return STEP_NEXT;
}

/* Each line's interview contact, as hex; NULL where none was stated. */
static const char *const *seal_contacts(struct flow *f, const struct filing *g)
{
	struct arena *a = flow_arena(f);
	const char **sealed = arena_alloc(a, (g->filed.n_lines + 1) * sizeof(*sealed));

	for (size_t i = 0; i < g->filed.n_lines; i++) {
		const struct filed_line *line = &g->filed.lines[i];

		sealed[i] = seal_hex(f, "vacancy", "contact",
		    vacancy_row(a, g->path.employer, g->path.district, line->ref),
		    line->interview_contact);
	}
	return sealed;
}

static enum next file(struct flow *f, void *state)
{
	struct filing *g = state;
	struct arena *a = flow_arena(f);
	const char *row = return_row(a, g->path.employer, g->path.district, g->path.quarter);

	keyed_hash(f, g->filed.canonical, strlen(g->filed.canonical), g->body_hash);
	ask_text(&g->ask, g->path.employer);
	ask_text(&g->ask, g->path.district);
	ask_text(&g->ask, g->path.quarter);
	ask_text(&g->ask, codec_write_return(a, &g->filed, seal_contacts(f, g)));
	ask_bytes(&g->ask, g->body_hash, sizeof(g->body_hash));
	ask_sealed(f, &g->ask, "return", "contact", row, g->filed.contact);
	ask_sealed(f, &g->ask, "return", "phone", row, g->filed.telephone);
	ask_text(&g->ask, g->if_match);
	ask_text(&g->ask, g->only_validate ? "true" : "false");
	return ask_ledger(f, &g->ask, LEDGER_FILE_RETURN);
}

void return_tag(struct flow *f, const char *json)
{
	int64_t version = codec_member_number(json, "version");

	if (version > 0)
		flow_header(f, "ETag",
		    arena_printf(flow_arena(f), "\"%lld\"", (long long)version));
}

static enum next answer_filed(struct flow *f, void *state)
{
	const struct filing *g = state;

	if (!ask_settle(f, &g->ask))
		return ask_refuse(f, &g->ask);
	return_tag(f, g->ask.reply.body);
	return ask_answer(f, &g->ask, g->ask.reply.body);
}

const struct plan put_return = {
	.name = "PUT return",
	.state_size = sizeof(struct filing),
	.steps = {
		{ "read", read_return },
		{ "file", file },
		{ "answer", answer_filed },
	},
};

static enum next look_up(struct flow *f, void *state)
{
	static const char *const parameters[] = { "version", "as_of" };
	struct faults *fs = faults_new(f);
	struct filing *g = state;
	const char *as_of = NULL;
	long version = 0;

	return_take_path(f, &g->path, fs);
	query_only(f, fs, parameters, 2);
	query_number(f, fs, "version", 1, 1000000, &version);
	query_day(f, fs, "as_of", &as_of);
	if (version && as_of)
		input_fault(fs, "query/as_of", "together", as_of, "not with version");
	if (fs->n)
		return refuse_input(f, fs);
	ask_text(&g->ask, g->path.employer);
	ask_text(&g->ask, g->path.district);
	ask_text(&g->ask, g->path.quarter);
	ask_text(&g->ask, version ? arena_printf(flow_arena(f), "%ld", version) : NULL);
	ask_text(&g->ask, as_of);
	return ask_ledger(f, &g->ask, LEDGER_READ_RETURN);
}

static enum next answer_read(struct flow *f, void *state)
{
	const struct filing *g = state;
	const struct reply *r = &g->ask.reply;
	struct arena *a = flow_arena(f);
	const char *row = return_row(a, g->path.employer, g->path.district, g->path.quarter);
	struct text_member opened[2] = { 0 };

	if (!ask_settle(f, &g->ask))
		return ask_refuse(f, &g->ask);
	opened[0] = (struct text_member){ "contact", unseal(f, r, "return", "contact", row) };
	opened[1] = (struct text_member){ "telephone", unseal(f, r, "return", "phone", row) };
	return_tag(f, r->body);
	return ask_answer(f, &g->ask, codec_with_members(a, r->body, opened, 2));
}

const struct plan get_return = {
	.name = "GET return",
	.state_size = sizeof(struct filing),
	.steps = {
		{ "look up", look_up },
		{ "answer", answer_read },
	},
};
