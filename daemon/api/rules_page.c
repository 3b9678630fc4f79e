/*
 * /rules and /rules/{slug}: the rules and figures that answers, refusals and
 * explanations go by, for people.
 *
 * The pages are config/rules, as written; what a rule decides is decided where
 * the page is cited, never here.
 */
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/public_texts.h"
#include "daemon/api/resources.h"
#include "daemon/api/rule_pages.h"

static enum next reply_text(struct flow *f, const char *text)
{
	return answer_public(f, "text/plain; charset=utf-8", text);
}

static enum next show_list(struct flow *f, void *state)
{
	(void)state;
	if (answer_kept(f))
		return STEP_DONE;
	return reply_text(f, (const char *)rule_list);
}

const struct plan get_rules = {
	.name = "GET rules",
	.state_size = 1,
	.steps = { { "show list", show_list } },
};

static enum next show_page(struct flow *f, void *state)
{
	const char *slug = flow_request(f)->params[0];

	(void)state;
	if (answer_kept(f))
		return STEP_DONE;
	for (size_t i = 0; i < n_rule_pages; i++)
		if (strcmp(rule_pages[i].slug, slug) == 0)
			return reply_text(f, rule_pages[i].text);
	return refuse_missing(f, 0);
}

const struct plan get_rule = {
	.name = "GET rule page",
	.state_size = 1,
	.steps = { { "show page", show_page } },
};
