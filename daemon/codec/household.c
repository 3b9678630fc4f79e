/*
 * A household that applies for help: where it lives, what income it has beside
 * wages, who belongs to it; and who belongs to it from another day on.  Whether
 * nobody of it works is the ledger's to say.
 */
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/spot.h"

#define MEMBERS_MAX 20

static const struct choice hukou_types[] = { { "urban", 0 }, { "rural", 1 } };
/* Whose being without work does not count: they are not expected to work. */
static const struct choice exclusions[] = { { "student", 0 }, { "soldier", 1 },
	{ "early_retired", 2 } };

static void read_person(const struct spot *s, struct buf *b)
{
	static const char *const members[] = { "seeker", "able", "willing", "excluded" };
	const char *id = NULL;
	bool is_able = false;
	bool is_willing = false;
	int why = -1;

	if (!read_object(s))
		return;

	struct spot seeker = spot_required(s, "seeker");
	struct spot able = spot_required(s, "able");
	struct spot willing = spot_required(s, "willing");
	struct spot excluded = spot_member(s, "excluded");

	read_seeker_id(&seeker, &id);
	read_flag(&able, &is_able);
	read_flag(&willing, &is_willing);
	read_choice(&excluded, exclusions, COUNT(exclusions), &why);
	spot_only(s, members, COUNT(members));
	buf_comma(b);
	buf_putc(b, '{');
	write_text(b, "seeker", id);
	write_flag(b, "able", is_able);
	write_flag(b, "willing", is_willing);
	write_text(b, "excluded", why < 0 ? NULL : exclusions[why].name);
	buf_putc(b, '}');
}

static void refuse_twice(const struct spot *people, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct spot later = spot_item(people, i);
		struct spot id = spot_member(&later, "seeker");

		for (size_t j = 0; j < i; j++) {
			struct spot person = spot_item(people, j);
			struct spot first = spot_member(&person, "seeker");

			if (id.value && json_equal(first.value, id.value)) {
				spot_fault(&id, BROKEN_DUPLICATE, NULL, "each member once");
				break;
			}
		}
	}
}

static void read_people(const struct spot *people, struct buf *b)
{
	size_t n = 0;

	buf_key(b, "members");
	buf_putc(b, '[');
	if (read_list(people, 1, MEMBERS_MAX, &n)) {
		for (size_t i = 0; i < n; i++) {
			struct spot person = spot_item(people, i);

			read_person(&person, b);
		}
		refuse_twice(people, n);
	}
	buf_putc(b, ']');
}

enum read_result codec_read_household(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "community", "hukou_type", "business_income",
		"investment_income", "applied_on", "determined_on", "members" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *community_text = NULL;
	place_t place = 0;
	bool business = false;
	bool investment = false;
	bool has_applied;
	bool has_determined;
	day_t applied = 0;
	day_t determined = 0;
	int hukou = 0;
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot community = spot_required(&top, "community");
	struct spot hukou_type = spot_required(&top, "hukou_type");
	struct spot business_income = spot_required(&top, "business_income");
	struct spot investment_income = spot_required(&top, "investment_income");
	struct spot applied_on = spot_required(&top, "applied_on");
	struct spot determined_on = spot_member(&top, "determined_on");
	struct spot people = spot_required(&top, "members");

	read_place(&community, 12, &place, &community_text);
	read_choice(&hukou_type, hukou_types, COUNT(hukou_types), &hukou);
	read_flag(&business_income, &business);
	read_flag(&investment_income, &investment);
	has_applied = read_day(&applied_on, FIRST_DAY, c->today, &applied);
	has_determined = read_day(&determined_on, FIRST_DAY, c->today, &determined);
	if (has_applied && has_determined && determined < applied)
		spot_fault(&determined_on, BROKEN_ORDER, NULL, "not before applied_on");
	spot_only(&top, members, COUNT(members));

	buf_putc(&b, '{');
	write_text(&b, "community", community_text);
	write_text(&b, "hukou_type", hukou_types[hukou].name);
	write_flag(&b, "business_income", business);
	write_flag(&b, "investment_income", investment);
	write_day(&b, "applied_on", true, applied);
	write_day(&b, "determined_on", has_determined, determined);
	read_people(&people, &b);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_household_change(const struct codec *c, const char *body,
    size_t len, const char **coded)
{
	static const char *const members[] = { "members", "on" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	struct buf b = { 0 };
	day_t day = 0;
	bool has_day;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot people = spot_required(&top, "members");
	struct spot on = spot_member(&top, "on");

	has_day = read_day(&on, FIRST_DAY, c->today, &day);
	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '{');
	write_day(&b, "on", has_day, day);
	read_people(&people, &b);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}
