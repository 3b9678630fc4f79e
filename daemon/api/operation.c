/*
 * One operation of the ledger, as a route describes it.
 *
 * It knows no resource: routes.c says what each path does.
 */
#include "daemon/api/operation.h"

#include <assert.h>
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/parameters.h"

#define NAME_MAX_BYTES 360 /* nobody's key has a longer name */

/* As its keys name it: its code, or its name when it has none. */
static void ask_organisation(struct flow *f, struct ask *ask, size_t part)
{
	const char *name = flow_request(f)->params[part];

	if (strlen(name) > NAME_MAX_BYTES)
		ask_missing(ask, part);
	ask_text(ask, name);
}

static void ask_day(struct flow *f, struct ask *ask)
{
	static const char *const known[] = { "as_of" };

	ask_parameters(f, ask, known, 1);
	ask_as_of(f, ask);
}

static enum next call(struct flow *f, void *state)
{
	const struct operation *o = flow_request(f)->of_route;
	struct ask *ask = state;
	size_t part = 0;

	ask->registry = o->of;
	for (const char *arg = o->args; *arg; arg++) {
		switch (*arg) {
		case 'p':
			(void)ask_person(f, ask, part++);
			break;
		case 'i':
			ask_id(f, ask, part++);
			break;
		case 'e':
			ask_text(ask, path_employer(f, ask_faults(f, ask)));
			break;
		case 'o':
			ask_organisation(f, ask, part++);
			break;
		case 'm':
			ask_if_match(f, ask);
			break;
		case 'x':
			ask_new_only(f, ask);
			break;
		case 'd':
			ask_day(f, ask);
			break;
		case 'w':
			ask_text(ask, o->word);
			break;
		case '0':
			ask_text(ask, NULL);
			break;
		case 'b':
			ask_body(f, ask, o->body);
			break;
		default:
			assert(*arg == 'n');
			ask_nothing(f, ask);
		}
	}
	return ask_ledger(f, ask, o->op);
}

static enum next answer(struct flow *f, void *state)
{
	const struct operation *o = flow_request(f)->of_route;

	if (o->is_derived)
		flow_derived(f);
	return o->is_tagged ? answer_tagged(f, state) : answer_reply(f, state);
}

const struct plan operation = {
	.name = "operation",
	.state_size = sizeof(struct ask),
	.steps = { { "call", call }, { "answer", answer } },
};
