/*
 * The city as requests: one JSON object a line, as `vacancyctl batch` and the
 * benchmarks take them.
 *
 * A person is named "s<index>" in her line, and a household refers to its
 * members by these names: only the ledger knows the ids they are given.  No
 * text made here needs an escape.
 */
#include <inttypes.h>
#include <string.h>

#include "tests/city/tables.h"

struct list {
	FILE *out;
	int n;
};

static void open_line(FILE *out, const char *method, const char *path)
{
	fprintf(out, "{\"method\":\"%s\",\"path\":\"%s\",\"key\":\"bureau\",", method, path);
}

static void next(struct list *l)
{
	if (l->n++)
		fputc(',', l->out);
}

static void text_item(struct list *l, const char *text)
{
	next(l);
	fprintf(l->out, "\"%s\"", text);
}

static void put_text(FILE *out, const char *name, const char *text)
{
	if (text)
		fprintf(out, "\"%s\":\"%s\",", name, text);
	else
		fprintf(out, "\"%s\":null,", name);
}

static void put_day(FILE *out, const char *name, int day)
{
	char date[11];

	city_date(day, date);
	put_text(out, name, date);
}

static void put_occupation(FILE *out, uint32_t o)
{
	uint32_t major = o / 1000000;
	uint32_t middle = o / 10000 % 100;
	uint32_t minor = o / 100 % 100;

	if (o % 100)
		fprintf(out, "\"%u-%02u-%02u-%02u\"", major, middle, minor, o % 100);
	else if (minor)
		fprintf(out, "\"%u-%02u-%02u\"", major, middle, minor);
	else
		fprintf(out, "\"%u-%02u\"", major, middle);
}

static void put_words(FILE *out, const char *name, const struct word words[256],
    const uint8_t *ids, int n)
{
	struct list l = { out, 0 };

	fprintf(out, "\"%s\":[", name);
	for (int i = 0; i < n; i++)
		text_item(&l, words[ids[i]].code);
	fputs("],", out);
}

static void put_set(FILE *out, const char *name, const char *const *names, int n, unsigned set)
{
	struct list l = { out, 0 };

	fprintf(out, "\"%s\":[", name);
	for (int i = 0; i < n; i++) {
		if (set & 1u << i)
			text_item(&l, names[i]);
	}
	fputs("],", out);
}

void city_write_employer(const struct city *c, uint32_t i, FILE *out)
{
	struct city_employer e;
	char path[64], date[11];

	city_employer(c, i, &e);
	snprintf(path, sizeof(path), "/v1/employers/%s", e.code);
	open_line(out, "PUT", path);
	fprintf(out, "\"body\":{\"name\":\"%s\",\"kind\":\"%s\",\"sites\":[", e.name, e.kind);
	for (int s = 0; s < e.n_sites; s++) {
		city_date(e.since[s], date);
		fprintf(out, "%s{\"district\":\"%06u\",\"since\":\"%s\"}", s ? "," : "",
		    e.districts[s], date);
	}
	fputs("]}}\n", out);
}

uint32_t city_write_posts(const struct city *c, uint32_t i, FILE *out)
{
	struct city_return r;
	struct city_employer e;
	struct city_vacancy v;
	uint32_t n = 0;

	city_return(c, i, &r);
	city_employer(c, r.employer, &e);
	for (uint32_t k = r.first; k < r.first + r.n; k++) {
		city_vacancy(c, &r, k, &v);
		if (!v.reserved)
			continue;
		n++;
		open_line(out, "POST", "/v1/public-welfare-posts");
		fprintf(out,
		    "\"idempotency_key\":\"city-%" PRIu64
		    "-g%u\",\"body\":{\"approval\":\"GY2007-%06u\","
		    "\"employer\":\"%s\",\"community\":\"%012" PRIu64
		    "\",\"kind\":\"%s\",\"posts\":%d,",
		    c->seed, k, k, e.code, v.place, v.post_kind, v.posts);
		put_day(out, "approved_on", v.approved);
		fprintf(out, "\"new\":%s}}\n", v.is_new ? "true" : "false");
	}
	return n;
}

static void put_vacancy(const struct city *c, const struct city_vacancy *v, uint32_t number,
    int mistake, FILE *out)
{
	static const char *const insurances[] = { "pension", "medical", "unemployment",
		"work_injury", "maternity" };
	uint64_t place = v->place;
	uint32_t pay_min = v->pay_min;

	fprintf(out, "{\"ref\":\"A-%03u\",\"occupation\":", number);
	if (mistake == 1)
		fputs("\"4-07-05-77\"", out); /* no such occupation */
	else
		put_occupation(out, v->occupation);
	fputc(',', out);
	put_text(out, "title", v->name);
	if (mistake != 2)
		fprintf(out, "\"duties\":\"%s岗位的日常工作,服从班组安排\",", v->name);
	if (mistake == 3)
		place = place / 1000000 * 1000000 + 999999; /* no such community */
	if (mistake == 4)
		pay_min = v->pay_max + 100;
	fprintf(out, "\"posts\":%d,\"place\":\"%012" PRIu64 "\",", mistake == 5 ? 0 : v->posts,
	    place);
	if (pay_min)
		fprintf(out, "\"pay_min_fen\":%u,", pay_min);
	fprintf(out, "\"pay_max_fen\":%u,", v->pay_max);
	put_text(out, "pay_period", v->period);
	fprintf(out, "\"weekly_hours\":%d,", v->weekly_hours);
	put_set(out, "insurance", insurances, 5, v->insurance);
	fprintf(out, "\"interview_contact\":\"人事科 1000%07u\",", v->index);
	put_text(out, "education_min", v->education);
	put_words(out, "skills_required", c->skills, v->required, v->n_required);
	put_words(out, "skills_wished", c->skills, v->wished, v->n_wished);
	put_words(out, "licences", c->licences, v->licences, v->n_licences);
	fprintf(out, "\"experience_months\":%d,", v->experience_months);
	put_text(out, "shift", v->shift);
	put_text(out, "form", v->form);
	fprintf(out, "\"contract_months\":%d,", v->contract_months);
	put_day(out, "vacant_since", v->since);
	put_day(out, "valid_until", v->until);
	if (v->reserved)
		fprintf(out, "\"reserved\":true,\"approval\":\"GY2007-%06u\",", v->index);
	else
		fputs("\"reserved\":false,\"approval\":null,", out);
	fputs("\"restrictions\":[],\"benefits\":\"\"}", out);
}

static void put_return(const struct city *c, const struct city_return *r, int mistake,
    FILE *out)
{
	struct city_employer e;
	struct city_vacancy v;
	char path[96];

	city_employer(c, r->employer, &e);
	snprintf(path, sizeof(path), "/v1/returns/%s/%06u/%s", e.code, r->district,
	    CITY_QUARTER);
	open_line(out, "PUT", path);
	if (mistake)
		fputs("\"expect\":422,", out);
	fprintf(out,
	    "\"body\":{\"nil\":%s,\"staff\":%d,\"contact\":\"人事科\",\"telephone\":\"1000%07u\","
	    "\"lines\":[",
	    r->n ? "false" : "true", r->staff, r->employer);
	for (uint32_t k = 0; k < r->n; k++) {
		city_vacancy(c, r, r->first + k, &v);
		if (k)
			fputc(',', out);
		put_vacancy(c, &v, k + 1, k ? 0 : mistake, out);
	}
	fputs("],\"closed\":[]}}\n", out);
}

uint32_t city_write_return(const struct city *c, uint32_t i, FILE *out)
{
	struct city_return r;

	city_return(c, i, &r);
	if (r.mistake)
		put_return(c, &r, r.mistake, out);
	put_return(c, &r, 0, out);
	return r.mistake ? 1 : 0;
}

static void put_experience(const struct city_person *p, FILE *out)
{
	fputs("\"experience\":[", out);
	for (int i = 0; i < p->n_experience; i++) {
		fprintf(out, "%s{\"occupation\":", i ? "," : "");
		put_occupation(out, p->experience[i]);
		fprintf(out, ",\"months\":%d}", p->experience_months[i]);
	}
	fputs("],\"wishes\":[", out);
	for (int i = 0; i < p->n_wishes; i++) {
		if (i)
			fputc(',', out);
		put_occupation(out, p->wishes[i]);
	}
	fputs("],", out);
}

static void put_status(const struct city_person *p, FILE *out)
{
	char date[11];

	if (p->retirement_age)
		fprintf(out, "\"retirement\":{\"age\":%d,\"evidence\":\"干部身份证明\"},",
		    p->retirement_age);
	if (p->unemployed_since) {
		city_date(p->unemployed_since, date);
		fprintf(out,
		    "\"unemployment\":{\"since\":\"%s\",\"prior_job\":%s,\"laid_off\":", date,
		    p->prior_job ? "true" : "false");
		if (p->laid_off)
			fprintf(out, "\"%s\"},", p->laid_off);
		else
			fputs("null},", out);
	}
	if (p->certificate) {
		city_date(p->certificate_issued, date);
		fprintf(out,
		    "\"certificate\":{\"number\":\"4101%08u\",\"group\":\"%s\",\"issued_on\":\"%s\","
		    "\"valid_to\":\"2008-12-31\",\"inspected\":[%s]},",
		    p->index, p->certificate_group, date,
		    p->certificate_issued < city_day(2007, 1, 1) ? "2006,2007" : "2007");
	}
	if (p->recognition) {
		city_date(p->recognised_on, date);
		fprintf(out, "\"recognitions\":[{\"code\":\"%s\",\"on\":\"%s\"}]",
		    p->recognition, date);
	} else {
		fputs("\"recognitions\":[]", out);
	}
}

void city_write_seeker(const struct city *c, uint32_t i, FILE *out)
{
	static const char *const shifts[] = { "day", "evening", "night", "rotating" };
	static const char *const forms[] = { "full", "part" };
	struct city_person p;

	city_person(c, i, &p);
	open_line(out, "POST", "/v1/seekers");
	fprintf(out, "\"idempotency_key\":\"city-%" PRIu64 "-s%u\",\"name\":\"s%u\",\"body\":{",
	    c->seed, i, i);
	put_text(out, "citizen_number", p.citizen);
	put_text(out, "name", p.name);
	put_text(out, "telephone", p.telephone);
	put_text(out, "address", p.address);
	fprintf(out,
	    "\"community\":\"%012" PRIu64
	    "\",\"hukou\":{\"type\":\"%s\",\"division\":\"%06u\"},",
	    p.community, p.urban ? "urban" : "rural", p.hukou);
	put_text(out, "education", p.education);
	put_words(out, "skills", c->skills, p.skills, p.n_skills);
	put_words(out, "licences", c->licences, p.licences, p.n_licences);
	put_experience(&p, out);
	if (p.pay_wish)
		fprintf(out, "\"pay_wish_fen\":%u,", p.pay_wish);
	put_text(out, "farthest", p.farthest);
	put_set(out, "shifts", shifts, 4, p.shifts);
	put_set(out, "forms", forms, 2, p.forms);
	put_text(out, "group", p.group);
	put_status(&p, out);
	fputs("}}\n", out);
}

void city_write_household(const struct city *c, uint32_t i, FILE *out)
{
	struct city_household h;
	struct city_person p;

	city_household(c, i, &h);
	city_person(c, h.first, &p);
	open_line(out, "POST", "/v1/households");
	fprintf(out,
	    "\"idempotency_key\":\"city-%" PRIu64 "-h%u\",\"name\":\"h%u\",\"body\":{"
	    "\"community\":\"%012" PRIu64
	    "\",\"hukou_type\":\"urban\",\"business_income\":false,"
	    "\"investment_income\":false,",
	    c->seed, i, i, p.community);
	put_day(out, "applied_on", h.applied);
	put_day(out, "determined_on", h.determined);
	fputs("\"members\":[", out);
	for (int m = 0; m < h.members; m++)
		fprintf(out,
		    "%s{\"seeker\":{\"$ref\":\"s%u\"},\"able\":true,\"willing\":true,\"excluded\":null}",
		    m ? "," : "", h.first + (uint32_t)m);
	fputs("]}}\n", out);
}
