/*
 * Officers: a person of an organisation with her post, division and days; and
 * what she hands to another for some of them.
 *
 * Which organisation may be named, and whether the division lies within it, is
 * the ledger's to say.
 */
#include "daemon/codec/officer.h"

#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/members.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/writers.h"

/* A division prefix: four to twelve digits. */
static void read_scope(const struct field *s, const char **out)
{
	const char *text = NULL;
	size_t n;

	if (!read_raw(s, &text))
		return;
	n = strlen(text);
	if (n < 4 || n > 12 || strspn(text, "0123456789") != n)
		field_fault(s, BROKEN_FORMAT, NULL, "a division prefix of 4 to 12 digits");
	else
		*out = scope_written(s->codec, text);
}

/* What is not said of them is the ledger's to say, and not written. */
static void take_term(const struct field *from, const struct field *until, struct buf *b)
{
	day_t first = 0, last = 0;
	bool has_first = read_day(from, FIRST_DAY, LAST_DAY, &first);
	bool has_last = read_day(until, from->codec->today, LAST_DAY, &last);

	if (has_first && has_last && last < first)
		field_fault(until, BROKEN_ORDER, NULL, "not before from");
	if (has_first)
		write_day(b, from->key, true, first);
	if (has_last)
		write_day(b, until->key, true, last);
}

static void take_scope(const struct field *s, struct buf *b)
{
	const char *text = NULL;

	read_scope(s, &text);
	write_text(b, s->key, text);
}

void officer_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "name", "post", "scope", "lead", "from", "until",
		"role", "organisation" };
	struct field name = field_required(top, "name");
	struct field post = field_required(top, "post");
	struct field scope = field_required(top, "scope"); /* what is left out gives nothing */
	struct field role = field_member(top, "role");
	struct field organisation = field_member(top, "organisation");
	struct field from = field_member(top, "from");
	struct field until = field_member(top, "until");
	bool has_role, has_organisation;

	take_text(name, 1, 40, b);
	take_text(post, 1, 40, b);
	take_scope(&scope, b);
	take_flag(field_member(top, "lead"), b);
	has_role = take_choice(role, LIST_ROLES, b);
	has_organisation = take_text(organisation, 1, 120, b);
	if (has_role != has_organisation)
		field_fault(has_role ? &organisation : &role, BROKEN_TOGETHER, NULL,
		    "role and organisation, or neither");
	take_term(&from, &until, b);
	field_only(top, members, COUNT(members));
}

/* Merge patch: what is not named stays. */
void officer_change_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "name", "post", "scope", "lead", "until",
		"revoked" };
	struct field name = field_member(top, "name");
	struct field post = field_member(top, "post");
	bool has_scope = json_object_get(top->value, "scope");
	/* null is no scope, and that is none that could be given */
	struct field scope =
	    has_scope ? field_required(top, "scope") : field_member(top, "scope");
	struct field lead = field_member(top, "lead");
	struct field until = field_member(top, "until");
	struct field revoked = field_member(top, "revoked");

	if (name.value)
		take_text(name, 1, 40, b);
	if (post.value)
		take_text(post, 1, 40, b);
	if (scope.value)
		take_scope(&scope, b);
	if (lead.value)
		take_flag(lead, b);
	if (until.value)
		take_day(until, FIRST_DAY, LAST_DAY, b);
	if (revoked.value)
		take_flag(revoked, b);
	if (json_is_false(revoked.value))
		field_fault(&revoked, BROKEN_CHOICE, NULL,
		    "true; who was revoked is registered again");
	field_only(top, members, COUNT(members));
}

void delegation_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "to", "scope", "from", "until" };
	struct field to = field_required(top, "to");
	struct field scope = field_required(top, "scope");
	struct field from = field_member(top, "from");
	struct field until = field_required(top, "until"); /* a delegation ends */

	take_seeker_id(to, b);
	take_scope(&scope, b);
	take_term(&from, &until, b);
	field_only(top, members, COUNT(members));
}

void secret_code_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "code" };

	take_text(field_required(top, "code"), 43, 43, b);
	field_only(top, members, COUNT(members));
}
