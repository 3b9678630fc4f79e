/*
 * An employer: its name and since when, its kind, and the districts it files to, since when.
 *
 * The code stands in the path.  A site makes it liable in a district; the
 * ledger keeps the dates.  One with an end is the past, as it was read.
 */
#include "daemon/codec/employer.h"

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/members.h"

#define SITES_MAX 64

static void site_body(const struct field *s, struct buf *b)
{
	static const char *const members[] = { "district", "since", "until" };
	struct field district = field_required(s, "district");
	struct field since = field_required(s, "since");

	take_place(district, 6, b);
	take_day(since, FIRST_DAY, LAST_DAY, b);
	take_day(field_member(s, "until"), FIRST_DAY, LAST_DAY, b);
	field_only(s, members, COUNT(members));
}

void employer_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "name", "name_since", "kind", "sites",
		"reason" };
	static const char *const read_only[] = { "employer", "code_recognised", "registered_on",
		"names", "corrections", "newer_stands" };
	struct field name = field_required(top, "name");
	struct field sites = field_required(top, "sites");

	take_text(name, 1, 100, b);
	take_day(field_member(top, "name_since"), FIRST_DAY, top->codec->today, b);
	take_text(field_member(top, "kind"), 1, 40, b);
	take_text(field_member(top, "reason"), 1, 200, b);
	if (take_list(sites, 1, SITES_MAX, site_body, b))
		field_once(&sites, "district", "until", "each district once");
	field_read_only(top, read_only, COUNT(read_only));
	field_only(top, members, COUNT(members));
}
