/*
 * A vacancy as schema.org/JobPosting, for whoever publishes posts on the web.
 *
 * It is made of the vacancy's own answer, so it can say nothing that the answer
 * does not; the interview contact is left out, because pages are copied.
 */
#include "daemon/codec/job_posting.h"

#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/writers.h"
#include "daemon/tables/choices.h"
#include "matcher/codes.h"

/* The buffer's own rule sets commas; an object in a member begins and ends here. */
static void open_object(struct buf *b, const char *key, const char *type)
{
	buf_key(b, key);
	buf_putc(b, '{');
	write_text(b, "@type", type);
}

static const char *text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "";
}

static int64_t number_of(const json_t *o, const char *name)
{
	return json_integer_value(json_object_get(o, name));
}

static void write_optional(struct buf *b, const char *key, const char *text)
{
	if (text[0])
		write_text(b, key, text);
}

static void write_yuan(struct buf *b, const char *key, int64_t fen)
{
	buf_key(b, key);
	buf_printf(b, "%lld.%02lld", (long long)(fen / 100), (long long)(fen % 100));
}

static const char *division_name(const struct catalog *c, const char *place, int digits)
{
	const struct division *d;
	char part[13];
	place_t code;

	if (strlen(place) != 12)
		return "";
	memcpy(part, place, (size_t)digits);
	part[digits] = '\0';
	if (place_parse(part, digits, &code) != CODE_OK)
		return "";
	d = catalog_division(c, code);
	return d ? d->name : "";
}

static void write_place(struct buf *b, struct arena *a, const struct catalog *c,
    const char *place)
{
	open_object(b, "jobLocation", "Place");
	open_object(b, "address", "PostalAddress");
	write_text(b, "addressCountry", "CN");
	write_text(b, "addressRegion", division_name(c, place, 4));
	write_text(b, "addressLocality", division_name(c, place, 6));
	write_text(b, "streetAddress",
	    arena_printf(a, "%s%s", division_name(c, place, 9), division_name(c, place, 12)));
	buf_puts(b, "}}");
}

/* Pay by the piece has no unit of time there, and is not stated; nor is what is to be agreed.
 */
static void write_salary(struct buf *b, const json_t *line)
{
	static const char *const periods[][2] = { { "hour", "HOUR" }, { "day", "DAY" },
		{ "week", "WEEK" }, { "month", "MONTH" }, { "year", "YEAR" } };
	const char *period = text_of(line, "pay_period");

	for (size_t i = 0; i < COUNT(periods); i++) {
		if (strcmp(periods[i][0], period) != 0)
			continue;
		open_object(b, "baseSalary", "MonetaryAmount");
		write_text(b, "currency", "CNY");
		open_object(b, "value", "QuantitativeValue");
		if (number_of(line, "pay_min_fen"))
			write_yuan(b, "minValue", number_of(line, "pay_min_fen"));
		if (number_of(line, "pay_max_fen"))
			write_yuan(b, "maxValue", number_of(line, "pay_max_fen"));
		write_text(b, "unitText", periods[i][1]);
		buf_puts(b, "}}");
	}
}

static void write_category(struct buf *b, const struct catalog *c, const char *code)
{
	const struct occupation *o = NULL;
	occupation_t number;

	if (occupation_parse_full(code, &number) == CODE_OK)
		o = catalog_occupation(c, number);
	open_object(b, "occupationalCategory", "CategoryCode");
	write_text(b, "codeValue", code);
	write_optional(b, "name", o ? o->name : "");
	write_text(b, "inCodeSet", "中华人民共和国职业分类大典（2022年版）");
	buf_putc(b, '}');
}

static void write_requirements(struct buf *b, const struct catalog *c, const json_t *post,
    const json_t *line)
{
	const json_t *skills = json_object_get(line, "skills_required");
	struct buf names = { 0 };
	int class = choice_find(LIST_EDUCATION_CLASSES, text_of(post, "education"));

	if (number_of(post, "experience_months")) {
		open_object(b, "experienceRequirements", "OccupationalExperienceRequirements");
		write_number(b, "monthsOfExperience", number_of(post, "experience_months"));
		buf_putc(b, '}');
	}
	if (class >= 0) {
		open_object(b, "educationRequirements", "EducationalOccupationalCredential");
		write_text(b, "credentialCategory",
		    choice_lists[LIST_EDUCATION_CLASSES].rows[class].zh);
		buf_putc(b, '}');
	}
	for (size_t i = 0; i < json_array_size(skills); i++) {
		const char *code = json_string_value(json_array_get(skills, i));
		const struct term *t = code ? catalog_skill(c, code) : NULL;

		if (t)
			buf_printf(&names, "%s%s", names.len ? "、" : "", t->zh);
	}
	if (names.len)
		write_text(b, "skills", names.data);
	buf_free(&names);
}

const char *codec_write_job_posting(struct arena *a, const struct catalog *c,
    const char *vacancy)
{
	json_t *post = json_loads(vacancy, 0, NULL);
	const json_t *line = json_object_get(post, "line");
	struct buf b = { 0 };

	buf_putc(&b, '{');
	write_text(&b, "@context", "https://schema.org/");
	write_text(&b, "@type", "JobPosting");
	open_object(&b, "identifier", "PropertyValue");
	write_text(&b, "name", text_of(post, "employer_name"));
	write_text(&b, "value", text_of(post, "vacancy"));
	buf_putc(&b, '}');
	write_text(&b, "title", text_of(post, "title"));
	write_text(&b, "description", text_of(line, "duties"));
	write_text(&b, "datePosted", text_of(post, "posted_on"));
	if (text_of(post, "valid_until")[0])
		write_text(&b, "validThrough",
		    arena_printf(a, "%sT23:59:59+08:00", text_of(post, "valid_until")));
	open_object(&b, "hiringOrganization", "Organization");
	write_text(&b, "name", text_of(post, "employer_name"));
	write_text(&b, "identifier", text_of(post, "employer"));
	buf_putc(&b, '}');
	write_place(&b, a, c, text_of(post, "place"));
	write_salary(&b, line);
	write_text(&b, "employmentType",
	    strcmp(text_of(post, "form"), "part") == 0 ? "PART_TIME" : "FULL_TIME");
	write_number(&b, "totalJobOpenings", number_of(post, "open_posts"));
	write_category(&b, c, text_of(post, "occupation"));
	write_requirements(&b, c, post, line);
	write_optional(&b, "jobBenefits", text_of(line, "benefits"));
	buf_putc(&b, '}');
	json_decref(post);
	return buf_to_arena(a, &b);
}
