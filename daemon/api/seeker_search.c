/*
 * Finding people: one by her citizen number, those who may be one person, and
 * the lists of a bureau.
 *
 * A number is looked for by its blind index and never leaves this process.  To
 * find a mistyped number, hers is opened and each pair of neighbouring digits
 * changed; the ledger sees only the indexes of what results.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/list_whole.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/seeker.h"
#include "daemon/vault/vault.h"
#include "matcher/codes.h"

struct finding {
	struct ask ask;
	uint8_t blind[BLIND_LEN];
};

static enum next find(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct finding *g = state;
	char citizen[19] = "";
	struct codec c;

	if (ask_codec(f, &g->ask, &c))
		ask_read(&g->ask, codec_read_citizen(&c, r->body, r->body_len, citizen));
	vault_blind(flow_app(f)->vault, citizen, g->blind);
	explicit_bzero(citizen, sizeof(citizen));
	ask_bytes(&g->ask, g->blind, sizeof(g->blind));
	return ask_ledger(f, &g->ask, LEDGER_FIND_SEEKER);
}

const struct plan find_seeker = {
	.name = "POST seekers find",
	.state_size = sizeof(struct finding),
	.steps = { { "find", find }, { "answer", answer_reply } },
};

struct comparing {
	struct ask hers; /* first: her own number */
	struct ask ask;
	uint64_t id;
};

static enum next open_number(struct flow *f, void *state)
{
	struct comparing *g = state;

	g->id = ask_person(f, &g->hers, 0);
	return ask_ledger(f, &g->hers, LEDGER_READ_IDENTITY);
}

/* As PostgreSQL writes an array of bytes: {"\\xab...","\\x12..."} */
static const char *transposed(struct flow *f, const char *citizen)
{
	struct buf b = { 0 };

	buf_putc(&b, '{');
	for (int i = 0; citizen && i + 1 < 17; i++) {
		uint8_t blind[BLIND_LEN];
		char other[19];

		if (citizen[i] == citizen[i + 1])
			continue;
		memcpy(other, citizen, sizeof(other));
		other[i] = citizen[i + 1];
		other[i + 1] = citizen[i];
		other[17] = citizen_check_digit(other);
		vault_blind(flow_app(f)->vault, other, blind);
		explicit_bzero(other, sizeof(other));
		buf_puts(&b, b.len > 1 ? ",\"\\\\x" : "\"\\\\x");
		buf_hex(&b, blind, BLIND_LEN);
		buf_putc(&b, '"');
	}
	buf_putc(&b, '}');
	return buf_to_arena(flow_arena(f), &b);
}

static enum next compare(struct flow *f, void *state)
{
	struct comparing *g = state;
	const char *row = person_row(flow_arena(f), g->id);

	if (!ask_settle(f, &g->hers))
		return ask_refuse(f, &g->hers);
	ask_text(&g->ask, row);
	ask_text(&g->ask, transposed(f, unseal(f, &g->hers.reply, "person", "citizen", row)));
	return ask_again(f, &g->ask, LEDGER_LIST_DUPLICATES);
}

static enum next answer_duplicates(struct flow *f, void *state)
{
	struct comparing *g = state;

	return answer_reply(f, &g->ask);
}

const struct plan get_seeker_duplicates = {
	.name = "GET seeker duplicates",
	.state_size = sizeof(struct comparing),
	.steps = {
		{ "open number", open_number },
		{ "compare", compare },
		{ "answer", answer_duplicates },
	},
};

static enum next list_people(struct flow *f, void *state)
{
	static const char *const known[] = { "state", "rank", "division", "occupation",
		"waiting_before", "unoffered", "sort", "limit", "cursor", "columns" };
	static const struct order order = { "waiting_since", "dt" };
	struct listing *l = state;
	struct faults *fs = ask_faults(f, &l->ask);
	const char *rank = query_code(f, fs, "rank", LIST_RANKS);
	occupation_t of = query_occupation(f, fs, "occupation");

	ask_parameters(f, &l->ask, known, sizeof(known) / sizeof(known[0]));
	ask_text(&l->ask, query_code(f, fs, "state", LIST_SEEKER_STATES));
	ask_text(&l->ask, rank ? rank + 1 : NULL);
	ask_text(&l->ask, query_division(f, fs, "division"));
	ask_text(&l->ask, of ? arena_printf(flow_arena(f), "%u", (unsigned)of) : NULL);
	ask_text(&l->ask, query_day(f, fs, "waiting_before"));
	ask_text(&l->ask, query_flag(f, fs, "unoffered"));
	list_takes_whole(f, l, "seekers");
	list_read(f, &order, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_SEEKERS);
}

const struct plan list_seekers = {
	.name = "GET seekers",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "list", list_people }, { "answer", answer_page, .again = true } },
};

static enum next list_homes(struct flow *f, void *state)
{
	static const char *const known[] = { "state", "division", "to_verify", "sort", "limit",
		"cursor", "columns" };
	static const struct order order = { "household", "n" };
	struct listing *l = state;
	struct faults *fs = ask_faults(f, &l->ask);

	ask_parameters(f, &l->ask, known, sizeof(known) / sizeof(known[0]));
	ask_text(&l->ask, query_code(f, fs, "state", LIST_HOUSEHOLD_STATES));
	ask_text(&l->ask, query_division(f, fs, "division"));
	ask_text(&l->ask, query_flag(f, fs, "to_verify"));
	list_takes_whole(f, l, "households");
	list_read(f, &order, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_HOUSEHOLDS);
}

const struct plan list_households = {
	.name = "GET households",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "list", list_homes }, { "answer", answer_page, .again = true } },
};
