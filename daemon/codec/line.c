/*
 * One line of a return: a vacancy as its employer states it (rules/vacancy-line).
 *
 * What is kept is both: the codes the exchange works with, and the line as it
 * was sent (without the interview contact, which is sealed), so that a
 * correction can be shown in the filer's own words.  Pay below the minimum
 * wage is not judged here: that is for the law's linter.
 */
#include "daemon/codec/line.h"

#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/pay.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/writers.h"

#define POSTS_MAX   10000
#define PAY_MAX_FEN ((int64_t)100000000) /* a million yuan a month */
#define HOURS_MAX   84

struct line {
	const char *ref, *title, *duties, *place, *benefits, *approval, *education;
	int64_t posts, pay_min, pay_max, weekly_hours, experience, contract_months;
	occupation_t occupation;
	education_t education_rank;
	int period, shift, form, insurance, restrictions;
	bool has_period, has_top, has_hours, has_contract, has_since, has_until, reserved;
	day_t since, until;
	uint8_t required[VACANCY_SKILLS], wished[VACANCY_SKILLS], licences[LICENCES_MAX];
	uint8_t n_required, n_wished, n_licences;
};

/* Who agrees on pay when they meet states none (rules/pay-comparison). */
static void refuse_amounts(const struct field *line)
{
	static const char *const amounts[] = { "pay_min_fen", "pay_max_fen" };

	for (size_t i = 0; i < COUNT(amounts); i++) {
		struct field amount = field_member(line, amounts[i]);

		if (amount.value)
			field_fault(&amount, BROKEN_TOGETHER, NULL,
			    "none with negotiable, 面议");
	}
}

static void read_amounts(const struct field *line, struct line *l, const struct field *hours)
{
	struct field min = field_member(line, "pay_min_fen");
	struct field max =
	    min.value ? field_member(line, "pay_max_fen") : field_required(line, "pay_max_fen");
	bool has_max = read_whole(&max, 1, PAY_MAX_FEN, &l->pay_max);
	bool has_min = read_whole(&min, 1, PAY_MAX_FEN, &l->pay_min);
	bool needs_hours = l->has_period && codec_pay_needs_hours(l->period);

	if (has_max && l->pay_min > l->pay_max)
		field_fault(&min, BROKEN_ORDER, NULL, "not above pay_max_fen");
	l->has_top = has_max;
	if (has_min && !max.value) { /* no top: as much as it says is what is compared */
		max = min;
		has_max = true;
		l->pay_max = l->pay_min;
	}
	if (needs_hours && !hours->value)
		field_fault(hours, BROKEN_HOURS_NEEDED, "nothing", "1 to 84");
	if (has_max && l->has_period && (l->has_hours || !needs_hours) &&
	    codec_pay_month(l->pay_max, l->period, (int)l->weekly_hours) > PAY_MAX_FEN)
		field_fault(&max, BROKEN_RANGE, NULL, "at most a million yuan a month");
}

static void read_pay(const struct field *line, struct line *l)
{
	struct field period = field_required(line, "pay_period");
	struct field hours = field_member(line, "weekly_hours");

	l->has_period = read_choice(&period, LIST_PAY_PERIODS, &l->period);
	l->has_hours = read_whole(&hours, 1, HOURS_MAX, &l->weekly_hours);
	if (l->has_period && l->period == PAY_PERIODS_NEGOTIABLE)
		refuse_amounts(line);
	else
		read_amounts(line, l, &hours);
}

/* rules/restrictions: the grounds that law bans or bureaus question are stated openly, so that
 * a clerk can judge them. */
static void read_conditions(const struct field *line, struct line *l)
{
	struct field education = field_member(line, "education_min");
	struct field required = field_member(line, "skills_required");
	struct field wished = field_member(line, "skills_wished");
	struct field licences = field_member(line, "licences");
	struct field experience = field_member(line, "experience_months");
	struct field shift = field_member(line, "shift");
	struct field form = field_member(line, "form");
	struct field contract = field_member(line, "contract_months");
	struct field insurance = field_member(line, "insurance");
	struct field restrictions = field_member(line, "restrictions");

	l->shift = SHIFTS_DAY;
	l->form = FORMS_FULL;
	read_education(&education, &l->education, &l->education_rank);
	read_terms(&required, "skills", VACANCY_SKILLS, l->required, &l->n_required);
	read_terms(&wished, "skills", VACANCY_SKILLS, l->wished, &l->n_wished);
	for (uint8_t i = 0; i < l->n_wished; i++) {
		if (memchr(l->required, l->wished[i], l->n_required))
			field_fault(&wished, BROKEN_DUPLICATE, NULL,
			    "not also in skills_required");
	}
	read_terms(&licences, "licences", LICENCES_MAX, l->licences, &l->n_licences);
	read_whole(&experience, 0, 600, &l->experience);
	read_choice(&shift, LIST_SHIFTS, &l->shift);
	read_choice(&form, LIST_FORMS, &l->form);
	l->has_contract = read_whole(&contract, 1, 600, &l->contract_months);
	read_set(&insurance, LIST_INSURANCES, 0, &l->insurance);
	read_set(&restrictions, LIST_RESTRICTIONS, 0, &l->restrictions);
}

static void read_where(const struct field *line, const char *district, struct line *l)
{
	struct field place = field_required(line, "place");
	place_t p;

	if (!read_place(&place, 12, &p, &l->place))
		return;
	if (district && strncmp(l->place, district, 6) != 0) {
		char *expected =
		    arena_printf(line->codec->arena, "a place inside %s", district);

		field_fault(&place, BROKEN_OUTSIDE_DISTRICT, NULL, expected);
	}
}

static void read_times(const struct field *line, struct line *l)
{
	struct field since = field_member(line, "vacant_since");
	struct field until = field_member(line, "valid_until");

	l->has_since = read_day(&since, FIRST_DAY, LAST_DAY, &l->since);
	l->has_until = read_day(&until, FIRST_DAY, LAST_DAY, &l->until);
	if (l->has_since && l->has_until && l->until < l->since)
		field_fault(&until, BROKEN_ORDER, NULL, "not before vacant_since");
}

static void read_reserved(const struct field *line, struct line *l)
{
	struct field reserved = field_member(line, "reserved");
	struct field approval = field_member(line, "approval");

	read_flag(&reserved, &l->reserved);
	read_text(&approval, 1, 40, &l->approval);
	if (l->reserved && !approval.value)
		field_fault(&approval, BROKEN_APPROVAL_NEEDED, "nothing", "an approval number");
	if (!l->reserved && approval.value)
		field_fault(&approval, BROKEN_APPROVAL_UNASKED, NULL,
		    "reserved: true, or none");
}

/* The line as sent, but for the contact and what was null. */
static void write_filed(struct buf *b, const json_t *line)
{
	json_t *kept = json_copy((json_t *)line);

	json_object_del(kept, "interview_contact");
	field_drop_nulls(kept);
	buf_key(b, "filed");
	write_tree(b, kept, 0);
	json_decref(kept);
}

/* The coded line, without its braces and its contact. */
static const char *write_line(struct arena *a, const struct line *l, const json_t *line)
{
	struct buf b = { 0 };
	int hours = (int)l->weekly_hours;

	write_text(&b, "ref", l->ref);
	write_number(&b, "occupation", l->occupation);
	write_text(&b, "title", l->title);
	write_text(&b, "duties", l->duties);
	write_number(&b, "posts", l->posts);
	write_text(&b, "place", l->place);
	write_number(&b, "pay_min_fen", l->pay_min);
	write_number(&b, "pay_max_fen", l->pay_max);
	write_text(&b, "pay_period", choice_code(LIST_PAY_PERIODS, l->period));
	write_number(&b, "pay_min_month", codec_pay_month(l->pay_min, l->period, hours));
	write_number(&b, "pay_max_month", codec_pay_month(l->pay_max, l->period, hours));
	write_text(&b, "pay_text",
	    codec_pay_text(a, l->pay_min, l->has_top ? l->pay_max : 0, l->period));
	if (l->has_hours)
		write_number(&b, "weekly_hours", l->weekly_hours);
	else
		write_text(&b, "weekly_hours", NULL);
	write_names(&b, "insurance", LIST_INSURANCES, l->insurance);
	write_text(&b, "education", l->education);
	write_number(&b, "education_rank", l->education_rank);
	buf_key(&b, "skills_required");
	write_hex(&b, l->required, l->n_required);
	buf_key(&b, "skills_wished");
	write_hex(&b, l->wished, l->n_wished);
	buf_key(&b, "licences");
	write_hex(&b, l->licences, l->n_licences);
	write_number(&b, "experience_months", l->experience);
	write_number(&b, "shift", 1 << l->shift);
	write_number(&b, "form", 1 << l->form);
	if (l->has_contract)
		write_number(&b, "contract_months", l->contract_months);
	else
		write_text(&b, "contract_months", NULL);
	write_day(&b, "vacant_since", l->has_since, l->since);
	write_day(&b, "valid_until", l->has_until, l->until);
	write_flag(&b, "reserved", l->reserved);
	write_text(&b, "approval", l->approval);
	write_names(&b, "restrictions", LIST_RESTRICTIONS, l->restrictions);
	write_text(&b, "benefits", l->benefits);
	write_filed(&b, line);
	return buf_to_arena(a, &b);
}

void read_line(const struct field *s, const char *district, struct filed_line *out)
{
	static const char *const members[] = { "ref", "occupation", "title", "duties", "posts",
		"place", "pay_min_fen", "pay_max_fen", "pay_period", "weekly_hours",
		"insurance", "interview_contact", "education_min", "skills_required",
		"skills_wished", "licences", "experience_months", "shift", "form",
		"contract_months", "vacant_since", "valid_until", "reserved", "approval",
		"restrictions", "benefits" };
	struct faults *faults = s->codec->faults;
	size_t before = faults->n;
	struct line l = { 0 };

	if (!read_object(s))
		return;

	struct field ref = field_required(s, "ref");
	struct field occupation = field_required(s, "occupation");
	struct field title = field_required(s, "title");
	struct field duties = field_required(s, "duties");
	struct field posts = field_required(s, "posts");
	struct field contact = field_sealed(field_member(s, "interview_contact"));
	struct field benefits = field_member(s, "benefits");

	read_name(&ref, 1, REF_MAX, &l.ref);
	read_occupation(&occupation, true, &l.occupation);
	read_text(&title, 1, 60, &l.title);
	read_lines(&duties, 1, 1000, &l.duties);
	read_whole(&posts, 1, POSTS_MAX, &l.posts);
	read_where(s, district, &l);
	read_pay(s, &l);
	read_conditions(s, &l);
	read_times(s, &l);
	read_reserved(s, &l);
	read_text(&contact, 1, 100, &out->interview_contact);
	read_text(&benefits, 0, 500, &l.benefits);
	field_only(s, members, COUNT(members));
	out->ref = l.ref;
	out->place = l.place;
	out->reserved = l.reserved;
	if (faults->n == before)
		out->members = write_line(s->codec->arena, &l, s->value);
}
