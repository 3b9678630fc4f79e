/*
 * A record that the mirror lacks: closed or filled, and so no longer of the board,
 * or written a moment ago through another process.
 *
 * It refuses to know what it is wanted for.  What does not exist and what the
 * caller may not see are both asked for here, so that neither answer nor time
 * tells one from the other.
 */
#include "daemon/api/records.h"

#include <inttypes.h>

#include "daemon/api/ask.h"
#include "daemon/base/arena.h"

static const char *print_id(struct arena *a, uint64_t id)
{
	return id ? arena_printf(a, "%" PRIu64, id) : NULL;
}

enum next ask_records(struct flow *f, struct ask *ask, uint64_t seeker, uint64_t vacancy)
{
	ask_text(ask, print_id(flow_arena(f), seeker));
	ask_text(ask, print_id(flow_arena(f), vacancy));
	ask_text(ask, flow_request(f)->method == METHOD_POST ? "/" : "path/");
	return ask_again(f, ask, LEDGER_READ_RECORDS);
}
