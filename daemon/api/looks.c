/*
 * GET /v1/looks: who looked at a person's file, or at whose files an officer
 * looked.  GET /v1/actions: what was done, and by whom.
 *
 * Both are lists of what the ledger wrote in the same transaction as the look
 * or the write itself, newest first; nothing here can be changed.
 */
#include <string.h>

#include "daemon/api/common.h"
#include "daemon/api/cursor.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"

static const struct order newest = { "newest", "n" };

/* ?name= as an id of 16 hex digits becomes the next argument, or NULL. */
static void ask_id(struct flow *f, struct faults *fs, struct ask *ask, const char *name)
{
	const char *text = request_query(flow_request(f), name);
	uint64_t id;

	if (!text) {
		ask_text(ask, NULL);
	} else if (!codec_seeker_id(text, &id)) {
		input_fault(fs, arena_printf(flow_arena(f), "query/%s", name), "format", text,
		    "an id of 16 hex digits");
	} else {
		ask_text(ask, person_row(flow_arena(f), id));
	}
}

static enum next find_looks(struct flow *f, void *state)
{
	static const char *const parameters[] = { "person", "officer", "limit", "sort",
		"cursor" };
	const struct request *r = flow_request(f);
	struct faults *fs = faults_new(f);
	struct listing *l = state;

	query_only(f, fs, parameters, 5);
	if (!request_query(r, "person") && !request_query(r, "officer"))
		input_fault(fs, "query/person", "required", NULL, "person, officer, or both");
	ask_id(f, fs, &l->ask, "person");
	ask_id(f, fs, &l->ask, "officer");
	list_read(f, fs, &newest, 1, l);
	if (list_refuse(f, fs, l) == STEP_DONE)
		return STEP_DONE;
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_LOOKS);
}

const struct plan get_looks = {
	.name = "GET looks",
	.state_size = sizeof(struct listing),
	.steps = { { "find", find_looks }, { "answer", answer_page } },
};

static enum next find_actions(struct flow *f, void *state)
{
	static const char *const parameters[] = { "officer", "op", "limit", "sort", "cursor" };
	const char *op = request_query(flow_request(f), "op");
	struct faults *fs = faults_new(f);
	struct listing *l = state;

	query_only(f, fs, parameters, 5);
	if (op && (strlen(op) > 60 || strspn(op, "abcdefghijklmnopqrstuvwxyz.-") != strlen(op)))
		input_fault(fs, "query/op", "format", op, "an action: placements.create");
	ask_id(f, fs, &l->ask, "officer");
	ask_text(&l->ask, op);
	list_read(f, fs, &newest, 1, l);
	if (list_refuse(f, fs, l) == STEP_DONE)
		return STEP_DONE;
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_ACTIONS);
}

const struct plan get_actions = {
	.name = "GET actions",
	.state_size = sizeof(struct listing),
	.steps = { { "find", find_actions }, { "answer", answer_page } },
};
