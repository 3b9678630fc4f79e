/*
 * Public-welfare posts (rules/public-welfare-posts), as a district approves them: one approval,
 * a number of slots, one place, one kind.
 */
#include "daemon/codec/posts.h"

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/members.h"

#define SLOTS_MAX 1000

void posts_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "approval", "employer", "community", "kind",
		"posts", "approved_on", "new", "release_on" };
	struct field approval = field_required(top, "approval");
	struct field community = field_required(top, "community");
	struct field kind = field_required(top, "kind");
	struct field posts = field_required(top, "posts");
	struct field approved_on = field_required(top, "approved_on");
	struct field new_posts = field_required(top, "new");
	struct field release_on = field_member(top, "release_on");

	take_text(approval, 1, 40, b);
	take_employer(field_member(top, "employer"), b);
	take_place(community, 12, b);
	take_text(kind, 1, 40, b);
	take_whole(posts, 1, SLOTS_MAX, b);
	take_days(&approved_on, top->codec->today, &release_on, LAST_DAY, b);
	take_flag(new_posts, b);
	field_only(top, members, COUNT(members));
}
