/*
 * A household that applies for help: where it lives, what income it has beside
 * wages, who belongs to it; and who belongs to it from another day on.  Whether
 * nobody of it works is the ledger's to say (rules/zero-employment-household).
 */
#include "daemon/codec/household.h"

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/members.h"
#include "daemon/codec/read_codes.h"

#define MEMBERS_MAX 20

static void person_body(const struct field *s, struct buf *b)
{
	/* From `rank` on as it was read, and passed over. */
	static const char *const members[] = { "seeker", "able", "willing", "excluded", "rank",
		"fails", "reported", "joined_on" };
	struct field able = field_required(s, "able");
	struct field willing = field_required(s, "willing");

	take_seeker(s, b);
	take_flag(able, b);
	take_flag(willing, b);
	take_choice(field_member(s, "excluded"), LIST_HOUSEHOLD_EXCLUSIONS, b);
	field_only(s, members, COUNT(members));
}

static void take_people(const struct field *people, struct buf *b)
{
	if (take_list(*people, 1, MEMBERS_MAX, person_body, b))
		field_once(people, "seeker", NULL, "each member once");
}

void household_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "community", "hukou_type", "business_income",
		"investment_income", "applied_on", "determined_on", "members" };
	day_t today = top->codec->today;
	struct field community = field_required(top, "community");
	struct field hukou_type = field_required(top, "hukou_type");
	struct field business_income = field_required(top, "business_income");
	struct field investment_income = field_required(top, "investment_income");
	struct field applied_on = field_required(top, "applied_on");
	struct field determined_on = field_member(top, "determined_on");
	struct field people = field_required(top, "members");

	take_place(community, 12, b);
	take_choice(hukou_type, LIST_HUKOU_TYPES, b);
	take_flag(business_income, b);
	take_flag(investment_income, b);
	take_days(&applied_on, today, &determined_on, today, b);
	take_people(&people, b);
	field_only(top, members, COUNT(members));
}

void household_change_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "members", "on" };
	struct field people = field_required(top, "members");

	take_day(field_member(top, "on"), FIRST_DAY, top->codec->today, b);
	take_people(&people, b);
	field_only(top, members, COUNT(members));
}
