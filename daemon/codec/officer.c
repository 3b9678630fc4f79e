/*
 * Officers: a person of an organisation with her post, division and days; and
 * what she hands to another for some of them.
 *
 * Which organisation may be named, and whether the division lies within it, is
 * the ledger's to say.
 */
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/spot.h"

/* A division prefix: four to twelve digits. */
static void read_scope(const struct spot *s, const char **out)
{
	const char *text = NULL;
	size_t n;

	if (!read_raw(s, &text))
		return;
	n = strlen(text);
	if (n < 4 || n > 12 || strspn(text, "0123456789") != n)
		spot_fault(s, BROKEN_FORMAT, NULL, "a division prefix of 4 to 12 digits");
	else
		*out = text;
}

static const struct choice roles[] = { { "employer", 0 }, { "agency", 1 }, { "bureau", 2 },
	{ "auditor", 3 } };

struct officer_days {
	bool has_from, has_until;
	day_t from, until;
};

static struct officer_days read_days(const struct codec *c, const struct spot *top)
{
	struct spot from = spot_member(top, "from");
	struct spot until = spot_member(top, "until");
	struct officer_days d = { 0 };

	d.has_from = read_day(&from, FIRST_DAY, LAST_DAY, &d.from);
	d.has_until = read_day(&until, c->today, LAST_DAY, &d.until);
	if (d.has_from && d.has_until && d.until < d.from)
		spot_fault(&until, BROKEN_ORDER, NULL, "not before from");
	return d;
}

static void write_days(struct buf *b, const struct officer_days *d)
{
	if (d->has_from)
		write_day(b, "from", true, d->from);
	if (d->has_until)
		write_day(b, "until", true, d->until);
}

enum read_result codec_read_officer(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "name", "post", "scope", "lead", "from", "until",
		"role", "organisation" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *name_text = NULL, *post_text = NULL, *scope_text = NULL, *of_text = NULL;
	struct officer_days days;
	bool leads = false;
	struct buf b = { 0 };
	int role_at = -1;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot name = spot_required(&top, "name");
	struct spot post = spot_required(&top, "post");
	struct spot scope = spot_member(&top, "scope");
	struct spot lead = spot_member(&top, "lead");
	struct spot role = spot_member(&top, "role");
	struct spot organisation = spot_member(&top, "organisation");

	read_text(&name, 1, 40, &name_text);
	read_text(&post, 1, 40, &post_text);
	read_scope(&scope, &scope_text);
	read_flag(&lead, &leads);
	read_choice(&role, roles, COUNT(roles), &role_at);
	read_text(&organisation, 1, 120, &of_text);
	if (!of_text != (role_at < 0))
		spot_fault(of_text ? &role : &organisation, BROKEN_TOGETHER, NULL,
		    "role and organisation, or neither");
	days = read_days(c, &top);
	spot_only(&top, members, COUNT(members));

	buf_putc(&b, '{');
	write_text(&b, "name", name_text);
	write_text(&b, "post", post_text);
	write_text(&b, "scope", scope_text);
	write_flag(&b, "lead", leads);
	write_text(&b, "role", name_of(roles, role_at));
	write_text(&b, "organisation", of_text);
	write_days(&b, &days);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

/* Merge patch: what is not named stays. */
enum read_result codec_read_officer_change(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "name", "post", "scope", "lead", "until",
		"revoked" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *text = NULL;
	struct buf b = { 0 };
	bool flag = false;
	day_t day = 0;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot name = spot_member(&top, "name");
	struct spot post = spot_member(&top, "post");
	struct spot scope = spot_member(&top, "scope");
	struct spot lead = spot_member(&top, "lead");
	struct spot until = spot_member(&top, "until");
	struct spot revoked = spot_member(&top, "revoked");

	buf_putc(&b, '{');
	if (read_text(&name, 1, 40, &text))
		write_text(&b, "name", text);
	if (read_text(&post, 1, 40, &text))
		write_text(&b, "post", text);
	text = NULL;
	read_scope(&scope, &text);
	if (text ||
	    json_is_null(json_object_get(tree, "scope"))) /* null: no bound of her own */
		write_text(&b, "scope", text);
	if (read_flag(&lead, &flag))
		write_flag(&b, "lead", flag);
	if (read_day(&until, FIRST_DAY, LAST_DAY, &day))
		write_day(&b, "until", true, day);
	if (read_flag(&revoked, &flag)) {
		if (!flag)
			spot_fault(&revoked, BROKEN_CHOICE, NULL,
			    "true; who was revoked is registered again");
		write_flag(&b, "revoked", flag);
	}
	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_delegation(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "to", "scope", "from", "until" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *to_text = NULL, *scope_text = NULL;
	struct officer_days days;
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot to = spot_required(&top, "to");
	struct spot scope = spot_member(&top, "scope");
	struct spot until = spot_required(&top, "until");

	(void)until; /* a delegation ends */
	read_seeker_id(&to, &to_text);
	read_scope(&scope, &scope_text);
	days = read_days(c, &top);
	spot_only(&top, members, COUNT(members));

	buf_putc(&b, '{');
	write_text(&b, "to", to_text);
	write_text(&b, "scope", scope_text);
	write_days(&b, &days);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}
