/*
 * /v1/referrals: somebody is referred to a vacancy, consents, is accepted,
 * interviewed, offered the post.
 *
 * Who comes before her in the list is asked of this process's mirror, because
 * the order is the matcher's; whoever of them still counts is the ledger's to
 * say, under its locks.  Her name and telephone are opened here only, and only
 * after the ledger has said that she consented and has kept the look.
 */
#include <string.h>

#include "daemon/api/common.h"
#include "daemon/api/cursor.h"
#include "daemon/api/records.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/mirror/mirror.h"

struct proposing {
	struct ask ask;
	struct filed_referral filed;
	struct ask records; /* which the mirror lacked */
	bool lacked;
};

/* Where she stands in the list of the post, from 1; 0: not among the first K_MAX. */
static size_t place_of(uint64_t id, const struct match *found, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (found[i].id == id)
			return i + 1;
	}
	return 0;
}

/* What this mirror says of the pair, for the ledger. */
static const char *mirrored(struct flow *f, const struct filed_referral *filed, int day)
{
	const struct app *app = flow_app(f);
	const struct index *ix = mirror_index(app->mirror);
	const struct terms terms = { app->policy, catalog_adjacency(app->catalog), day };
	struct match found[K_MAX];
	struct seeker who;
	struct vacancy post;
	struct buf b = { 0 };
	size_t n = 0, at = 0;
	const char *text;

	buf_puts(&b, "{\"ahead\":[");
	if (index_seeker(ix, filed->seeker, &who) && index_vacancy(ix, filed->vacancy, &post)) {
		uint32_t failed = ineligible_rules(&terms, &who, &post, true);

		n = best_seekers(ix, &terms, &post, found, K_MAX);
		at = place_of(who.id, found, n);
		for (size_t i = 0; i < (at ? at - 1 : n); i++) {
			char id[17];

			if (!found[i].fit || found[i].rank > RANK_P2)
				continue;
			codec_print_seeker_id(found[i].id, id);
			buf_comma(&b);
			buf_printf(&b, "{\"seeker\":\"%s\",\"position\":%zu}", id, i + 1);
		}
		buf_printf(&b, "],\"too_far\":%s,\"score\":%u",
		    failed & UINT32_C(1) << RULE_DISTANCE ? "true" : "false",
		    score_pair(&terms, &who, &post).total);
	} else {
		buf_putc(&b, ']');
	}
	if (at)
		buf_printf(&b, ",\"position\":%zu", at);
	buf_printf(&b,
	    ",\"seq\":%llu,\"policy\":", (unsigned long long)mirror_seq(app->mirror));
	buf_json(&b, app->policy->version);
	buf_putc(&b, '}');
	text = arena_strndup(flow_arena(f), b.data, b.len);
	buf_free(&b);
	return text;
}

static enum next read_referral(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct proposing *p = state;
	enum read_result result;
	const struct index *ix;
	struct vacancy post;
	struct seeker who;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_referral(&c, r->body, r->body_len, &p->filed);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	if (!mirror_is_ready(flow_app(f)->mirror))
		return flow_refuse(f, "mirror-loading", NULL, NULL);
	ix = mirror_index(flow_app(f)->mirror);
	p->lacked = !index_seeker(ix, p->filed.seeker, &who) ||
		    !index_vacancy(ix, p->filed.vacancy, &post);
	return p->lacked ? ask_records(f, &p->records, p->filed.seeker, p->filed.vacancy)
			 : STEP_NEXT;
}

static enum next propose(struct flow *f, void *state)
{
	struct proposing *p = state;
	struct codec c;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	/* Without them nobody would seem to be passed over; who is missing, the ledger says. */
	if (p->lacked)
		(void)ask_apply(f, &p->records);
	ask_text(&p->ask, p->filed.coded);
	ask_text(&p->ask, mirrored(f, &p->filed, c.today));
	return ask_ledger(f, &p->ask, LEDGER_CREATE_REFERRAL);
}

const struct plan post_referral = {
	.name = "POST referral",
	.state_size = sizeof(struct proposing),
	.steps = { { "read", read_referral }, { "propose", propose },
	    { "answer", answer_reply } },
};

/* The verb is the last part of the path. */
static enum next take_step(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	const char *verb = strrchr(r->path, '/') + 1;
	struct ask *ask = state;
	enum read_result result;
	const char *coded;
	struct codec c;
	uint64_t id;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_referral_step(&c, verb, r->body, r->body_len, &coded);
	if (result == READ_MALFORMED)
		return refuse_body(f, result, c.faults);
	if (c.faults->n)
		return refuse_input(f, c.faults);
	if (!codec_decimal_id(r->params[0], &id))
		return refuse_missing(f);
	ask_text(ask, r->params[0]);
	ask_text(ask, verb);
	ask_text(ask, coded);
	return ask_ledger(f, ask, LEDGER_STEP_REFERRAL);
}

const struct plan post_referral_step = {
	.name = "POST referral step",
	.state_size = sizeof(struct ask),
	.steps = { { "take step", take_step }, { "answer", answer_reply } },
};

static enum next look_up(struct flow *f, void *state)
{
	return ask_by_id(f, state, LEDGER_READ_REFERRAL);
}

const struct plan get_referral = {
	.name = "GET referral",
	.state_size = sizeof(struct ask),
	.steps = { { "look up", look_up }, { "answer", answer_reply } },
};

static enum next look_at_person(struct flow *f, void *state)
{
	return ask_by_id(f, state, LEDGER_READ_REFERRAL_PERSON);
}

static enum next answer_person(struct flow *f, void *state)
{
	const struct ask *ask = state;
	struct text_member opened[] = { { "name", NULL }, { "telephone", NULL } };
	struct arena *a = flow_arena(f);
	const char *seeker;
	uint64_t id = 0;

	if (!ask_settle(f, ask))
		return ask_refuse(f, ask);
	seeker = codec_member_text(a, ask->reply.body, "seeker");
	if (seeker && codec_seeker_id(seeker, &id)) {
		const char *row = person_row(a, id);

		opened[0].value = unseal(f, &ask->reply, "person", "name", row);
		opened[1].value = unseal(f, &ask->reply, "person", "phone", row);
	}
	return ask_answer(f, ask, codec_with_members(a, ask->reply.body, opened, 2));
}

const struct plan get_referral_person = {
	.name = "GET referral person",
	.state_size = sizeof(struct ask),
	.steps = { { "look", look_at_person }, { "answer", answer_person } },
};

static enum next list(struct flow *f, void *state)
{
	static const char *const known[] = { "state", "live", "seeker", "vacancy", "limit",
		"sort", "cursor" };
	static const char *const states[] = { "proposed", "consented", "accepted",
		"interviewed", "offered", "placed", "refused", "declined", "failed",
		"withdrawn", "expired" };
	static const char *const flags[] = { "true", "false" };
	static const struct order newest = { "newest", "n" };
	const struct request *r = flow_request(f);
	const char *seeker = request_query(r, "seeker");
	const char *vacancy = request_query(r, "vacancy");
	struct faults *fs = faults_new(f);
	struct listing *l = state;
	uint64_t id = 0;

	query_only(f, fs, known, sizeof(known) / sizeof(*known));
	ask_text(&l->ask, query_word(f, fs, "state", states, sizeof(states) / sizeof(*states)));
	ask_text(&l->ask, query_word(f, fs, "live", flags, 2));
	if (seeker && !codec_seeker_id(seeker, &id))
		input_fault(fs, "query/seeker", "format", seeker, "an id of 16 hex digits");
	ask_text(&l->ask, seeker ? person_row(flow_arena(f), id) : NULL);
	if (vacancy && !codec_decimal_id(vacancy, &id))
		input_fault(fs, "query/vacancy", "format", vacancy, "an id of digits");
	ask_text(&l->ask, vacancy);
	list_read(f, fs, &newest, 1, l);
	if (list_refuse(f, fs, l) == STEP_DONE)
		return STEP_DONE;
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_REFERRALS);
}

const struct plan get_referrals = {
	.name = "GET referrals",
	.state_size = sizeof(struct listing),
	.steps = { { "list", list }, { "answer", answer_page } },
};

static enum next summarise(struct flow *f, void *state)
{
	static const char *const known[] = { "from", "to", "by" };
	static const char *const groups[] = { "rank", "agency" };
	struct faults *fs = faults_new(f);
	const char *from = NULL, *to = NULL, *by;
	struct ask *ask = state;

	query_only(f, fs, known, 3);
	query_day(f, fs, "from", &from);
	query_day(f, fs, "to", &to);
	by = query_word(f, fs, "by", groups, 2);
	if (from && to && strcmp(from, to) > 0)
		input_fault(fs, "query/to", "order", to, "a day not before from");
	if (fs->n)
		return refuse_input(f, fs);
	ask_text(ask, from);
	ask_text(ask, to);
	ask_text(ask, by ? by : "rank");
	return ask_ledger(f, ask, LEDGER_SUMMARISE_REFERRALS);
}

const struct plan get_referral_summary = {
	.name = "GET referral summary",
	.state_size = sizeof(struct ask),
	.steps = { { "summarise", summarise }, { "answer", answer_reply } },
};
