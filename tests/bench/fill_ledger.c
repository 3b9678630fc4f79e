/*
 * bench_copy: fills a migrated, empty ledger with a market.
 *
 *   bench_copy --data DIR --ledger CONNINFO --vacancies N --seekers N [--seed N]
 *
 * Every table is a COPY on a connection of its own, all open at once, so that
 * each record is made once and the servers' processes work side by side.  The
 * role must be a superuser: triggers and foreign keys rest while it loads, and
 * what they would have checked is true by construction.  Sealed fields are
 * noise, which nobody's key opens.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/copy_stream.h"
#include "tests/bench/market.h"

#define KID "0000000000000001"

enum table {
	EMPLOYER,
	SITE,
	RETURN,
	RETURN_VERSION,
	LINE,
	VACANCY,
	STANDING,
	APPROVAL,
	SLOT,
	PERSON,
	SEEKER,
	RETIREMENT,
	UNEMPLOYMENT,
	RECOGNITION,
	CERTIFICATE,
	INSPECTION,
	HOUSEHOLD,
	MEMBER,
	TABLES
};

static const struct {
	const char *name, *columns;
	bool has_ids; /* numbered by an identity column */
} tables[TABLES] = {
	[EMPLOYER] = { "employer", "city, id, code, name, kind, registered_on", true },
	[SITE] = { "employer_site", "city, employer, district, since", false },
	[RETURN] = { "return",
	    "city, id, employer, district, quarter, version, first_on, received_at, late, nil, "
	    "body_hash",
	    true },
	[RETURN_VERSION] = { "return_version",
	    "city, return, version, nil, staff, received_at, answer, kid, actor", false },
	[LINE] = { "return_line", "city, id, return, ref, version_from, vacancy, filed", true },
	[VACANCY] = { "vacancy",
	    "city, id, employer, district, ref, open, occupation, title, employer_name, "
	    "pay_text, posts, place, pay_min_month, pay_max_month, education_rank, "
	    "experience_months, shift, form, reserved, approval, posted_on, valid_until, "
	    "released_on, required, wished, licences",
	    true },
	[STANDING] = { "vacancy_standing",
	    "city, vacancy, line, quarter, confirmed_on, lapses_on, turn_on", false },
	[APPROVAL] = { "approval",
	    "city, approval, employer, community, kind, posts, approved_on, is_new, kid, actor",
	    false },
	[SLOT] = { "post_slot", "city, approval", false },
	[PERSON] = { "person",
	    "city, id, blind, citizen, name, phone, address, sex, birth, grp, hukou_type, "
	    "hukou_division, registered_on, kid, actor",
	    false },
	[SEEKER] = { "seeker",
	    "city, id, community, rank, rank_reason, rank_on, age_class, waiting_since, "
	    "pay_wish, farthest, shifts, forms, education, education_rank, wishes, skills, "
	    "licences, experience",
	    false },
	[RETIREMENT] = { "retirement_fact", "city, person, since, age, evidence", false },
	[UNEMPLOYMENT] = { "unemployment", "city, person, since, prior_job, laid_off", false },
	[RECOGNITION] = { "recognition", "city, person, code, recognised_on, by_kid", false },
	[CERTIFICATE] = { "certificate", "city, id, person, number, grp, issued_on, valid_to",
	    true },
	[INSPECTION] = { "inspection", "city, certificate, year, on_day", false },
	[HOUSEHOLD] = { "household",
	    "city, id, community, hukou_type, business_income, investment_income, "
	    "applied_on, determined_on, kid, actor",
	    true },
	[MEMBER] = { "household_member", "city, household, person, able, willing", false },
};

static struct copy_stream *streams[TABLES];

/* Values as COPY writes them; each is good until the second next row of its kind. */
static const char *day(int d)
{
	static char text[8][11];
	static unsigned turn;

	city_date(d, text[++turn % 8]);
	return text[turn % 8];
}

static const char *bytes(const uint8_t *p, size_t n)
{
	static char text[8][2 * 64 + 4];
	static unsigned turn;
	char *out = text[++turn % 8];

	out += sprintf(out, "\\\\x");
	for (size_t i = 0; i < n && i < 64; i++)
		out += sprintf(out, "%02x", p[i]);
	return text[turn % 8];
}

static const char *noise(uint64_t seed, size_t n)
{
	uint8_t p[64];
	uint64_t state = seed;

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)market_random(&state, 256);
	return bytes(p, n);
}

static void put_employers(const struct city *c)
{
	struct city_employer e;

	for (uint32_t i = 0; i < city_size(c).employers; i++) {
		city_employer(c, i, &e);
		copy_row(streams[EMPLOYER], "%u\t%s\t%s\t%s\t%s", i + 1, e.code, e.name, e.kind,
		    day(e.since[0]));
		for (int s = 0; s < e.n_sites; s++)
			copy_row(streams[SITE], "%u\t%06u\t%s", i + 1, e.districts[s],
			    day(e.since[s]));
	}
}

static void put_vacancy(const struct city_return *r, uint32_t number,
    const struct city_employer *e, const struct city_vacancy *v, uint32_t return_id)
{
	struct vacancy coded;
	char ref[16], approval[32], pay[64], released[11] = "\\N";
	const char *unit = strcmp(v->period, "hour") == 0  ? "元/小时"
			   : strcmp(v->period, "day") == 0 ? "元/天"
							   : "元/月";
	uint32_t id = v->index + 1;

	market_vacancy(r, v, &coded);
	snprintf(ref, sizeof(ref), "A-%03u", number);
	snprintf(approval, sizeof(approval), v->reserved ? "GY2007-%06u" : "\\N", v->index);
	if (v->pay_min && v->pay_min < v->pay_max)
		snprintf(pay, sizeof(pay), "%u–%u%s", v->pay_min / 100, v->pay_max / 100, unit);
	else
		snprintf(pay, sizeof(pay), "%u%s", v->pay_max / 100, unit);
	if (coded.released_on != DAY_NEVER)
		city_date(coded.released_on, released);
	copy_row(streams[VACANCY],
	    "%u\t%" PRIu64 "\t%06u\t%s\tt\t%u\t%s\t%s\t%s\t%u\t%" PRIu64
	    "\t%u\t%u\t%u\t%u\t%u\t%u\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s",
	    id, coded.employer, r->district, ref, coded.occupation, v->name, e->name, pay,
	    coded.open_posts, coded.place, coded.pay_min, coded.pay_max, coded.education_min,
	    coded.experience_months, coded.shift, coded.form, v->reserved ? "t" : "f", approval,
	    day(coded.posted_on), day(coded.valid_until), released,
	    bytes(coded.required, coded.n_required), bytes(coded.wished, coded.n_wished),
	    bytes(coded.licences, coded.n_licences));
	copy_row(streams[LINE],
	    "%u\t%u\t%s\t1\t%u\t{\"ref\": \"%s\", \"occupation\": %u, \"title\": \"%s\", "
	    "\"posts\": %d, \"place\": \"%" PRIu64 "\", \"pay_max_fen\": %u, "
	    "\"pay_period\": \"%s\", \"weekly_hours\": %d, \"insurance\": [], "
	    "\"restrictions\": [], \"benefits\": \"\"}",
	    id, return_id, ref, id, ref, v->occupation, v->name, v->posts, v->place, v->pay_max,
	    v->period, v->weekly_hours);
	copy_row(streams[STANDING], "%u\t%u\t" CITY_QUARTER "\t%s\t2007-10-11\t2007-10-11", id,
	    id, day(v->since));
	if (!v->reserved)
		return;
	copy_row(streams[APPROVAL], "%s\t%u\t%" PRIu64 "\t%s\t%d\t%s\t%s\t" KID "\t", approval,
	    r->employer + 1, v->place, v->post_kind, v->posts, day(v->approved),
	    v->is_new ? "t" : "f");
	for (int i = 0; i < v->posts; i++)
		copy_row(streams[SLOT], "%s", approval);
}

static void put_returns(const struct city *c)
{
	struct city_return r;
	struct city_employer e;
	struct city_vacancy v;

	for (uint32_t i = 0; i < city_size(c).returns; i++) {
		city_return(c, i, &r);
		city_employer(c, r.employer, &e);
		copy_row(streams[RETURN],
		    "%u\t%u\t%06u\t" CITY_QUARTER
		    "\t1\t2007-07-09\t2007-07-09 10:00+08\tf\t%s\t%s",
		    i + 1, r.employer + 1, r.district, r.n ? "f" : "t", noise(i, 32));
		copy_row(streams[RETURN_VERSION],
		    "%u\t1\t%s\t%d\t2007-07-09 10:00+08\t{}\t" KID "\t", i + 1, r.n ? "f" : "t",
		    r.staff);
		for (uint32_t k = 0; k < r.n; k++) {
			city_vacancy(c, &r, r.first + k, &v);
			put_vacancy(&r, k + 1, &e, &v, i + 1);
		}
	}
}

static void put_facts(const struct city_person *p, uint64_t id)
{
	static uint32_t certificates;

	if (p->retirement_age)
		copy_row(streams[RETIREMENT], "%" PRIu64 "\t%s\t%d\t干部身份证明", id,
		    day(p->birth), p->retirement_age);
	if (p->unemployed_since)
		copy_row(streams[UNEMPLOYMENT], "%" PRIu64 "\t%s\t%s\t%s", id,
		    day(p->unemployed_since), p->prior_job ? "t" : "f",
		    p->laid_off ? p->laid_off : "\\N");
	if (p->recognition)
		copy_row(streams[RECOGNITION], "%" PRIu64 "\t%s\t%s\t" KID, id, p->recognition,
		    day(p->recognised_on));
	if (!p->certificate)
		return;
	certificates++;
	copy_row(streams[CERTIFICATE], "%u\t%" PRIu64 "\t4101%08u\t%s\t%s\t2008-12-31",
	    certificates, id, p->index, p->certificate_group, day(p->certificate_issued));
	copy_row(streams[INSPECTION], "%u\t2007\t2007-04-30", certificates);
}

static void put_seeker(const struct city_person *p)
{
	static const char *const reasons[] = { [RANK_P1] = "zero-employment-household",
		[RANK_P2] = "4050",
		[RANK_P3] = "",
		[RANK_P4] = "certificate",
		[RANK_P5] = "registered-unemployed",
		[RANK_P6] = "other" };
	struct seeker s;
	char wishes[64];
	uint8_t experience[6 * EXPERIENCE_MAX];
	size_t n = 0;

	market_seeker(p, &s);
	for (int i = 0; i < s.n_wishes; i++)
		n += (size_t)snprintf(wishes + n, sizeof(wishes) - n, "%s%u", i ? "," : "{",
		    s.wishes[i]);
	snprintf(wishes + n, sizeof(wishes) - n, "}");
	for (int i = 0; i < s.n_experience; i++) {
		uint8_t *e = experience + (size_t)6 * (size_t)i;

		for (int b = 0; b < 4; b++)
			e[b] = (uint8_t)(s.experience[i].occupation >> (24 - 8 * b));
		e[4] = (uint8_t)(s.experience[i].months >> 8);
		e[5] = (uint8_t)s.experience[i].months;
	}
	copy_row(streams[PERSON],
	    "%" PRIu64 "\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%06u\t2007-07-12\t" KID "\t",
	    s.id, noise(s.id, 32), noise(s.id + 1, 59), noise(s.id + 2, 50),
	    noise(s.id + 3, 52), noise(s.id + 4, 64), p->woman ? 2 : 1, day(p->birth), p->group,
	    p->urban ? "urban" : "rural", p->hukou);
	copy_row(streams[SEEKER],
	    "%" PRIu64 "\t%" PRIu64 "\t%u\t%s\t2007-07-12\t%u\t%s\t%u\t%u\t%u\t%u\t%s\t%u\t%s"
	    "\t%s\t%s\t%s",
	    s.id, s.place, s.rank, s.rank == RANK_P3 ? p->recognition : reasons[s.rank],
	    s.age_class, day(s.waiting_since), s.pay_wish, s.farthest, s.shifts, s.forms,
	    p->education, s.education, wishes, bytes(s.skills, s.n_skills),
	    bytes(s.licences, s.n_licences), bytes(experience, (size_t)6 * s.n_experience));
	put_facts(p, s.id);
}

static void put_people(const struct city *c)
{
	struct city_person p;
	struct city_household h;

	for (uint32_t i = 0; i < city_size(c).people; i++) {
		city_person(c, i, &p);
		put_seeker(&p);
	}
	for (uint32_t i = 0; i < city_size(c).households; i++) {
		city_household(c, i, &h);
		city_person(c, h.first, &p);
		copy_row(streams[HOUSEHOLD], "%u\t%" PRIu64 "\turban\tf\tf\t%s\t%s\t" KID "\t",
		    i + 1, p.community, day(h.applied), day(h.determined));
		for (int m = 0; m < h.members; m++)
			copy_row(streams[MEMBER], "%u\t%" PRIu64 "\tt\tt", i + 1,
			    market_seeker_id(h.first + (uint32_t)m));
	}
}

static int usage(void)
{
	fprintf(stderr, "usage: bench_copy --data DIR --ledger CONNINFO --vacancies N "
			"--seekers N [--seed N]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "data", required_argument, NULL, 'd' },
		{ "ledger", required_argument, NULL, 'l' },
		{ "vacancies", required_argument, NULL, 'v' },
		{ "seekers", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'x' }, { 0 } };
	const char *data = NULL;
	const char *ledger = NULL;
	uint64_t vacancies = 0;
	uint64_t seekers = 0;
	uint64_t seed = 2007;
	struct city *c;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'd')
			data = optarg;
		else if (o == 'l')
			ledger = optarg;
		else if (o == 'v')
			vacancies = strtoull(optarg, NULL, 10);
		else if (o == 's')
			seekers = strtoull(optarg, NULL, 10);
		else if (o == 'x')
			seed = strtoull(optarg, NULL, 10);
		else
			return usage();
	}
	if (!data || !ledger || vacancies > CITY_PEOPLE_MAX || seekers > CITY_PEOPLE_MAX)
		return usage();
	c = city_new_sized(data, seed, (uint32_t)seekers, (uint32_t)vacancies);
	if (!c)
		return 1;
	for (int t = 0; t < TABLES; t++)
		streams[t] = copy_open(ledger, tables[t].name, tables[t].columns);
	put_employers(c);
	put_returns(c);
	put_people(c);
	for (int t = 0; t < TABLES; t++)
		copy_close(streams[t], tables[t].has_ids);
	printf("{\"employers\": %u, \"returns\": %u, \"vacancies\": %u, \"seekers\": %u}\n",
	    city_size(c).employers, city_size(c).returns, city_size(c).vacancies,
	    city_size(c).people);
	city_free(c);
	return 0;
}
