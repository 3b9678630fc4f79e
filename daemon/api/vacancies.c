/*
 * /v1/vacancies/{vacancy}: one vacancy as the ledger has it, with its line as
 * filed.  The interview contact is opened for whoever may send people there.
 */
#include "daemon/api/common.h"
#include "daemon/api/resources.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"

static enum next look_up(struct flow *f, void *state)
{
	return ask_by_id(f, state, LEDGER_READ_VACANCY);
}

static enum next answer_vacancy(struct flow *f, void *state)
{
	const struct ask *c = state;
	const struct reply *r = &c->reply;
	struct arena *a = flow_arena(f);
	struct text_member contact = { "interview_contact", NULL };

	if (!ask_settle(f, c))
		return ask_refuse(f, c);
	if (r->n_sealed && flow_request(f)->who->role != ROLE_AUDITOR) {
		const char *employer = codec_member_text(a, r->body, "employer");
		const char *district = codec_member_text(a, r->body, "district");
		const char *ref = codec_member_text(a, r->body, "ref");

		if (employer && district && ref)
			contact.value = unseal(f, r, "vacancy", "contact",
			    vacancy_row(a, employer, district, ref));
	}
	return ask_answer(f, c, codec_with_members(a, r->body, &contact, 1));
}

const struct plan get_vacancy = {
	.name = "GET vacancy",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "look up", look_up },
		{ "answer", answer_vacancy },
	},
};
