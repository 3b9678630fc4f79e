/*
 * Public-welfare posts, as a district approves them: one approval, a number of
 * slots, one place, one kind.
 */
#include "daemon/codec/spot.h"

#define SLOTS_MAX 1000

void posts_body(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "approval", "employer", "community", "kind",
		"posts", "approved_on", "new", "release_on" };
	struct spot approval = spot_required(top, "approval");
	struct spot employer = spot_member(top, "employer");
	struct spot community = spot_required(top, "community");
	struct spot kind = spot_required(top, "kind");
	struct spot posts = spot_required(top, "posts");
	struct spot approved_on = spot_required(top, "approved_on");
	struct spot new_posts = spot_required(top, "new");
	struct spot release_on = spot_member(top, "release_on");

	take_text(&approval, 1, 40, b);
	take_employer(&employer, b);
	take_place(&community, 12, b);
	take_text(&kind, 1, 40, b);
	take_whole(&posts, 1, SLOTS_MAX, b);
	take_days(&approved_on, top->codec->today, &release_on, LAST_DAY, b);
	take_flag(&new_posts, b);
	spot_only(top, members, COUNT(members));
}
