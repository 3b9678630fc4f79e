/*
 * GET /v1/<plural>: the entries of a register, filtered by the members that its rows list.
 *
 * The route says which register.  None is named here.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/list_whole.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/utf8.h"
#include "daemon/codec/entry_body.h"
#include "daemon/codec/path_ids.h"
#include "daemon/tables/choices.h"
#include "daemon/tables/registers.h"

struct filters {
	struct buf coded;
	const char *known[4 + 1 + 2 * MEMBERS_MAX];
	size_t n;
};

static void add(struct filters *fs, const char *name, const char *value)
{
	fs->known[fs->n++] = name;
	if (!value)
		return;
	buf_key(&fs->coded, name);
	buf_json(&fs->coded, value);
}

static bool is_entry_id(const char *text)
{
	return codec_decimal_id(text, &(uint64_t){ 0 });
}

static const char *query_form(struct flow *f, struct faults *faults, const char *name,
    bool (*is_right)(const char *text), const char *expected)
{
	const char *text = request_query(flow_request(f), name);

	if (!text || is_right(text))
		return text;
	query_fault(f, faults, name, "format", text, expected);
	return NULL;
}

static const char *query_whole(struct flow *f, struct faults *faults,
    const struct registry_member *m)
{
	const char *text = request_query(flow_request(f), m->name);
	size_t n = text ? strlen(text) : 0;
	bool is_number =
	    n && n <= 18 && strspn(text, "0123456789") == n && (text[0] != '0' || n == 1);
	int64_t value = is_number ? strtoll(text, NULL, 10) : -1;

	if (!text || (is_number && value >= m->min && value <= m->max))
		return text;
	query_fault(f, faults, m->name, "range", text,
	    arena_printf(flow_arena(f), "a whole number, %" PRId64 " to %" PRId64, m->min,
		m->max));
	return NULL;
}

/* What stands in a text is no longer than the text. */
static const char *query_part(struct flow *f, struct faults *faults,
    const struct registry_member *m)
{
	const char *text = request_query(flow_request(f), m->name);

	if (!text || (*text && utf8_length(text) <= (size_t)m->max))
		return text;
	query_fault(f, faults, m->name, "length", text,
	    arena_printf(flow_arena(f), "1 to %" PRId64 " characters", m->max));
	return NULL;
}

static void add_member(struct flow *f, struct faults *faults, const struct registry_member *m,
    struct filters *fs)
{
	const char *since, *before;

	switch (m->kind) {
	case MEMBER_DAY:
		since = arena_printf(flow_arena(f), "%s_since", m->name);
		before = arena_printf(flow_arena(f), "%s_before", m->name);
		add(fs, since, query_day(f, faults, since));
		add(fs, before, query_day(f, faults, before));
		return;
	case MEMBER_CHOICE:
		add(fs, m->name, query_code(f, faults, m->name, (enum code_list)m->choices));
		return;
	case MEMBER_FLAG:
		add(fs, m->name, query_flag(f, faults, m->name));
		return;
	case MEMBER_PLACE:
		add(fs, m->name, query_division(f, faults, m->name));
		return;
	case MEMBER_SEEKER:
	case MEMBER_OFFICER:
		add(fs, m->name, query_person(f, faults, m->name));
		return;
	case MEMBER_EMPLOYER:
		add(fs, m->name, query_employer(f, faults, m->name));
		return;
	case MEMBER_WHOLE:
		add(fs, m->name, query_whole(f, faults, m));
		return;
	case MEMBER_PERIOD:
		add(fs, m->name, query_form(f, faults, m->name, codec_period, PERIOD_FORM));
		return;
	case MEMBER_ENTRY:
		add(fs, m->name,
		    query_form(f, faults, m->name, is_entry_id, "an id, a text of digits"));
		return;
	case MEMBER_TEXT:
		add(fs, m->name, query_part(f, faults, m));
		return;
	case MEMBER_HEX:
	case MEMBER_UNIT: /* the ledger knows which there are */
		add(fs, m->name, request_query(flow_request(f), m->name));
		return;
	}
}

/* {"kind":"skills","from_since":"2007-07-01"} */
static const char *read_filters(struct flow *f, struct ask *ask, const struct registry *r)
{
	struct faults *faults = ask_faults(f, ask);
	struct filters fs = { .known = { "limit", "sort", "cursor", "columns" }, .n = 4 };

	buf_putc(&fs.coded, '{');
	add(&fs, "state", query_code(f, faults, "state", LIST_ENTRY_STATES));
	for (size_t i = 0; i < r->n; i++)
		if (r->members[i].listed != LISTED_NOT)
			add_member(f, faults, &r->members[i], &fs);
	buf_putc(&fs.coded, '}');
	ask_parameters(f, ask, fs.known, fs.n);
	return buf_to_arena(flow_arena(f), &fs.coded);
}

static enum next find(struct flow *f, void *state)
{
	static const struct order by_id = { "id", "n" };
	const struct registry *r = flow_request(f)->of_route;
	struct listing *l = state;

	ask_text(&l->ask, r->name);
	ask_text(&l->ask, read_filters(f, &l->ask, r));
	list_takes_whole(f, l, r->name);
	list_read(f, &by_id, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_ENTRIES);
}

const struct plan list_entries = {
	.name = "GET entries",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "find", find }, { "answer", answer_page, .again = true } },
};
