/*
 * /v1/officers: the people behind an organisation's keys, and who stands in for
 * whom.
 *
 * A secret is made here and stands in one answer; the ledger has its hash.  The
 * surprising thing: a repeated POST is answered without the secret, which is
 * nowhere any more; POST .../secret makes another.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/api/common.h"
#include "daemon/api/cursor.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/vault/vault.h"

struct registering {
	struct ask ask;
	uint64_t id;
	char secret[48];
	uint8_t hash[SECRET_LEN];
};

static void new_secret(struct registering *g)
{
	char unused[17];

	vault_new_secret(unused, g->secret);
	vault_hash_secret(g->secret, g->hash);
}

static enum next read_officer(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct registering *g = state;
	enum read_result result;
	const char *coded;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_officer(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	g->id = vault_random_id();
	new_secret(g);
	ask_text(&g->ask, person_row(flow_arena(f), g->id));
	ask_bytes(&g->ask, g->hash, sizeof(g->hash));
	ask_text(&g->ask, coded);
	return ask_ledger(f, &g->ask, LEDGER_CREATE_OFFICER);
}

static enum next show_once(struct flow *f, void *state)
{
	struct registering *g = state;
	struct text_member actor = { "actor", NULL };

	if (!ask_settle(f, &g->ask))
		return ask_refuse(f, &g->ask);
	if (!g->ask.reply.replayed)
		actor.value = arena_printf(flow_arena(f), "vo_%016llx_%s",
		    (unsigned long long)g->id, g->secret);
	explicit_bzero(g->secret, sizeof(g->secret));
	return ask_answer(f, &g->ask,
	    codec_with_members(flow_arena(f), g->ask.reply.body, &actor, 1));
}

const struct plan post_officer = {
	.name = "POST officer",
	.state_size = sizeof(struct registering),
	.steps = { { "record", read_officer }, { "show once", show_once } },
};

/* The {officer} of the path; false: nobody's. */
static bool path_officer(struct flow *f, uint64_t *id)
{
	return codec_seeker_id(flow_request(f)->params[0], id);
}

static enum next renew(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct registering *g = state;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	if (codec_read_nothing(&c, r->body, r->body_len) == READ_MALFORMED)
		return refuse_body(f, READ_MALFORMED, c.faults);
	if (c.faults->n)
		return refuse_input(f, c.faults);
	if (!path_officer(f, &g->id))
		return refuse_missing(f);
	new_secret(g);
	ask_text(&g->ask, person_row(flow_arena(f), g->id));
	ask_bytes(&g->ask, g->hash, sizeof(g->hash));
	return ask_ledger(f, &g->ask, LEDGER_RENEW_OFFICER);
}

const struct plan post_officer_secret = {
	.name = "POST officer secret",
	.state_size = sizeof(struct registering),
	.steps = { { "renew", renew }, { "show once", show_once } },
};

static enum next look_up(struct flow *f, void *state)
{
	struct faults *fs = faults_new(f);
	struct ask *ask = state;
	uint64_t id;

	query_only(f, fs, NULL, 0);
	if (fs->n)
		return refuse_input(f, fs);
	if (!path_officer(f, &id))
		return refuse_missing(f);
	ask_text(ask, person_row(flow_arena(f), id));
	return ask_ledger(f, ask, LEDGER_READ_OFFICER);
}

const struct plan get_officer = {
	.name = "GET officer",
	.state_size = sizeof(struct ask),
	.steps = { { "look up", look_up }, { "answer", answer_reply } },
};

static enum next find(struct flow *f, void *state)
{
	static const char *const parameters[] = { "state", "limit", "sort", "cursor" };
	static const struct order by_id = { "id", "n" };
	const char *which = request_query(flow_request(f), "state");
	struct faults *fs = faults_new(f);
	struct listing *l = state;

	query_only(f, fs, parameters, 4);
	if (which && strcmp(which, "live") != 0 && strcmp(which, "over") != 0)
		input_fault(fs, "query/state", "choice", which, "live, over");
	list_read(f, fs, &by_id, 1, l);
	if (list_refuse(f, fs, l) == STEP_DONE)
		return STEP_DONE;
	ask_text(&l->ask, !which ? NULL : strcmp(which, "live") == 0 ? "true" : "false");
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_OFFICERS);
}

const struct plan get_officers = {
	.name = "GET officers",
	.state_size = sizeof(struct listing),
	.steps = { { "find", find }, { "answer", answer_page } },
};

/* A body by its reader, for the officer of the path; faults answered. */
static enum next read_for(struct flow *f, struct ask *ask, body_reader *read,
    const char *if_match, bool takes_if_match)
{
	const struct request *r = flow_request(f);
	enum read_result result;
	const char *coded;
	struct codec c;
	uint64_t id;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	result = read(&c, r->body, r->body_len, &coded);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	if (!path_officer(f, &id))
		return refuse_missing(f);
	ask_text(ask, person_row(flow_arena(f), id));
	if (takes_if_match)
		ask_text(ask, if_match);
	ask_text(ask, coded);
	return STEP_NEXT;
}

static enum next change(struct flow *f, void *state)
{
	if (read_for(f, state, codec_read_officer_change, flow_request(f)->if_match, true) ==
	    STEP_DONE)
		return STEP_DONE;
	return ask_ledger(f, state, LEDGER_CHANGE_OFFICER);
}

const struct plan patch_officer = {
	.name = "PATCH officer",
	.state_size = sizeof(struct ask),
	.steps = { { "change", change }, { "answer", answer_reply } },
};

static enum next delegate(struct flow *f, void *state)
{
	if (read_for(f, state, codec_read_delegation, NULL, false) == STEP_DONE)
		return STEP_DONE;
	return ask_ledger(f, state, LEDGER_DELEGATE_OFFICER);
}

const struct plan post_delegation = {
	.name = "POST delegation",
	.state_size = sizeof(struct ask),
	.steps = { { "delegate", delegate }, { "answer", answer_reply } },
};

static enum next end(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct ask *ask = state;
	struct codec c;
	uint64_t id, delegation;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	if (codec_read_nothing(&c, r->body, r->body_len) == READ_MALFORMED)
		return refuse_body(f, READ_MALFORMED, c.faults);
	if (c.faults->n)
		return refuse_input(f, c.faults);
	if (!path_officer(f, &id) || !codec_decimal_id(r->params[1], &delegation))
		return refuse_missing(f);
	ask_text(ask, person_row(flow_arena(f), id));
	ask_text(ask, r->params[1]);
	return ask_ledger(f, ask, LEDGER_END_DELEGATION);
}

const struct plan end_delegation = {
	.name = "POST delegation end",
	.state_size = sizeof(struct ask),
	.steps = { { "end", end }, { "answer", answer_reply } },
};
