/*
 * Public-welfare posts, as a district approves them: one approval, a number of
 * slots, one place, one kind.
 */
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/spot.h"

#define SLOTS_MAX 1000

enum read_result codec_read_posts(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "approval", "employer", "community", "kind",
		"posts", "approved_on", "new", "release_on" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *approval_text = NULL;
	const char *employer_text = NULL;
	const char *community_text = NULL;
	const char *kind_text = NULL;
	place_t place = 0;
	int64_t n = 0;
	day_t day = 0;
	day_t released = 0;
	bool has_release;
	bool is_new = false;
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot approval = spot_required(&top, "approval");
	struct spot employer = spot_member(&top, "employer");
	struct spot community = spot_required(&top, "community");
	struct spot kind = spot_required(&top, "kind");
	struct spot posts = spot_required(&top, "posts");
	struct spot approved_on = spot_required(&top, "approved_on");
	struct spot new_posts = spot_required(&top, "new");
	struct spot release_on = spot_member(&top, "release_on");

	read_text(&approval, 1, 40, &approval_text);
	read_employer(&employer, &employer_text);
	read_place(&community, 12, &place, &community_text);
	read_text(&kind, 1, 40, &kind_text);
	read_whole(&posts, 1, SLOTS_MAX, &n);
	read_day(&approved_on, FIRST_DAY, c->today, &day);
	read_flag(&new_posts, &is_new);
	has_release = read_day(&release_on, FIRST_DAY, LAST_DAY, &released);
	if (has_release && released < day)
		spot_fault(&release_on, BROKEN_ORDER, NULL, "not before approved_on");
	spot_only(&top, members, COUNT(members));

	buf_putc(&b, '{');
	write_text(&b, "approval", approval_text);
	write_text(&b, "employer", employer_text);
	write_text(&b, "community", community_text);
	write_text(&b, "kind", kind_text);
	write_number(&b, "posts", n);
	write_day(&b, "approved_on", true, day);
	write_flag(&b, "new", is_new);
	if (has_release)
		write_day(&b, "release_on", true, released);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}
