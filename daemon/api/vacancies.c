/*
 * /v1/vacancies/{vacancy}: one vacancy as the ledger has it, with its line as
 * filed; as of an earlier day; or as schema.org/JobPosting for who asks for
 * application/ld+json.  The interview contact is opened for whoever may send
 * people there, and stands in no job posting.
 */
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/codec/job_posting.h"
#include "daemon/codec/ledger_answer.h"

#define JSON_LD "application/ld+json"

static enum next look_up(struct flow *f, void *state)
{
	static const char *const known[] = { "as_of" };

	ask_parameters(f, state, known, 1);
	ask_id(f, state, 0);
	ask_as_of(f, state);
	return ask_ledger(f, state, LEDGER_READ_VACANCY);
}

/* A weight of zero refuses it; other weights do not matter, there being two types only. */
static bool asks_for_json_ld(const struct request *r)
{
	const char *at = r->accept ? strcasestr(r->accept, JSON_LD) : NULL;

	return at && !strcasestr(at, JSON_LD ";q=0,") && strcmp(at, JSON_LD ";q=0") != 0;
}

static const char *open_contact(struct flow *f, const struct reply *r)
{
	struct arena *a = flow_arena(f);
	const char *employer = codec_member_text(a, r->body, "employer");
	const char *district = codec_member_text(a, r->body, "district");
	const char *ref = codec_member_text(a, r->body, "ref");

	if (!employer || !district || !ref)
		return NULL;
	return unseal(f, r, "vacancy", "contact", vacancy_row(a, employer, district, ref));
}

static enum next answer_vacancy(struct flow *f, void *state)
{
	const struct ask *c = state;
	const struct reply *r = &c->reply;
	const struct request *q = flow_request(f);
	struct arena *a = flow_arena(f);
	struct text_member contact = { "interview_contact", NULL };
	const char *posting;
	int64_t version;

	if (!ask_settle(f, c))
		return ask_refuse(f, c);
	version = codec_member_number(r->body, "version");
	flow_header(f, "Vary", "Accept");
	if (version > 0 && asks_for_json_ld(q)) {
		posting = codec_write_job_posting(a, flow_app(f)->catalog, r->body);
		flow_header(f, "ETag", arena_printf(a, "\"%lld-ld\"", (long long)version));
		return flow_reply_as(f, 200, JSON_LD, posting, strlen(posting));
	}
	if (version > 0)
		flow_header(f, "ETag", arena_printf(a, "\"%lld\"", (long long)version));
	if (r->n_sealed && q->who->role != ROLE_AUDITOR)
		contact.value = open_contact(f, r);
	return ask_answer(f, c, codec_with_members(a, r->body, &contact, 1));
}

const struct plan get_vacancy = {
	.name = "GET vacancy",
	.state_size = sizeof(struct ask),
	.steps = { { "look up", look_up }, { "answer", answer_vacancy } },
};
