/*
 * Lists about returns: /v1/returns, a return's versions, /v1/obligations.
 *
 * Who sees which rows is the ledger's to say; the filters are read here.  The
 * surprising thing: an obligation's contact comes sealed inside the ledger's
 * body, because a page has more of them than a reply has sealed fields, and is
 * opened here for whoever may have it.
 */
#include <string.h>

#include "daemon/api/cursor.h"
#include "daemon/api/resources.h"
#include "daemon/api/returns.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/log/log.h"
#include "daemon/vault/vault.h"

/* ?employer=, folded as the code in a path is; NULL when it was not given. */
static const char *take_employer(struct flow *f, struct faults *fs)
{
	const char *given = request_query(flow_request(f), "employer");
	char *code = arena_alloc(flow_arena(f), 20);

	if (!given)
		return NULL;
	if (!codec_employer_code(given, code))
		input_fault(fs, "query/employer", "format", given,
		    "a credit code of 18 characters or an organisation code of 9");
	return code;
}

static const char *take_choice(struct flow *f, struct faults *fs, const char *name,
    const char *choices)
{
	const char *given = request_query(flow_request(f), name);
	const char *at = given && *given ? strstr(choices, given) : NULL;
	size_t n = given ? strlen(given) : 0;

	if (!given)
		return NULL;
	/* A whole word of the list: "filed, late, missing". */
	if (at && (at == choices || at[-1] == ' ') && (at[n] == ',' || !at[n]))
		return given;
	input_fault(fs, arena_printf(flow_arena(f), "query/%s", name), "choice", given,
	    choices);
	return NULL;
}

static enum next list_returns(struct flow *f, void *state)
{
	static const char *const parameters[] = { "employer", "district", "quarter", "nil",
		"late", "limit", "cursor", "sort" };
	static const struct order orders[] = { { "quarter", "ttn" } };
	struct faults *fs = faults_new(f);
	const struct request *r = flow_request(f);
	struct listing *l = state;
	enum next refused;

	query_only(f, fs, parameters, 8);
	ask_text(&l->ask, take_employer(f, fs));
	ask_text(&l->ask,
	    return_district(f, fs, "query/district", request_query(r, "district")));
	ask_text(&l->ask, return_quarter(fs, "query/quarter", request_query(r, "quarter")));
	ask_text(&l->ask, take_choice(f, fs, "nil", "true, false"));
	ask_text(&l->ask, take_choice(f, fs, "late", "true, false"));
	list_read(f, fs, orders, 1, l);
	refused = list_refuse(f, fs, l);
	if (refused != STEP_NEXT)
		return refused;
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_RETURNS);
}

const struct plan get_returns = {
	.name = "GET returns",
	.state_size = sizeof(struct listing),
	.steps = {
		{ "list", list_returns },
		{ "answer", answer_page },
	},
};

static enum next list_versions(struct flow *f, void *state)
{
	static const char *const parameters[] = { "limit", "cursor", "sort" };
	static const struct order orders[] = { { "newest", "n" } };
	struct faults *fs = faults_new(f);
	struct listing *l = state;
	struct return_path path;
	enum next refused;

	query_only(f, fs, parameters, 3);
	return_take_path(f, &path, fs);
	list_read(f, fs, orders, 1, l);
	refused = list_refuse(f, fs, l);
	if (refused != STEP_NEXT)
		return refused;
	ask_text(&l->ask, path.employer);
	ask_text(&l->ask, path.district);
	ask_text(&l->ask, path.quarter);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_RETURN_VERSIONS);
}

const struct plan get_return_versions = {
	.name = "GET return versions",
	.state_size = sizeof(struct listing),
	.steps = {
		{ "list", list_versions },
		{ "answer", answer_page },
	},
};

static enum next list_obligations(struct flow *f, void *state)
{
	static const char *const parameters[] = { "employer", "district", "quarter", "state",
		"as_of", "limit", "cursor", "sort" };
	static const struct order orders[] = { { "district", "tn" } };
	struct faults *fs = faults_new(f);
	const struct request *r = flow_request(f);
	const char *as_of = NULL;
	struct listing *l = state;
	enum next refused;

	query_only(f, fs, parameters, 8);
	query_day(f, fs, "as_of", &as_of);
	ask_text(&l->ask, take_employer(f, fs));
	ask_text(&l->ask,
	    return_district(f, fs, "query/district", request_query(r, "district")));
	ask_text(&l->ask, return_quarter(fs, "query/quarter", request_query(r, "quarter")));
	ask_text(&l->ask, take_choice(f, fs, "state", "filed, late, missing, due, nil"));
	ask_text(&l->ask, as_of);
	list_read(f, fs, orders, 1, l);
	refused = list_refuse(f, fs, l);
	if (refused != STEP_NEXT)
		return refused;
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_OBLIGATIONS);
}

/* For codec_open_contacts: what was sealed with the employer's last return. */
static const char *open_contact(void *arg, const char *column, const char *row,
    const uint8_t *sealed, size_t n)
{
	struct flow *f = arg;
	const char *plain =
	    vault_unseal(flow_app(f)->vault, flow_arena(f), "return", column, row, sealed, n);

	if (!plain)
		log_event(LOG_LEVEL_ERROR, "vault.unopened", "table", "return", "column",
		    column, "request", flow_request(f)->id, NULL);
	return plain;
}

static enum next answer_obligations(struct flow *f, void *state)
{
	struct listing *l = state;

	if (strcmp(l->ask.reply.code, "ok") == 0 && flow_request(f)->who->role == ROLE_BUREAU)
		l->ask.reply.body =
		    codec_open_contacts(flow_arena(f), l->ask.reply.body, open_contact, f);
	return answer_page(f, state);
}

const struct plan get_obligations = {
	.name = "GET obligations",
	.state_size = sizeof(struct listing),
	.steps = {
		{ "list", list_obligations },
		{ "answer", answer_obligations },
	},
};
