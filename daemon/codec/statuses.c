/*
 * A seeker's dated statuses: retirement age, unemployment, recognitions of
 * hardship, certificate.
 *
 * Each is a fact with a day and, where the law wants it, evidence.  4050 (HC2)
 * and the zero-employment household (HC1) are computed by the ledger from the
 * registers, so they are refused when entered by hand.
 */
#include "daemon/codec/statuses.h"

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/field.h"
#include "daemon/codec/members.h"
#include "daemon/codec/read.h"
#include "daemon/codec/rules.h"
#include "daemon/codec/writers.h"

#define RECOGNITIONS  8
#define INSPECTED_MAX 10

/* The groups of 劳社部发〔2006〕6号. */
static const struct choice laid_off[] = { { "L1", 0 }, { "L2", 1 }, { "L3", 2 }, { "L4", 3 } };
static const struct choice certified[] = { { "L1", 0 }, { "L2", 1 }, { "L3", 2 }, { "L4", 3 },
	{ "ZEH", 4 }, { "other", 5 } };
/* The groups of Henan 2009, article 43; the first two are derived, from the household and from
 * age. */
static const struct choice hardships[] = { { "HC1", 0 }, { "HC2", 1 }, { "HC3", 2 },
	{ "HC4", 3 }, { "HC5", 4 }, { "HC6a", 5 }, { "HC6b", 6 }, { "HC6c", 7 }, { "HC6d", 8 },
	{ "HC6e", 9 }, { "HC7", 10 } };
#define FIRST_BY_HAND 2

static void take_retirement(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "age", "evidence" };
	struct field retirement = field_member(top, "retirement");
	const char *evidence_text = NULL;
	int64_t years = 0;

	if (read_object(&retirement)) {
		struct field age = field_required(&retirement, "age");
		struct field evidence = field_required(&retirement, "evidence");

		read_whole(&age, 45, 70, &years);
		read_text(&evidence, 1, 200, &evidence_text);
		field_only(&retirement, members, COUNT(members));
	}
	if (years)
		write_number(b, "retirement_age", years);
	else
		write_text(b, "retirement_age", NULL);
	write_text(b, "retirement_evidence", evidence_text);
}

void unemployment_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "since", "prior_job", "laid_off" };
	struct field since = field_required(top, "since");
	struct field prior = field_required(top, "prior_job");
	struct field off = field_member(top, "laid_off");
	int which = -1;

	take_day(&since, FIRST_DAY, top->codec->today, b);
	take_flag(&prior, b);
	read_choice(&off, laid_off, COUNT(laid_off), &which);
	if (which >= 0 && which < 3 && json_is_false(prior.value))
		field_fault(&off, BROKEN_TOGETHER, NULL, "prior_job: true for L1 to L3");
	write_text(b, "laid_off", name_of(laid_off, which));
	field_only(top, members, COUNT(members));
}

void recognition_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "code", "on" };
	struct field code = field_required(top, "code");
	struct field on = field_required(top, "on");
	int which = -1;

	read_choice(&code, hardships, COUNT(hardships), &which);
	if (which >= 0 && which < FIRST_BY_HAND)
		field_fault(&code, BROKEN_COMPUTED, NULL, "HC3 to HC7");
	write_text(b, "code", name_of(hardships, which));
	take_day(&on, FIRST_DAY, top->codec->today, b);
	field_only(top, members, COUNT(members));
}

static void put_year(const struct field *year, struct buf *b)
{
	int64_t y = 0;

	read_whole(year, 2002, 2099, &y);
	buf_putd(b, y);
}

void certificate_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "number", "group", "issued_on", "valid_to",
		"inspected" };
	struct field number = field_required(top, "number");
	struct field group = field_required(top, "group");
	struct field issued_on = field_required(top, "issued_on");
	struct field valid_to = field_required(top, "valid_to");
	struct field inspected = field_member(top, "inspected");

	take_text(&number, 4, 30, b);
	take_choice(&group, certified, COUNT(certified), b);
	take_days(&issued_on, top->codec->today, &valid_to, LAST_DAY, b);
	take_values(&inspected, 0, INSPECTED_MAX, put_year, b);
	field_only(top, members, COUNT(members));
}

void retirement_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "age", "evidence", "since" };
	struct field age = field_required(top, "age");
	struct field evidence = field_required(top, "evidence");
	struct field since = field_member(top, "since");

	take_whole(&age, 45, 70, b);
	take_text(&evidence, 1, 200, b);
	take_day(&since, day_of(1900, 1, 1), top->codec->today, b);
	field_only(top, members, COUNT(members));
}

void take_statuses(const struct field *top, struct buf *b)
{
	struct field unemployment = field_member(top, "unemployment");
	struct field recognitions = field_member(top, "recognitions");
	struct field certificate = field_member(top, "certificate");

	take_retirement(top, b);
	take_object(&unemployment, unemployment_body, b);
	if (take_list(&recognitions, 0, RECOGNITIONS, recognition_body, b))
		field_once(&recognitions, "code", "each once");
	take_object(&certificate, certificate_body, b);
}
