/*
 * A household that applies for help: where it lives, what income it has beside
 * wages, who belongs to it; and who belongs to it from another day on.  Whether
 * nobody of it works is the ledger's to say.
 */
#include "daemon/codec/spot.h"

#define MEMBERS_MAX 20

/* Whose being without work does not count: they are not expected to work. */
static const struct choice exclusions[] = { { "student", 0 }, { "soldier", 1 },
	{ "early_retired", 2 } };

static void person_body(const struct spot *s, struct buf *b)
{
	static const char *const members[] = { "seeker", "able", "willing", "excluded" };
	struct spot seeker = spot_required(s, "seeker");
	struct spot able = spot_required(s, "able");
	struct spot willing = spot_required(s, "willing");
	struct spot excluded = spot_member(s, "excluded");

	take_seeker_id(&seeker, b);
	take_flag(&able, b);
	take_flag(&willing, b);
	take_choice(&excluded, exclusions, COUNT(exclusions), b);
	spot_only(s, members, COUNT(members));
}

static void take_people(const struct spot *people, struct buf *b)
{
	if (take_list(people, 1, MEMBERS_MAX, person_body, b))
		spot_once(people, "seeker", "each member once");
}

void household_body(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "community", "hukou_type", "business_income",
		"investment_income", "applied_on", "determined_on", "members" };
	day_t today = top->codec->today;
	struct spot community = spot_required(top, "community");
	struct spot hukou_type = spot_required(top, "hukou_type");
	struct spot business_income = spot_required(top, "business_income");
	struct spot investment_income = spot_required(top, "investment_income");
	struct spot applied_on = spot_required(top, "applied_on");
	struct spot determined_on = spot_member(top, "determined_on");
	struct spot people = spot_required(top, "members");

	take_place(&community, 12, b);
	take_choice(&hukou_type, hukou_choices, HUKOU_CHOICES, b);
	take_flag(&business_income, b);
	take_flag(&investment_income, b);
	take_days(&applied_on, today, &determined_on, today, b);
	take_people(&people, b);
	spot_only(top, members, COUNT(members));
}

void household_change_body(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "members", "on" };
	struct spot people = spot_required(top, "members");
	struct spot on = spot_member(top, "on");

	take_day(&on, FIRST_DAY, top->codec->today, b);
	take_people(&people, b);
	spot_only(top, members, COUNT(members));
}
