/*
 * Finding people: one by her citizen number, those who may be one person, and
 * the lists of a bureau.
 *
 * A number is looked for by its blind index and never leaves this process.  The
 * surprising thing: to find a mistyped number, hers is opened and each pair of
 * neighbouring digits changed; the ledger sees only the indexes of what results.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/api/cursor.h"
#include "daemon/api/people.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/vault/vault.h"

struct finding {
	struct ask ask;
	uint8_t blind[BLIND_LEN];
};

static enum next find(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct finding *g = state;
	enum read_result result;
	char citizen[19];
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_citizen(&c, r->body, r->body_len, citizen);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	vault_blind(flow_app(f)->vault, citizen, g->blind);
	explicit_bzero(citizen, sizeof(citizen));
	ask_bytes(&g->ask, g->blind, sizeof(g->blind));
	return ask_ledger(f, &g->ask, LEDGER_FIND_SEEKER);
}

const struct plan find_seeker = {
	.name = "POST seekers find",
	.state_size = sizeof(struct finding),
	.steps = {
		{ "find", find },
		{ "answer", answer_reply },
	},
};

struct comparing {
	struct ask hers; /* first: her own number */
	struct ask ask;
	uint64_t id;
};

static enum next open_number(struct flow *f, void *state)
{
	struct faults *fs = faults_new(f);
	struct comparing *g = state;

	if (!codec_seeker_id(flow_request(f)->params[0], &g->id))
		return refuse_missing(f);
	query_only(f, fs, NULL, 0);
	if (fs->n)
		return refuse_input(f, fs);
	ask_text(&g->hers, person_row(flow_arena(f), g->id));
	return ask_ledger(f, &g->hers, LEDGER_READ_IDENTITY);
}

/* The check digit that GB 11643 gives to seventeen digits. */
static char check_digit(const char *digits)
{
	static const int weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;

	for (int i = 0; i < 17; i++)
		sum += (digits[i] - '0') * weights[i];
	return "10X98765432"[sum % 11];
}

/* As PostgreSQL writes an array of bytes: {"\\xab...","\\x12..."} */
static const char *transposed(struct flow *f, const char *citizen)
{
	struct buf b = { 0 };
	const char *list;

	buf_putc(&b, '{');
	for (int i = 0; citizen && i + 1 < 17; i++) {
		uint8_t blind[BLIND_LEN];
		char other[19];

		if (citizen[i] == citizen[i + 1])
			continue;
		memcpy(other, citizen, sizeof(other));
		other[i] = citizen[i + 1];
		other[i + 1] = citizen[i];
		other[17] = check_digit(other);
		vault_blind(flow_app(f)->vault, other, blind);
		explicit_bzero(other, sizeof(other));
		buf_puts(&b, b.len > 1 ? ",\"\\\\x" : "\"\\\\x");
		for (size_t k = 0; k < BLIND_LEN; k++)
			buf_printf(&b, "%02x", blind[k]);
		buf_putc(&b, '"');
	}
	buf_putc(&b, '}');
	list = arena_strndup(flow_arena(f), b.data, b.len);
	buf_free(&b);
	return list;
}

static enum next compare(struct flow *f, void *state)
{
	struct comparing *g = state;
	const char *row = person_row(flow_arena(f), g->id);

	if (!ask_settle(f, &g->hers))
		return ask_refuse(f, &g->hers);
	ask_text(&g->ask, row);
	ask_text(&g->ask, transposed(f, unseal(f, &g->hers.reply, "person", "citizen", row)));
	return ask_ledger(f, &g->ask, LEDGER_LIST_DUPLICATES);
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

/* ?place= is a division of any level, as long as its level's codes are. */
static const char *query_place(struct flow *f, struct faults *fs)
{
	const char *text = request_query(flow_request(f), "place");
	size_t n = text ? strlen(text) : 0;
	const struct division *d = NULL;
	char near[90] = "";
	place_t place;

	if (!text)
		return NULL;
	if ((n == 4 || n == 6 || n == 9 || n == 12) &&
	    place_parse(text, (int)n, &place) == CODE_OK)
		d = catalog_division(flow_app(f)->catalog, place);
	if (d && d->digits == (int)n)
		return text;
	catalog_nearest(flow_app(f)->catalog, "divisions", text, near, sizeof(near));
	input_fault(fs, "query/place", "unknown-code", text,
	    near[0] ? near : "a division of 4, 6, 9 or 12 digits");
	return NULL;
}

static const char *query_occupation(struct flow *f, struct faults *fs)
{
	const char *text = request_query(flow_request(f), "occupation");
	char near[90] = "";
	occupation_t o;

	if (!text)
		return NULL;
	if (occupation_parse(text, &o) == CODE_OK &&
	    catalog_occupation(flow_app(f)->catalog, o))
		return arena_printf(flow_arena(f), "%u", (unsigned)o);
	catalog_nearest(flow_app(f)->catalog, "occupations", text, near, sizeof(near));
	input_fault(fs, "query/occupation", "unknown-code", text,
	    near[0] ? near : "as 4-07-05-01, 4-07-05 or 4-07");
	return NULL;
}

static enum next list_people(struct flow *f, void *state)
{
	static const char *const known[] = { "state", "rank", "place", "occupation",
		"waiting_before", "unoffered", "sort", "limit", "cursor" };
	static const char *const states[] = { "seeking", "placed", "withdrawn" };
	static const char *const ranks[] = { "P1", "P2", "P3", "P4", "P5", "P6" };
	static const char *const flags[] = { "true", "false" };
	static const struct order orders[] = { { "waiting_since", "dt" } };
	struct faults *fs = faults_new(f);
	const char *rank, *before = NULL;
	struct listing *l = state;
	enum next next;

	query_only(f, fs, known, sizeof(known) / sizeof(known[0]));
	ask_text(&l->ask, query_word(f, fs, "state", states, 3));
	rank = query_word(f, fs, "rank", ranks, 6);
	ask_text(&l->ask, rank ? rank + 1 : NULL);
	ask_text(&l->ask, query_place(f, fs));
	ask_text(&l->ask, query_occupation(f, fs));
	query_day(f, fs, "waiting_before", &before);
	ask_text(&l->ask, before);
	ask_text(&l->ask, query_word(f, fs, "unoffered", flags, 2));
	list_read(f, fs, orders, 1, l);
	next = list_refuse(f, fs, l);
	if (next != STEP_NEXT)
		return next;
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_SEEKERS);
}

const struct plan list_seekers = {
	.name = "GET seekers",
	.state_size = sizeof(struct listing),
	.steps = {
		{ "list", list_people },
		{ "answer", answer_page },
	},
};

static enum next list_homes(struct flow *f, void *state)
{
	static const char *const known[] = { "state", "place", "sort", "limit", "cursor" };
	static const char *const states[] = { "applied", "open", "helped", "cleared", "ended" };
	static const struct order orders[] = { { "household", "n" } };
	struct faults *fs = faults_new(f);
	struct listing *l = state;
	enum next next;

	query_only(f, fs, known, sizeof(known) / sizeof(known[0]));
	ask_text(&l->ask, query_word(f, fs, "state", states, 5));
	ask_text(&l->ask, query_place(f, fs));
	list_read(f, fs, orders, 1, l);
	next = list_refuse(f, fs, l);
	if (next != STEP_NEXT)
		return next;
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_HOUSEHOLDS);
}

const struct plan list_households = {
	.name = "GET households",
	.state_size = sizeof(struct listing),
	.steps = {
		{ "list", list_homes },
		{ "answer", answer_page },
	},
};
