/*
 * An entry of a register: every body that config/data/registers.tsv describes.
 *
 * It knows the kinds of members and none of the registers.  What holds between members beside
 * the order of two days, and which register an entry may name, is the ledger's to say.
 * Persons are written as the number of their row.
 */
#include "daemon/codec/entry_body.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/base/hex.h"
#include "daemon/codec/field.h"
#include "daemon/codec/members.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/writers.h"
#include "daemon/tables/registers.h"
#include "matcher/codes.h"

#define EVIDENCE_MAX 10

static void take_person(const struct field *s, struct buf *b)
{
	const char *text = NULL;
	uint64_t id = 0;

	if (read_seeker_id(s, &text) && codec_seeker_id(text, &id))
		text = arena_printf(s->codec->arena, "%" PRIu64, id);
	write_text(b, s->key, text);
}

bool codec_period(const char *text)
{
	size_t n = strlen(text);

	if (n < 4 || strspn(text, "0123456789") < 4 || text[0] == '0')
		return false;
	if (n == 6)
		return text[4] == 'Q' && text[5] >= '1' && text[5] <= '4';
	if (n == 7)
		return text[4] == '-' &&
		       ((text[5] == '0' && text[6] >= '1' && text[6] <= '9') ||
			   (text[5] == '1' && text[6] >= '0' && text[6] <= '2'));
	return n == 4;
}

static void take_period(const struct field *s, struct buf *b)
{
	const char *text = NULL;

	if (read_raw(s, &text) && !codec_period(text)) {
		field_fault(s, BROKEN_FORMAT, NULL, PERIOD_FORM);
		text = NULL;
	}
	write_text(b, s->key, text);
}

static void take_hex(const struct field *s, size_t n, struct buf *b)
{
	const char *text = NULL;
	char *digits = NULL;

	if (read_raw(s, &text)) {
		digits = arena_strdup(s->codec->arena, text);
		for (char *c = digits; *c; c++)
			if (*c >= 'A' && *c <= 'F')
				*c = (char)(*c - 'A' + 'a');
		if (strlen(digits) != n || strspn(digits, HEX_DIGITS) != n) {
			field_fault(s, BROKEN_FORMAT, NULL,
			    arena_printf(s->codec->arena, "%zu hex digits", n));
			digits = NULL;
		}
	}
	write_text(b, s->key, digits);
}

/* Whether it comes before the earlier member, when both are days. */
static void check_order(const struct field *s, const char *after)
{
	const char *text = json_string_value(s->value);
	const char *first = json_string_value(json_object_get(s->in->value, after));
	day_t from, to;

	if (text && first && day_parse(text, &to) && day_parse(first, &from) && to < from)
		field_fault(s, BROKEN_ORDER, NULL,
		    arena_printf(s->codec->arena, "not before %s", after));
}

/* The tables of areas are here, and not in the ledger (rules/recognised-codes). */
static void refuse_known_area(const struct field *s)
{
	const char *text = json_string_value(s->value);
	place_t place;

	if (text && place_parse(text, 6, &place) == CODE_OK && is_area(s->codec, place))
		field_fault(s, BROKEN_AREA_KNOWN, NULL,
		    "6 digits of an area that no table has");
}

static void take_member(const struct field *s, const struct registry_member *m, struct buf *b)
{
	switch (m->kind) {
	case MEMBER_TEXT:
		take_text(*s, (size_t)m->min, (size_t)m->max, b);
		if (m->not_an_area)
			refuse_known_area(s);
		return;
	case MEMBER_HEX:
		take_hex(s, (size_t)m->min, b);
		return;
	case MEMBER_WHOLE:
		take_whole(*s, m->min, m->max, b);
		return;
	case MEMBER_FLAG:
		take_flag(*s, b);
		return;
	case MEMBER_DAY:
		take_day(*s, FIRST_DAY, m->not_to_come ? s->codec->today : LAST_DAY, b);
		if (m->after)
			check_order(s, m->after);
		return;
	case MEMBER_CHOICE:
		if (s->value || !m->otherwise)
			take_choice(*s, (enum code_list)m->choices, b);
		else
			write_text(b, s->key, m->otherwise);
		return;
	case MEMBER_PLACE:
		take_place(*s, (int)m->min, b);
		return;
	case MEMBER_SEEKER:
	case MEMBER_OFFICER:
		take_person(s, b);
		return;
	case MEMBER_EMPLOYER:
		take_employer(*s, b);
		return;
	case MEMBER_UNIT:
		take_text(*s, 1, 20, b);
		return;
	case MEMBER_PERIOD:
		take_period(s, b);
		return;
	case MEMBER_ENTRY:
		take_decimal_id(*s, b);
		return;
	}
}

/* The members of a register, and `also` beside them; a change takes those that are stated,
 * null where one is taken away. */
static void take_members(const struct field *top, const struct registry *r, bool is_change,
    const char *const *also, size_t n_also, struct buf *b)
{
	const char **known = arena_alloc(top->codec->arena, (r->n + n_also) * sizeof(*known));

	for (size_t i = 0; i < r->n; i++) {
		const struct registry_member *m = &r->members[i];
		bool is_named = json_object_get(top->value, m->name) != NULL;
		bool by_number = m->kind == MEMBER_SEEKER && !is_named && names_by_number(top);
		bool is_needed = m->say != SAY_MAY && (!is_change || is_named) && !by_number;
		struct field s =
		    is_needed ? field_required(top, m->name) : field_member(top, m->name);

		known[i] = m->name;
		if (by_number) {
			write_text(b, "blind_of", m->name);
			take_number(top, b);
		} else if (is_change && is_named && m->say == SAY_ONCE) {
			field_fault(&s, BROKEN_FIXED, NULL, "no such member in a change");
		} else if (!is_change || is_named) {
			take_member(&s, m, b);
		}
	}
	for (size_t i = 0; i < n_also; i++)
		known[r->n + i] = also[i];
	field_only(top, known, r->n + n_also);
}

static void evidence_body(const struct field *s, struct buf *b)
{
	take_members(s, registry_named("evidence"), false, NULL, 0, b);
}

/* Since when it is so, and on what it rests. */
static const char *const beside[] = { "on", "evidence" };

static void take_beside(const struct field *top, struct buf *b)
{

	take_day(field_member(top, "on"), FIRST_DAY, top->codec->today, b);
	take_list(field_member(top, "evidence"), 0, EVIDENCE_MAX, evidence_body, b);
}

void entry_body(const struct field *top, struct buf *b)
{
	take_members(top, top->codec->registry, false, beside, COUNT(beside), b);
	take_beside(top, b);
}

void entry_change_body(const struct field *top, struct buf *b)
{
	take_members(top, top->codec->registry, true, beside, COUNT(beside), b);
	take_beside(top, b);
}

void entry_end_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "reason", "on", "evidence" };
	struct field reason = field_required(top, "reason");

	take_member(&reason, &top->codec->registry->reason, b);
	take_beside(top, b);
	field_only(top, members, COUNT(members));
}
