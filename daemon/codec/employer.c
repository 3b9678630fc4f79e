/*
 * An employer: its name, its kind, and the districts it files to, since when.
 *
 * The code stands in the path.  A site makes it liable in a district; the
 * ledger keeps the dates.
 */
#include "daemon/codec/spot.h"

#define SITES_MAX 64

static void site_body(const struct spot *s, struct buf *b)
{
	static const char *const members[] = { "district", "since" };
	struct spot district = spot_required(s, "district");
	struct spot since = spot_required(s, "since");

	take_place(&district, 6, b);
	take_day(&since, FIRST_DAY, LAST_DAY, b);
	spot_only(s, members, COUNT(members));
}

void employer_body(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "name", "kind", "sites" };
	struct spot name = spot_required(top, "name");
	struct spot kind = spot_member(top, "kind");
	struct spot sites = spot_required(top, "sites");

	take_text(&name, 1, 100, b);
	take_text(&kind, 1, 40, b);
	if (take_list(&sites, 1, SITES_MAX, site_body, b))
		spot_once(&sites, "district", "each district once");
	spot_only(top, members, COUNT(members));
}
