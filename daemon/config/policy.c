/*
 * The policy file: the weights, bands and order of matching, as a value (rules/policy).
 *
 * It owns the file's names and what makes a policy sound: nothing may be left
 * out (a policy is judged by what it says), better is never worth less than
 * worse, and the weights sum to 1000.  It refuses to know how a score is made.
 */
#include "daemon/config/config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/config/reader.h"

#define SCORE_MAX 1000

enum direction { FALLS, RISES };

static const char *const modes[] = {
	[PRIORITY_RANK_FIRST] = "rank_first",
	[PRIORITY_WITHIN_BAND] = "within_band",
	[PRIORITY_OFF] = "off",
};

static uint16_t number(cfg_t *section, const char *name, long min, long max)
{
	cfg_opt_t *opt = cfg_getopt(section, name);
	long n;

	if (cfg_opt_size(opt) == 0) {
		reader_fault(section, "%s: missing", name);
		return 0;
	}
	n = cfg_opt_getnint(opt, 0);
	if (n < min || n > max)
		reader_fault(section, "%s: %ld is not within %ld to %ld", name, n, min, max);
	return (uint16_t)n;
}

/* Exactly `count` numbers, the next never above (or never below) the one before. */
static void list(cfg_t *section, const char *name, enum direction d, uint16_t *out,
    size_t count)
{
	cfg_opt_t *opt = cfg_getopt(section, name);
	long before = d == FALLS ? SCORE_MAX : 0;

	if (cfg_opt_size(opt) != count) {
		reader_fault(section, "%s: has %u numbers, not %zu", name, cfg_opt_size(opt),
		    count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		long n = cfg_opt_getnint(opt, (unsigned)i);

		if (n < 0 || n > (d == FALLS ? SCORE_MAX : UINT16_MAX - 1))
			reader_fault(section, "%s: %ld is out of bounds", name, n);
		else if (d == FALLS ? n > before : n < before)
			reader_fault(section, "%s: %ld %s after %ld", name, n,
			    d == FALLS ? "rises" : "falls", before);
		before = n;
		out[i] = (uint16_t)n;
	}
}

static void read_score(cfg_t *s, struct policy *p)
{
	long sum;

	list(s, "occupation", FALLS, p->occupation, OCC_NONE);
	list(s, "area", FALLS, p->area, AREA_NONE);
	list(s, "freshness", FALLS, p->freshness, 5);
	list(s, "freshness_days", RISES, p->freshness_days, 4);
	p->skills = number(s, "skills", 0, SCORE_MAX);
	p->skills_unstated = number(s, "skills_unstated", 0, SCORE_MAX);
	p->pay = number(s, "pay", 0, SCORE_MAX);
	p->pay_slack_percent = number(s, "pay_slack_percent", 1, 100);
	p->experience = number(s, "experience", 0, SCORE_MAX);
	if (reader_faults())
		return;
	if (p->skills_unstated > p->skills)
		reader_fault(s, "skills_unstated: %u is above skills, %u", p->skills_unstated,
		    p->skills);
	sum = p->occupation[0] + p->area[0] + p->skills + p->pay + p->experience +
	      p->freshness[0];
	if (sum != SCORE_MAX)
		reader_fault(s, "score: the weights sum to %ld, not %d", sum, SCORE_MAX);
}

static void read_order(cfg_t *s, struct policy *p)
{
	const char *mode = cfg_getstr(s, "priority");

	p->band = number(s, "band", 1, SCORE_MAX);
	for (size_t i = 0; mode && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(mode, modes[i]) == 0) {
			p->priority = (enum priority_mode)i;
			return;
		}
	reader_fault(s, "priority: '%s' is none of rank_first, within_band, off",
	    mode ? mode : "");
}

static void read_version(cfg_t *cfg, struct policy *p)
{
	const char *version = cfg_getstr(cfg, "version");

	if (!version || !*version || strlen(version) >= sizeof(p->version))
		reader_fault(cfg, "version: 1 to %zu characters", sizeof(p->version) - 1);
	else
		snprintf(p->version, sizeof(p->version), "%s", version);
}

bool policy_read(const char *path, struct policy *out)
{
	cfg_opt_t score[] = {
		CFG_INT_LIST("occupation", NULL, CFGF_NODEFAULT),
		CFG_INT_LIST("area", NULL, CFGF_NODEFAULT),
		CFG_INT("skills", 0, CFGF_NODEFAULT),
		CFG_INT("skills_unstated", 0, CFGF_NODEFAULT),
		CFG_INT("pay", 0, CFGF_NODEFAULT),
		CFG_INT("pay_slack_percent", 0, CFGF_NODEFAULT),
		CFG_INT("experience", 0, CFGF_NODEFAULT),
		CFG_INT_LIST("freshness", NULL, CFGF_NODEFAULT),
		CFG_INT_LIST("freshness_days", NULL, CFGF_NODEFAULT),
		CFG_END(),
	};
	cfg_opt_t order[] = {
		CFG_STR("priority", NULL, CFGF_NODEFAULT),
		CFG_INT("band", 0, CFGF_NODEFAULT),
		CFG_END(),
	};
	cfg_opt_t opts[] = {
		CFG_STR("version", NULL, CFGF_NODEFAULT),
		CFG_SEC("score", score, CFGF_NODEFAULT),
		CFG_SEC("order", order, CFGF_NODEFAULT),
		CFG_END(),
	};
	cfg_t *cfg = reader_open(path, opts, NULL);
	cfg_t *s, *o;

	if (!cfg)
		return false;
	memset(out, 0, sizeof(*out));
	read_version(cfg, out);
	s = cfg_getsec(cfg, "score");
	o = cfg_getsec(cfg, "order");
	if (s)
		read_score(s, out);
	else
		reader_fault(cfg, "score: missing");
	if (o)
		read_order(o, out);
	else
		reader_fault(cfg, "order: missing");
	cfg_free(cfg);
	return reader_faults() == 0;
}
