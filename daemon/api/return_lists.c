/*
 * Lists about returns: /v1/returns, a return's versions, /v1/obligations (rules/liability,
 * rules/deadline).
 *
 * Who sees which rows is the ledger's to say; the filters are read here.  An
 * obligation's contact comes sealed inside the ledger's body, because a page
 * has more of them than a reply has sealed fields, and is opened here for
 * whoever may have it.
 */
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/api/returns.h"
#include "daemon/api/sealing.h"
#include "daemon/codec/ledger_answer.h"

/* ?employer=, ?district= and ?quarter=. */
static void ask_where(struct flow *f, struct ask *ask)
{
	const struct request *r = flow_request(f);
	struct faults *fs = ask_faults(f, ask);

	ask_text(ask, query_employer(f, fs, "employer"));
	ask_text(ask, return_district(f, fs, "query/district", request_query(r, "district")));
	ask_text(ask, return_quarter(fs, "query/quarter", request_query(r, "quarter")));
}

static enum next list_returns(struct flow *f, void *state)
{
	static const char *const known[] = { "employer", "district", "quarter", "nil", "late",
		"limit", "cursor", "sort" };
	static const struct order order = { "quarter", "ttn" };
	struct listing *l = state;

	ask_parameters(f, &l->ask, known, 8);
	ask_where(f, &l->ask);
	ask_text(&l->ask, query_flag(f, ask_faults(f, &l->ask), "nil"));
	ask_text(&l->ask, query_flag(f, ask_faults(f, &l->ask), "late"));
	list_read(f, &order, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_RETURNS);
}

const struct plan get_returns = {
	.name = "GET returns",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "list", list_returns }, { "answer", answer_page, .again = true } },
};

static enum next list_versions(struct flow *f, void *state)
{
	static const char *const known[] = { "limit", "cursor", "sort" };
	static const struct order order = { "newest", "n" };
	struct listing *l = state;
	struct return_path path;

	ask_parameters(f, &l->ask, known, 3);
	ask_return(f, &l->ask, &path);
	list_read(f, &order, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_RETURN_VERSIONS);
}

const struct plan get_return_versions = {
	.name = "GET return versions",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "list", list_versions }, { "answer", answer_page, .again = true } },
};

static enum next list_obligations(struct flow *f, void *state)
{
	static const char *const known[] = { "employer", "district", "quarter", "state",
		"as_of", "limit", "cursor", "sort" };
	static const char *const states[] = { "filed", "late", "missing", "due", "nil" };
	static const struct order order = { "district", "tn" };
	struct listing *l = state;
	struct faults *fs = ask_faults(f, &l->ask);

	ask_parameters(f, &l->ask, known, 8);
	ask_where(f, &l->ask);
	ask_text(&l->ask, query_word(f, fs, "state", states, 5));
	ask_as_of(f, &l->ask);
	list_read(f, &order, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_OBLIGATIONS);
}

static enum next answer_obligations(struct flow *f, void *state)
{
	struct listing *l = state;
	struct opening opening = { .f = f,
		.table = "return" }; /* sealed with the employer's last return */

	/* A file past its pages is taken up again with the last of them, which is open. */
	if (!list_file_has_all(l) && strcmp(l->ask.reply.code, "ok") == 0 &&
	    flow_request(f)->who->role == ROLE_BUREAU)
		l->ask.reply.body = codec_open_contacts(flow_arena(f), l->ask.reply.body,
		    unseal_found, &opening);
	return answer_page(f, state);
}

const struct plan get_obligations = {
	.name = "GET obligations",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "list", list_obligations },
	    { "answer", answer_obligations, .again = true } },
};
