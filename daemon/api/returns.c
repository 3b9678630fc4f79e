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

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/advice.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/return_rows.h"
#include "matcher/codes.h"

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
	const struct codec c = { .catalog = flow_app(f)->catalog };
	char near[OFFERS_TEXT], *district = arena_alloc(flow_arena(f), 13);
	place_t place;

	if (!given)
		return NULL;
	if (judge_place(&c, 6, given, &place) == BROKEN_RULES) {
		place_print(place, 6, district);
		return district;
	}
	advice_of_place(&c, 6, given, near);
	input_fault(fs, where, "unknown-code", given,
	    near[0] ? near : "a county entry of this city, as 410105");
	return NULL;
}

const char *return_quarter(struct faults *fs, const char *where, const char *given)
{
	int year;
	int quarter;

	if (given && (quarter_parse(given, &year, &quarter) != CODE_OK || year == 0))
		input_fault(fs, where, "format", given, "a quarter, as 2007Q2");
	return given;
}

void ask_return(struct flow *f, struct ask *ask, struct return_path *path)
{
	const struct request *r = flow_request(f);
	struct faults *fs = ask_faults(f, ask);

	path->district = return_district(f, fs, "path/district", r->params[1]);
	path->quarter = return_quarter(fs, "path/quarter", r->params[2]);
	path->employer = path_employer(f, fs);
	ask_text(ask, path->employer);
	ask_text(ask, path->district);
	ask_text(ask, path->quarter);
}

const char *return_if_match(struct flow *f, struct faults *fs)
{
	if (!flow_request(f)->if_match)
		return header_new_only(f, fs) ? "0" : NULL; /* no return has that version */
	return header_version(f, fs);
}

static enum next read_return(struct flow *f, void *state)
{
	static const char *const known[] = { "validate" };
	static const char *const words[] = { "only" };
	const struct request *r = flow_request(f);
	struct filing *g = state;
	struct codec c;

	if (ask_codec(f, &g->ask, &c)) {
		ask_return(f, &g->ask, &g->path);
		g->if_match = return_if_match(f, c.faults);
		ask_parameters(f, &g->ask, known, 1);
		g->only_validate = query_word(f, c.faults, "validate", words, 1);
		ask_read(&g->ask, codec_read_return(&c, r->body, r->body_len, &g->path,
				      flow_app(f)->imports.dir, &g->filed));
		if (g->filed.lacks_room)
			ask_wrong(&g->ask, "busy");
	}
	return ask_check(f, &g->ask);
}

/* Each line's interview contact. */
static const struct sealed_contact *seal_contacts(struct flow *f, const struct filing *g)
{
	struct arena *a = flow_arena(f);
	struct sealed_contact *sealed =
	    arena_alloc(a, (g->filed.n_lines + 1) * sizeof(*sealed));

	for (size_t i = 0; i < g->filed.n_lines; i++) {
		const struct filed_line *line = &g->filed.lines[i];

		sealed[i].hex = seal_hex(f, "vacancy", "contact",
		    vacancy_row(a, g->path.employer, g->path.district, line->ref),
		    line->interview_contact);
		sealed[i].key = contact_key_in(f, a, line->interview_contact);
	}
	return sealed;
}

/* Of contact and telephone together; NULL: the return has neither. */
static const char *contact_key(struct flow *f, const struct filed_return *r)
{
	struct arena *a = flow_arena(f);

	if (!r->contact && !r->telephone)
		return NULL;
	return contact_key_in(f, a,
	    arena_printf(a, "%s\n%s", r->contact ? r->contact : "",
		r->telephone ? r->telephone : ""));
}

static enum next file(struct flow *f, void *state)
{
	struct filing *g = state;
	struct arena *a = flow_arena(f);
	const char *row = return_row(a, g->path.employer, g->path.district, g->path.quarter);

	keyed_hash(f, g->filed.canonical, strlen(g->filed.canonical), g->body_hash);
	ask_text(&g->ask, codec_write_return(a, &g->filed, seal_contacts(f, g)));
	ask_bytes(&g->ask, g->body_hash, sizeof(g->body_hash));
	ask_sealed(f, &g->ask, "return", "contact", row, g->filed.contact);
	ask_sealed(f, &g->ask, "return", "phone", row, g->filed.telephone);
	ask_text(&g->ask, contact_key(f, &g->filed));
	ask_text(&g->ask, g->if_match);
	ask_text(&g->ask, g->only_validate ? "true" : "false");
	return ask_ledger(f, &g->ask, LEDGER_FILE_RETURN);
}

/* What the ledger refuses of a file is told by its rows, too. */
static enum next answer_filed(struct flow *f, void *state)
{
	struct filing *g = state;

	if (g->filed.rows && g->ask.reply.status >= 400)
		g->ask.reply.body =
		    return_rows_tell(flow_arena(f), g->filed.rows, g->ask.reply.body);
	return answer_tagged(f, state);
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
	static const char *const known[] = { "version", "as_of" };
	struct filing *g = state;
	struct faults *fs = ask_faults(f, &g->ask);
	const char *as_of = request_query(flow_request(f), "as_of");
	long version = 0;

	ask_parameters(f, &g->ask, known, 2);
	query_number(f, fs, "version", 1, 1000000, &version);
	if (version && as_of)
		query_fault(f, fs, "as_of", "together", as_of, "not with version");
	ask_return(f, &g->ask, &g->path);
	ask_text(&g->ask, version ? arena_printf(flow_arena(f), "%ld", version) : NULL);
	ask_as_of(f, &g->ask);
	return ask_ledger(f, &g->ask, LEDGER_READ_RETURN);
}

static enum next answer_read(struct flow *f, void *state)
{
	const struct filing *g = state;
	const struct reply *r = &g->ask.reply;
	struct arena *a = flow_arena(f);
	const char *row = return_row(a, g->path.employer, g->path.district, g->path.quarter);
	struct text_member opened[2] = { 0 };
	struct opening lines = { f, "vacancy" };
	enum sheet_kind kind;
	const char *body;

	if (!ask_settle(f, &g->ask))
		return ask_refuse(f, &g->ask);
	opened[0] = (struct text_member){ "contact", unseal(f, r, "return", "contact", row) };
	opened[1] = (struct text_member){ "telephone", unseal(f, r, "return", "phone", row) };
	body = codec_open_lines(a, r->body, unseal_found, &lines);
	if (wants_file(flow_request(f), &kind))
		return answer_lines_file(f, kind, body);
	tag_version(f, r->body);
	return ask_answer(f, &g->ask, codec_with_members(a, body, opened, 2));
}

const struct plan get_return = {
	.name = "GET return",
	.state_size = sizeof(struct filing),
	.steps = { { "look up", look_up }, { "answer", answer_read } },
};
