/*
 * GET /v1/looks: who looked at a person's file, or at whose files an officer
 * looked.  GET /v1/actions: what was done, and by whom.
 *
 * Both are lists of what the ledger wrote in the same transaction as the look
 * or the write itself, newest first; nothing here can be changed (rules/looks).
 */
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"

static const struct order newest = { "newest", "n" };

static enum next find_looks(struct flow *f, void *state)
{
	static const char *const parameters[] = { "seeker", "officer", "limit", "sort",
		"cursor" };
	const struct request *r = flow_request(f);
	struct listing *l = state;
	struct faults *fs = ask_faults(f, &l->ask);

	ask_parameters(f, &l->ask, parameters, 5);
	if (!request_query(r, "seeker") && !request_query(r, "officer"))
		query_fault(f, fs, "seeker", "required", NULL, "seeker, officer, or both");
	ask_text(&l->ask, query_person(f, fs, "seeker"));
	ask_text(&l->ask, query_person(f, fs, "officer"));
	list_read(f, &newest, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_LOOKS);
}

const struct plan get_looks = {
	.name = "GET looks",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "find", find_looks }, { "answer", answer_page, .again = true } },
};

/* Each action is that of a route, but the one that is kept of the admin's socket. */
static bool is_action(const char *op)
{
	if (strcmp(op, "clock.move") == 0)
		return true;
	for (size_t i = 0; i < n_api_routes; i++)
		if (api_routes[i].action && strcmp(api_routes[i].action, op) == 0)
			return true;
	return false;
}

static enum next find_actions(struct flow *f, void *state)
{
	static const char *const parameters[] = { "officer", "op", "limit", "sort", "cursor" };
	const char *op = request_query(flow_request(f), "op");
	struct listing *l = state;
	struct faults *fs = ask_faults(f, &l->ask);

	ask_parameters(f, &l->ask, parameters, 5);
	if (op && !is_action(op))
		query_fault(f, fs, "op", "unknown-code", op,
		    "an action of the table of authorisation: placements.create");
	ask_text(&l->ask, query_person(f, fs, "officer"));
	ask_text(&l->ask, op);
	list_read(f, &newest, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_ACTIONS);
}

const struct plan get_actions = {
	.name = "GET actions",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "find", find_actions }, { "answer", answer_page, .again = true } },
};
