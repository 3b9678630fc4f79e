/*
 * An employer: its name, its kind, and the districts it files to, since when.
 *
 * The code stands in the path.  A site makes it liable in a district; the
 * ledger keeps the dates.
 */
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/spot.h"

#define SITES_MAX 64

static void read_site(const struct spot *s, struct buf *b)
{
	static const char *const members[] = { "district", "since" };
	const char *text = NULL;
	place_t place;
	day_t day = 0;

	if (!read_object(s))
		return;

	struct spot district = spot_required(s, "district");
	struct spot since = spot_required(s, "since");

	read_place(&district, 6, &place, &text);
	read_day(&since, FIRST_DAY, LAST_DAY, &day);
	spot_only(s, members, COUNT(members));
	buf_comma(b);
	buf_putc(b, '{');
	write_text(b, "district", text);
	write_day(b, "since", true, day);
	buf_putc(b, '}');
}

static void refuse_twice(const struct spot *sites, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct spot later = spot_item(sites, i);
		struct spot district = spot_member(&later, "district");

		for (size_t j = 0; j < i; j++) {
			struct spot site = spot_item(sites, j);
			struct spot first = spot_member(&site, "district");

			if (district.value && json_equal(first.value, district.value)) {
				spot_fault(&district, BROKEN_DUPLICATE, NULL,
				    "each district once");
				break;
			}
		}
	}
}

enum read_result codec_read_employer(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "name", "kind", "sites" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *kind_text = NULL;
	const char *name_text = NULL;
	struct buf b = { 0 };
	size_t n = 0;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot name = spot_required(&top, "name");
	struct spot kind = spot_member(&top, "kind");
	struct spot sites = spot_required(&top, "sites");

	read_text(&name, 1, 100, &name_text);
	read_text(&kind, 1, 40, &kind_text);
	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '{');
	write_text(&b, "name", name_text);
	write_text(&b, "kind", kind_text);
	buf_key(&b, "sites");
	buf_putc(&b, '[');
	if (read_list(&sites, 1, SITES_MAX, &n)) {
		for (size_t i = 0; i < n; i++) {
			struct spot site = spot_item(&sites, i);

			read_site(&site, &b);
		}
		refuse_twice(&sites, n);
	}
	buf_puts(&b, "]}");
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}
