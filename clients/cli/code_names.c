/*
 * The short lists of codes with their names, as people read and write them.
 *
 * Printed by the build from config/data: choices.tsv, and which members and options
 * hold which list.  The long ones are not here: their names stand in the answers.
 */
#include "clients/cli/ctl.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct code {
	const char *list, *code, *zh, *en, *spellings;
} codes[] = {
#include "clients/cli/code_rows.inc"
};

/* By member. */
static const struct held {
	const char *member, *lists;
} held[] = {
#include "clients/cli/member_lists.inc"
};

/* Which list an option takes, or the argument KIND: of the commands that begin so, with that
 * KIND if one is named; of every command.  The first that fits.  `besides` is no code of the
 * list. */
static const struct taken {
	const char *command, *kind, *option, *list, *besides;
} taken[] = {
	{ "fact add", "", "KIND", "fact-kinds", "" },
	{ "fact end", "", "KIND", "fact-kinds", "" },
	{ "fact void", "", "KIND", "fact-kinds", "" },
	{ "import", "", "kind", NULL, "" }, /* kinds of files, which are no codes */
#include "clients/cli/register_lists.inc"
	{ "decisions list", "", "kind", "decision-kinds", "" },
	{ "figure list", "", "FIGURE", "figures", "" },
	{ "lot list", "", "kind", "lot-kinds", "" },
	{ "lot list", "", "state", "lot-states", "" },
	{ "lot records", "", "outcome", "lot-outcomes", "" },
	{ "", "", "kind", "placement-kinds", "" },
	{ "", "", "form", "forms", "" },
	{ "", "", "shift", "shifts", "" },
	{ "", "", "reserved", "yes-no", "" },
	{ "", "", "rank", "ranks", "" },
	{ "", "", "role", "roles", "" },
	{ "", "", "how", "consent-ways", "" },
	{ "", "", "passing-reason", "passing-reasons", "" },
	{ "", "", "sandbox", "sandbox-answers", "" },
	{ "", "", "signal", "taking-back-signals", "" },
	{ "", "", "decision", "decisions", "" },
	{ "place void", "", "code", "void-reasons", "" },
	{ "", "", "education-max", "education", "" },
	{ "obligations list", "", "state", "obligation-states", "nil" },
	{ "vacancy search", "", "state", "vacancy-states", "all" },
	{ "seeker list", "", "state", "seeker-states", "" },
	{ "household list", "", "state", "household-states", "" },
	{ "referral list", "", "state", "referral-states", "" },
	{ "return close", "", "reason", "closing-reasons", "" },
	{ "seeker withdraw", "", "reason", "leaving-reasons", "" },
	{ "fact end", "unemployment", "reason", "leaving-reasons", "" },
	{ "fact end", "", "reason", "recovery-reasons", "" },
	{ "household end", "", "reason", "household-end-reasons", "" },
	{ "referral refuse", "", "reason", "refusing-reasons", "" },
	{ "referral decline", "", "reason", "declining-reasons", "" },
	{ "referral fail", "", "reason", "failing-reasons", "" },
	{ "referral withdraw", "", "reason", "withdrawing-reasons", "" },
	{ "place withdraw", "", "reason", "taking-back-reasons", "" },
	{ "place end", "", "reason", "job-end-reasons", "" },
};

static bool begins(const char *words, const char *with)
{
	size_t n = strlen(with);

	return strncmp(words, with, n) == 0 && (!n || !words[n] || words[n] == ' ');
}

const char *code_list_taken(const struct ctl *c, const struct command *k, const char *option)
{
	for (size_t i = 0; i < COUNT(taken); i++) {
		const struct taken *t = &taken[i];

		if (strcmp(t->option, option) == 0 && begins(k->words, t->command) &&
		    (!*t->kind || (c->argc > 1 && strcmp(c->argv[1], t->kind) == 0)))
			return t->list;
	}
	return NULL;
}

static bool is_among(const char *words, const char *word, size_t n)
{
	while (*words) {
		size_t len = strcspn(words, "|");

		if (len == n && strncasecmp(words, word, n) == 0)
			return true;
		words += len + (words[len] == '|');
	}
	return false;
}

const char *code_meant(const char *list, const char *word, size_t n)
{
	for (size_t i = 0; i < COUNT(codes); i++)
		if (strcmp(codes[i].list, list) == 0 &&
		    (is_among(codes[i].code, word, n) || is_among(codes[i].zh, word, n) ||
			is_among(codes[i].en, word, n) ||
			is_among(codes[i].spellings, word, n)))
			return codes[i].code;
	return NULL;
}

void code_list_put(FILE *out, const char *list, bool zh)
{
	const char *comma = "";

	for (size_t i = 0; i < COUNT(codes); i++)
		if (strcmp(codes[i].list, list) == 0) {
			fprintf(out, "%s%s%s%s", comma, codes[i].code, zh ? " " : "",
			    zh ? codes[i].zh : "");
			comma = zh ? "，" : ", ";
		}
}

/* The list of a member in this command's resource: "placements:placement-states entry-states".
 */
static const char *name_in(const char *lists, const char *path, const char *code)
{
	const char *resource = path && strncmp(path, "/v1/", 4) == 0 ? path + 4 : "";
	size_t n = strcspn(resource, "/");

	while (*lists) {
		size_t len = strcspn(lists, " "), colon = strcspn(lists, ":");
		const char *list = colon < len ? lists + colon + 1 : lists;
		size_t list_len = (size_t)(lists + len - list);
		bool is_here = colon >= len || (colon == n && strncmp(lists, resource, n) == 0);

		for (size_t i = 0; is_here && i < COUNT(codes); i++)
			if (strlen(codes[i].list) == list_len &&
			    strncmp(codes[i].list, list, list_len) == 0 &&
			    strcmp(codes[i].code, code) == 0)
				return codes[i].zh;
		lists += len + (lists[len] == ' ');
	}
	return NULL;
}

static int by_member(const void *a, const void *b)
{
	return strcmp(((const struct held *)a)->member, ((const struct held *)b)->member);
}

const char *code_zh(const struct ctl *c, const char *member, const char *code)
{
	const struct held wanted = { member, NULL };
	const struct held *found =
	    bsearch(&wanted, held, COUNT(held), sizeof(*held), by_member);

	return found ? name_in(found->lists, c->command ? c->command->path : NULL, code) : NULL;
}

/* For bash: between its quotes. */
void code_values_put(void)
{
	for (size_t i = 0; i < COUNT(taken); i++) {
		const struct taken *t = &taken[i];

		if (strcmp(t->option, "KIND") == 0 || !t->list)
			continue;
		fputs("\t", stdout);
		if (*t->command)
			printf("' %s'", t->command);
		if (*t->kind)
			printf("*' %s'", t->kind);
		printf("*' --%s') values='", t->option);
		code_list_put(stdout, t->list, false);
		printf("%s%s' ;;\n", *t->besides ? ", " : "", t->besides);
	}
}
