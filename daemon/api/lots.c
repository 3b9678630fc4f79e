/*
 * GET /v1/lots and the records of one (rules/lots).
 *
 * Who sees a lot, what was drawn, and what a decision does is the ledger's to say.
 */
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/base/count.h"

static enum next find_lots(struct flow *f, void *state)
{
	static const char *const known[] = { "state", "kind", "limit", "sort", "cursor" };
	static const struct order newest = { "newest", "n" };
	struct listing *l = state;
	struct faults *fs = ask_faults(f, &l->ask);

	ask_parameters(f, &l->ask, known, COUNT(known));
	ask_text(&l->ask, query_code(f, fs, "state", LIST_LOT_STATES));
	ask_text(&l->ask, query_code(f, fs, "kind", LIST_LOT_KINDS));
	list_read(f, &newest, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_LOTS);
}

const struct plan list_lots = {
	.name = "GET lots",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "find", find_lots }, { "answer", answer_page, .again = true } },
};

static enum next find_records(struct flow *f, void *state)
{
	static const char *const known[] = { "sample", "outcome", "limit", "sort", "cursor" };
	static const struct order in_order = { "record", "n" };
	struct listing *l = state;
	struct faults *fs = ask_faults(f, &l->ask);

	ask_parameters(f, &l->ask, known, COUNT(known));
	ask_id(f, &l->ask, 0);
	ask_text(&l->ask, query_flag(f, fs, "sample"));
	ask_text(&l->ask, query_code(f, fs, "outcome", LIST_LOT_OUTCOMES));
	list_read(f, &in_order, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_LOT_RECORDS);
}

const struct plan list_lot_records = {
	.name = "GET lot records",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "find", find_records }, { "answer", answer_page, .again = true } },
};
