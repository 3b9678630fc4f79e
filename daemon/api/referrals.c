/*
 * /v1/referrals: somebody is referred to a vacancy, consents, is accepted,
 * interviewed, offered the post.
 *
 * Who comes before her is asked of this process's mirror, because the orders are
 * the matcher's: the statutory one, and, for a caller who may not see ranks, the
 * one that they are shown.  Whoever of them still counts is the ledger's to say,
 * under its locks.  Her name and telephone are opened here only, and only
 * after the ledger has said that she consented and has kept the look.
 */
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_file.h"
#include "daemon/api/matches.h"
#include "daemon/api/parameters.h"
#include "daemon/api/records.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/referral.h"
#include "daemon/mirror/mirror.h"

struct proposing {
	struct ask ask;
	uint64_t seeker, vacancy;
	struct ask records; /* which the mirror lacked */
	bool lacked;
};

/* Whether somebody with priority may come before another, given what the second order tells:
 * whoever stands before there, and whoever only a rank would put before. */
static bool may_precede(const struct policy *p, const struct match *them, size_t at,
    size_t hers, unsigned score, bool fit)
{
	if (!them->score.fit || !rank_has_priority((enum rank)them->rank))
		return false;
	if (!hers || at < hers || !fit)
		return true;
	switch (p->priority) {
	case PRIORITY_RANK_FIRST:
		return true;
	case PRIORITY_WITHIN_BAND:
		return them->score.total / p->band == score / p->band;
	case PRIORITY_OFF: /* but for a longer wait, which is not shown */
		return them->score.total == score;
	}
	return true;
}

struct pair {
	struct seeker who;
	struct vacancy post;
	struct score score;
	size_t position; /* in the list shown; 0: not among its first K_MAX */
};

static void put_person(struct buf *b, uint64_t seeker, size_t position)
{
	char id[17];

	codec_print_seeker_id(seeker, id);
	buf_comma(b);
	buf_printf(b, "{\"seeker\":\"%s\",\"position\":%zu}", id, position);
}

/* Who comes before her in the statutory order, and asks to be passed over by reason. */
static void put_ahead(struct buf *b, const struct index *ix, const struct terms *t,
    struct pair *p)
{
	struct match found[K_MAX];
	size_t n = best_seekers(ix, t, &p->post, found, K_MAX);

	p->position = place_of(p->who.id, found, n);
	buf_key(b, "ahead");
	buf_putc(b, '[');
	for (size_t i = 0; i < (p->position ? p->position - 1 : n); i++) {
		if (found[i].score.fit && found[i].rank <= RANK_P2)
			put_person(b, found[i].id, i + 1);
	}
	buf_putc(b, ']');
}

/* For a caller who may not see ranks: all with priority who might come before. */
static void put_set(struct buf *b, const struct index *ix, const struct terms *t,
    struct pair *p)
{
	struct match found[K_MAX];
	size_t n = best_seekers(ix, t, &p->post, found, K_MAX);
	size_t members = 0;

	p->position = place_of(p->who.id, found, n);
	buf_key(b, "set");
	buf_putc(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (!may_precede(t->policy, &found[i], i + 1, p->position, p->score.total,
			p->score.fit))
			continue;
		members++;
		if (found[i].id != p->who.id)
			put_person(b, found[i].id, i + 1);
	}
	buf_printf(b, "],\"cut\":%s", members == K_MAX ? "true" : "false");
}

/* What this mirror says of the pair, for the ledger. */
static const char *mirrored(struct flow *f, uint64_t seeker, uint64_t vacancy, day_t day)
{
	const struct app *app = flow_app(f);
	const struct index *ix = mirror_index(app->mirror);
	const struct terms shown = terms_for(f, day);
	struct terms statutory = shown;
	struct pair p = { 0 };
	struct buf b = { 0 };

	statutory.order = ORDER_STATUTORY;
	buf_putc(&b, '{');
	if (index_seeker(ix, seeker, &p.who) && index_vacancy(ix, vacancy, &p.post)) {
		uint32_t failed = ineligible_rules(&shown, &p.who, &p.post, true);

		p.score = score_pair(&shown, &p.who, &p.post);
		put_ahead(&b, ix, &statutory, &p);
		if (shown.order != ORDER_STATUTORY)
			put_set(&b, ix, &shown, &p);
		buf_printf(&b, ",\"too_far\":%s,\"score\":%u,",
		    failed & UINT32_C(1) << RULE_DISTANCE ? "true" : "false", p.score.total);
		if (p.position)
			buf_printf(&b, "\"position\":%zu,", p.position);
	}
	buf_printf(&b, "\"order\":\"%s\",\"seq\":%llu,\"policy\":",
	    shown.order == ORDER_STATUTORY ? "statutory" : "one_set",
	    (unsigned long long)mirror_seq(app->mirror));
	buf_json(&b, app->policy->version);
	buf_putc(&b, '}');
	return buf_to_arena(flow_arena(f), &b);
}

static enum next read_referral(struct flow *f, void *state)
{
	struct proposing *p = state;
	struct arena *a = flow_arena(f);
	const struct index *ix;
	struct vacancy post;
	struct seeker who;
	const char *body;

	ask_body(f, &p->ask, referral_body);
	if (ask_check(f, &p->ask) == STEP_DONE)
		return STEP_DONE;
	if (!mirror_is_ready(flow_app(f)->mirror))
		return flow_refuse(f, "mirror-loading", NULL, NULL);
	ix = mirror_index(flow_app(f)->mirror);
	body = p->ask.args[0].data;
	(void)codec_seeker_id(codec_member_text(a, body, "seeker"), &p->seeker);
	(void)codec_decimal_id(codec_member_text(a, body, "vacancy"), &p->vacancy);
	p->lacked = !index_seeker(ix, p->seeker, &who) || !index_vacancy(ix, p->vacancy, &post);
	return p->lacked ? ask_records(f, &p->records, p->seeker, p->vacancy) : STEP_NEXT;
}

static enum next propose(struct flow *f, void *state)
{
	struct proposing *p = state;
	struct codec c;

	if (!ask_codec(f, &p->ask, &c))
		return ask_check(f, &p->ask);
	/* Without them nobody would seem to be passed over; who is missing, the ledger says. */
	if (p->lacked)
		(void)ask_apply(f, &p->records);
	ask_text(&p->ask, mirrored(f, p->seeker, p->vacancy, c.today));
	return ask_again(f, &p->ask, LEDGER_CREATE_REFERRAL);
}

const struct plan post_referral = {
	.name = "POST referral",
	.state_size = sizeof(struct proposing),
	.steps = { { "read", read_referral }, { "propose", propose },
	    { "answer", answer_reply } },
};

static enum next look_at_person(struct flow *f, void *state)
{
	ask_id(f, state, 0);
	return ask_ledger(f, state, LEDGER_READ_REFERRAL_PERSON);
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
	static const struct order newest = { "newest", "n" };
	const char *vacancy = request_query(flow_request(f), "vacancy");
	struct listing *l = state;
	struct faults *fs = ask_faults(f, &l->ask);
	uint64_t id;

	ask_parameters(f, &l->ask, known, sizeof(known) / sizeof(*known));
	ask_text(&l->ask, query_code(f, fs, "state", LIST_REFERRAL_STATES));
	ask_text(&l->ask, query_flag(f, fs, "live"));
	ask_text(&l->ask, query_person(f, fs, "seeker"));
	if (vacancy && !codec_decimal_id(vacancy, &id))
		query_fault(f, fs, "vacancy", "format", vacancy, "an id of digits");
	ask_text(&l->ask, vacancy);
	list_read(f, &newest, 1, l);
	ask_page(f, l);
	return ask_ledger(f, &l->ask, LEDGER_LIST_REFERRALS);
}

const struct plan get_referrals = {
	.name = "GET referrals",
	.state_size = sizeof(struct listing),
	.release = list_release,
	.steps = { { "list", list }, { "answer", answer_page, .again = true } },
};

static enum next summarise(struct flow *f, void *state)
{
	static const char *const known[] = { "from", "until", "by" };
	static const char *const groups[] = { "rank", "agency" };
	struct ask *ask = state;
	struct faults *fs = ask_faults(f, ask);
	const char *from = query_day(f, fs, "from");
	const char *until = query_day(f, fs, "until");
	const char *by = query_word(f, fs, "by", groups, 2);

	ask_parameters(f, ask, known, 3);
	if (from && until && strcmp(from, until) > 0)
		query_fault(f, fs, "until", "order", until, "a day not before from");
	ask_text(ask, from);
	ask_text(ask, until);
	ask_text(ask, by ? by : "rank");
	return ask_ledger(f, ask, LEDGER_SUMMARISE_REFERRALS);
}

const struct plan get_referral_summary = {
	.name = "GET referral summary",
	.state_size = sizeof(struct ask),
	.steps = { { "summarise", summarise }, { "answer", answer_reply } },
};
