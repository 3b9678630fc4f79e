/*
 * {"now": "2007-07-10T09:00:00+08:00"}.
 *
 * Whether the clock may go there is the ledger's to say.
 */
#include "daemon/codec/clock_move.h"

#include "daemon/base/count.h"
#include "daemon/codec/read.h"
#include "daemon/codec/writers.h"

void clock_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "now" };
	struct field now = field_required(top, "now");
	const char *text = NULL;

	read_instant(&now, &text);
	write_text(b, "now", text);
	field_only(top, members, COUNT(members));
}
