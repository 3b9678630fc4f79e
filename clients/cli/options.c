/*
 * The options of vacancyctl: one table, read by popt, after the environment.
 *
 * It knows no command: every option may stand anywhere on the line.
 */
#include "clients/cli/ctl.h"

#include <stdio.h>
#include <stdlib.h>

#include <popt.h>

bool options_read(struct options *o, int argc, const char **argv, int *n_words,
    const char ***words)
{
	struct poptOption table[] = { { "url", 0, POPT_ARG_STRING, &o->url, 0,
					  "the exchange ($VACANCYD_URL)", "URL" },
		{ "key", 0, POPT_ARG_STRING, &o->key, 0, "the API key ($VACANCYD_KEY)", "KEY" },
		{ "admin", 0, POPT_ARG_STRING, &o->admin, 0, "admin socket ($VACANCYD_ADMIN)",
		    "PATH" },
		{ "lang", 0, POPT_ARG_STRING, &o->lang, 0, "zh or en; $LANG decides", "LANG" },
		{ "json", 0, POPT_ARG_NONE, &o->json, 0, "print the answer as it came", NULL },
		{ "explain", 0, POPT_ARG_NONE, &o->explain, 0, "matches: say why", NULL },
		{ "quiet", 'q', POPT_ARG_NONE, &o->quiet, 0, "no progress", NULL },
		{ "validate", 0, POPT_ARG_NONE, &o->validate, 0, "check only", NULL },
		{ "limit", 'k', POPT_ARG_INT, &o->k, 0, "how many matches, 1 to 100", "N" },
		{ "year", 0, POPT_ARG_INT, &o->year, 0, "plan year", "YEAR" },
		{ "staff", 0, POPT_ARG_INT, &o->staff, 0, "staff at the quarter's end", "N" },
		{ "concurrency", 'c', POPT_ARG_INT, &o->concurrency, 0,
		    "batch: requests at a time, 1 to 64", "N" },
		{ "version", 0, POPT_ARG_INT, &o->version, 0, "of a return", "N" },
		{ "if-match", 0, POPT_ARG_STRING, &o->if_match, 0,
		    "refuse if the version is another", "N" },
		{ "idempotency-key", 0, POPT_ARG_STRING, &o->idempotency_key, 0,
		    "of this request", "KEY" },
		{ "actor", 0, POPT_ARG_STRING, &o->actor, 0, "the person behind the key",
		    "WHO" },
		{ "as-of", 0, POPT_ARG_STRING, &o->as_of, 0, "as known on a day",
		    "YYYY-MM-DD" },
		{ "unit", 0, POPT_ARG_STRING, &o->unit, 0, "one reporting unit", "UNIT" },
		{ "seeker", 0, POPT_ARG_STRING, &o->seeker, 0, "16 hex digits", "ID" },
		{ "vacancy", 0, POPT_ARG_STRING, &o->vacancy, 0, "", "ID" },
		{ "kind", 0, POPT_ARG_STRING, &o->kind, 0,
		    "unit, dispatch, self, flexible, pwp", "KIND" },
		{ "employer", 0, POPT_ARG_STRING, &o->employer, 0, "code", "CODE" },
		{ "workplace", 0, POPT_ARG_STRING, &o->workplace, 0, "12 digits", "PLACE" },
		{ "start", 0, POPT_ARG_STRING, &o->start, 0, "first day of work",
		    "YYYY-MM-DD" },
		{ "community", 0, POPT_ARG_STRING, &o->community, 0, "12 digits", "PLACE" },
		{ "on", 0, POPT_ARG_STRING, &o->on, 0, "day of registration", "YYYY-MM-DD" },
		{ "code", 0, POPT_ARG_STRING, &o->code, 0, "V1, V2 or V3", "CODE" },
		{ "reason", 0, POPT_ARG_STRING, &o->reason, 0, "in words", "TEXT" },
		{ "evidence", 0, POPT_ARG_STRING, &o->evidence, 0, "file number", "TEXT" },
		{ "role", 0, POPT_ARG_STRING, &o->role, 0, "employer, agency, bureau, auditor",
		    "ROLE" },
		{ "org", 0, POPT_ARG_STRING, &o->org, 0, "organisation's code", "CODE" },
		{ "name", 0, POPT_ARG_STRING, &o->name, 0, "organisation's name", "NAME" },
		{ "scope", 0, POPT_ARG_STRING, &o->scope, 0, "division prefix", "PREFIX" },
		{ "expires", 0, POPT_ARG_STRING, &o->expires, 0, "last day", "YYYY-MM-DD" },
		POPT_AUTOHELP POPT_TABLEEND };
	static poptContext ctx; /* the words live in it, as long as the process */
	int rc, n = 0;

	*o = (struct options){ .url = getenv("VACANCYD_URL"),
		.key = getenv("VACANCYD_KEY"),
		.admin = getenv("VACANCYD_ADMIN"),
		.concurrency = 8,
		.staff = UNSAID,
		.k = UNSAID,
		.year = UNSAID,
		.version = UNSAID };
	ctx = poptGetContext("vacancyctl", argc, argv, table, 0);
	poptSetOtherOptionHelp(ctx, "[OPTIONS] COMMAND");
	while ((rc = poptGetNextOpt(ctx)) > 0)
		continue;
	if (rc < -1) {
		fprintf(stderr, "vacancyctl: %s: %s\n", poptBadOption(ctx, 0),
		    poptStrerror(rc));
		poptFreeContext(ctx);
		return false;
	}
	*words = poptGetArgs(ctx);
	while (*words && (*words)[n])
		n++;
	*n_words = n;
	return true;
}
