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

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
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

/* What this mirror says of the pair, for the ledger. */
static const char *mirrored(struct flow *f, uint64_t seeker, uint64_t vacancy, day_t day)
{
	const struct app *app = flow_app(f);
	const struct index *ix = mirror_index(app->mirror);
	const struct terms terms = { .policy = app->policy,
		.near = catalog_adjacency(app->catalog),
		.today = day };
	struct match found[K_MAX];
	struct seeker who;
	struct vacancy post;
	struct buf b = { 0 };
	size_t n = 0, at = 0;

	buf_puts(&b, "{\"ahead\":[");
	if (index_seeker(ix, seeker, &who) && index_vacancy(ix, vacancy, &post)) {
		uint32_t failed = ineligible_rules(&terms, &who, &post, true);

		n = best_seekers(ix, &terms, &post, found, K_MAX);
		at = place_of(who.id, found, n);
		for (size_t i = 0; i < (at ? at - 1 : n); i++) {
			char id[17];

			if (!found[i].score.fit || found[i].rank > RANK_P2)
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
	.steps = { { "list", list }, { "answer", answer_page } },
};

static enum next summarise(struct flow *f, void *state)
{
	static const char *const known[] = { "from", "to", "by" };
	static const char *const groups[] = { "rank", "agency" };
	struct ask *ask = state;
	struct faults *fs = ask_faults(f, ask);
	const char *from = query_day(f, fs, "from");
	const char *to = query_day(f, fs, "to");
	const char *by = query_word(f, fs, "by", groups, 2);

	ask_parameters(f, ask, known, 3);
	if (from && to && strcmp(from, to) > 0)
		query_fault(f, fs, "to", "order", to, "a day not before from");
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
