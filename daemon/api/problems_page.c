/*
 * /problems/{slug}: what a refusal means and how to mend it, for people who
 * follow the `type` of a problem.  It is made from the same table as the
 * refusals, so a refusal cannot lack its page.
 */
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/public_texts.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/flow/problem.h"

static enum next show(struct flow *f, void *state)
{
	const char *slug = flow_request(f)->params[0];
	const struct problem_kind *k = problem_kind(slug);
	const char *page;

	(void)state;
	if (answer_kept(f))
		return STEP_DONE;
	/* An unknown slug is "internal" to whoever refuses; here it is no page. */
	if (strcmp(k->slug, slug) != 0)
		return refuse_missing(f, 0);
	page = arena_printf(flow_arena(f), "%s\n%d\n\n%s\n%s\n\n%s\n%s\n%s%s%s", k->slug,
	    k->status, k->title_zh, k->mend_zh, k->title_en, k->mend_en, k->rule ? "\n/" : "",
	    k->rule ? k->rule : "", k->rule ? "\n" : "");
	return answer_public(f, "text/plain; charset=utf-8", page);
}

const struct plan get_problem = {
	.name = "GET problem page",
	.state_size = 1,
	.steps = { { "show", show } },
};
