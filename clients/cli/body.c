/*
 * The bodies that a command makes of its options.
 *
 * It knows the names of members as the API says them, and which options a
 * command cannot do without; whether a value is right is for the exchange.
 */
#include "clients/cli/ctl.h"

#include <stdio.h>

static bool need(const char *value, const char *option)
{
	if (!value)
		fprintf(stderr, "vacancyctl: this command needs --%s\n", option);
	return value != NULL;
}

json_t *body_nil_return(const struct ctl *c)
{
	if (c->opt.staff == UNSAID) {
		fputs("vacancyctl: this command needs --staff\n", stderr);
		return NULL;
	}
	return json_pack("{s:b, s:i, s:[]}", "nil", 1, "staff", c->opt.staff, "lines");
}

json_t *body_placement(const struct ctl *c)
{
	if (!need(c->opt.seeker, "seeker") || !need(c->opt.start, "start"))
		return NULL;
	return json_pack("{s:s, s:s?, s:s, s:s?, s:s?, s:s}", "seeker", c->opt.seeker,
	    "vacancy", c->opt.vacancy, "kind", c->opt.kind ? c->opt.kind : "unit", "employer",
	    c->opt.employer, "workplace", c->opt.workplace, "start_on", c->opt.start);
}

json_t *body_registration(const struct ctl *c)
{
	if (!need(c->opt.community, "community"))
		return NULL;
	return json_pack("{s:s, s:s?}", "community", c->opt.community, "on", c->opt.on);
}

json_t *body_void(const struct ctl *c)
{
	if (!need(c->opt.code, "code") || !need(c->opt.reason, "reason") ||
	    !need(c->opt.evidence, "evidence"))
		return NULL;
	return json_pack("{s:s, s:s, s:s}", "code", c->opt.code, "reason", c->opt.reason,
	    "evidence", c->opt.evidence);
}

json_t *body_key(const struct ctl *c)
{
	if (!need(c->opt.role, "role"))
		return NULL;
	return json_pack("{s:s, s:s?, s:s?, s:s?, s:s?}", "role", c->opt.role, "org_code",
	    c->opt.org, "org_name", c->opt.name, "scope", c->opt.scope, "expires_on",
	    c->opt.expires);
}
