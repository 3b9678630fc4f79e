/*
 * /v1/returns/{employer}/{district}/{quarter}: the quarterly vacancy return.
 *
 * PUT replaces the whole return; the same again changes nothing.  Contact,
 * telephone and interview contacts are sealed here, between the codec and the
 * ledger, under names that outlive a version: a return's own path, and for an
 * interview contact its employer, district and ref.
 */
#include <string.h>

#include "daemon/api/common.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"

struct filing {
	struct ask ask;
	const char *employer, *district, *quarter;
	const char *if_match;
	bool only_validate;
	struct filed_return filed;
	uint8_t body_hash[32];
};

/* The path's three parts, in canonical form. */
static void take_path(struct flow *f, struct filing *g, struct faults *fs)
{
	const struct request *r = flow_request(f);
	const struct division *d = NULL;
	place_t place;
	int year;
	int quarter;

	if (place_parse(r->params[1], 6, &place) == CODE_OK)
		d = catalog_division(flow_app(f)->catalog, place);
	if (!d || d->digits != 6)
		input_fault(fs, "path/district", "unknown-code", r->params[1],
		    "a county entry of this city, as 410105");
	if (quarter_parse(r->params[2], &year, &quarter) != CODE_OK || year == 0)
		input_fault(fs, "path/quarter", "format", r->params[2], "a quarter, as 2007Q2");
	g->employer = path_employer(f, fs);
	g->district = d && d->digits == 6 ? r->params[1] : NULL;
	g->quarter = r->params[2];
}

/* If-Match: "3", the ETag of an earlier answer. */
static void take_if_match(struct flow *f, struct filing *g, struct faults *fs)
{
	const char *given = flow_request(f)->if_match;
	size_t n = given ? strlen(given) : 0;

	if (!given)
		return;
	if (n < 3 || n > 12 || given[0] != '"' || given[n - 1] != '"' ||
	    strspn(given + 1, "0123456789") != n - 2) {
		input_fault(fs, "header/If-Match", "format", given,
		    "the ETag of a return, as \"3\"");
		return;
	}
	g->if_match = arena_strndup(flow_arena(f), given + 1, n - 2);
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
	take_path(f, g, c.faults);
	take_if_match(f, g, c.faults);
	query_only(f, c.faults, parameters, 1);
	if (validate && strcmp(validate, "only") != 0)
		input_fault(c.faults, "query/validate", "choice", validate, "only");
	g->only_validate = validate;
	result = codec_read_return(&c, r->body, r->body_len, g->district, &g->filed);
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
		    vacancy_row(a, g->employer, g->district, line->ref),
		    line->interview_contact);
	}
	return sealed;
}

static enum next file(struct flow *f, void *state)
{
	struct filing *g = state;
	struct arena *a = flow_arena(f);
	const char *row = return_row(a, g->employer, g->district, g->quarter);

	keyed_hash(f, g->filed.canonical, strlen(g->filed.canonical), g->body_hash);
	ask_text(&g->ask, g->employer);
	ask_text(&g->ask, g->district);
	ask_text(&g->ask, g->quarter);
	ask_text(&g->ask, codec_write_return(a, &g->filed, seal_contacts(f, g)));
	ask_bytes(&g->ask, g->body_hash, sizeof(g->body_hash));
	ask_sealed(f, &g->ask, "return", "contact", row, g->filed.contact);
	ask_sealed(f, &g->ask, "return", "phone", row, g->filed.telephone);
	ask_text(&g->ask, g->if_match);
	ask_text(&g->ask, g->only_validate ? "true" : "false");
	return ask_ledger(f, &g->ask, LEDGER_FILE_RETURN);
}

static void tag_version(struct flow *f, const char *json)
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
	tag_version(f, g->ask.reply.body);
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
	static const char *const parameters[] = { "version" };
	struct faults *fs = faults_new(f);
	struct filing *g = state;
	long version = 0;

	take_path(f, g, fs);
	query_only(f, fs, parameters, 1);
	query_number(f, fs, "version", 1, 1000000, &version);
	if (fs->n)
		return refuse_input(f, fs);
	ask_text(&g->ask, g->employer);
	ask_text(&g->ask, g->district);
	ask_text(&g->ask, g->quarter);
	ask_text(&g->ask, version ? arena_printf(flow_arena(f), "%ld", version) : NULL);
	return ask_ledger(f, &g->ask, LEDGER_READ_RETURN);
}

static enum next answer_read(struct flow *f, void *state)
{
	const struct filing *g = state;
	const struct reply *r = &g->ask.reply;
	struct arena *a = flow_arena(f);
	const char *row = return_row(a, g->employer, g->district, g->quarter);
	struct text_member opened[2] = { 0 };

	if (!ask_settle(f, &g->ask))
		return ask_refuse(f, &g->ask);
	opened[0] = (struct text_member){ "contact", unseal(f, r, "return", "contact", row) };
	opened[1] = (struct text_member){ "telephone", unseal(f, r, "return", "phone", row) };
	tag_version(f, r->body);
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
