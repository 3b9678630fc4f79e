/*
 * GET /v1/decisions: what waits for a second hand, and what was decided by one
 * (rules/decisions).
 *
 * Which kinds there are, who sees them and who may decide is the ledger's to say.
 */
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"

static enum next find(struct flow *f, void *state)
{
	static const char *const known[] = { "state", "kind", "quick", "limit", "sort",
		"cursor" };
	static const struct order by_kind = { "kind", "nn" };
	struct listing *l = state;
	struct faults *fs = ask_faults(f, &l->ask);
	bool decided =
	    query_choice(f, fs, "state", LIST_DECISION_STATES) == DECISION_STATES_DECIDED;
	const char *quick = query_flag(f, fs, "quick");

	ask_parameters(f, &l->ask, known, 6);
	if (quick && !decided)
		query_fault(f, fs, "quick", "together", quick, "state=decided with it");
	ask_text(&l->ask, decided ? "true" : "false");
	ask_text(&l->ask, query_code(f, fs, "kind", LIST_DECISION_KINDS));
	ask_text(&l->ask, quick);
	list_read(f, &by_kind, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_DECISIONS);
}

const struct plan get_decisions = {
	.name = "GET decisions",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "find", find }, { "answer", answer_page, .again = true } },
};
