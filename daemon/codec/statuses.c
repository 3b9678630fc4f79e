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
#include "daemon/codec/members.h"
#include "daemon/codec/writers.h"

#define RECOGNITIONS  8
#define INSPECTED_MAX 10

/* rules/recognitions: the first two are derived, from the household and from age. */
#define FIRST_BY_HAND HARDSHIPS_HC3

/* rules/retirement */
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

/* The last of these members, as why what is void is said anew (rules/news); who is being
 * registered has nothing void. */
static void take_anew(const struct field *top, const char *const *members, size_t n,
    bool registers, struct buf *b)
{
	if (!registers)
		take_text(field_member(top, members[n - 1]), 1, 200, b);
	field_only(top, members, registers ? n - 1 : n);
}

/* rules/unemployment */
static void take_unemployment(const struct field *top, bool registers, struct buf *b)
{
	static const char *const members[] = { "since", "prior_job", "laid_off", "reason" };
	struct field since = field_required(top, "since");
	struct field prior = field_required(top, "prior_job");
	struct field off = field_member(top, "laid_off");
	int which = -1;

	take_day(since, FIRST_DAY, top->codec->today, b);
	take_flag(prior, b);
	read_choice(&off, LIST_LAID_OFF_GROUPS, &which);
	if (which >= 0 && which <= LAID_OFF_GROUPS_L3 && json_is_false(prior.value))
		field_fault(&off, BROKEN_TOGETHER, NULL, "prior_job: true for L1 to L3");
	write_text(b, "laid_off", choice_code(LIST_LAID_OFF_GROUPS, which));
	take_anew(top, members, COUNT(members), registers, b);
}

void unemployment_body(const struct field *top, struct buf *b)
{
	take_unemployment(top, false, b);
}

static void registered_unemployment(const struct field *top, struct buf *b)
{
	take_unemployment(top, true, b);
}

/* rules/recognitions; 4050 is computed (rules/4050). */
static void take_recognition(const struct field *top, bool registers, struct buf *b)
{
	static const char *const members[] = { "code", "on", "reason" };
	struct field code = field_required(top, "code");
	struct field on = field_required(top, "on");
	int which = -1;

	read_choice(&code, LIST_HARDSHIPS, &which);
	if (which >= 0 && which < FIRST_BY_HAND)
		field_fault(&code, BROKEN_COMPUTED, NULL, "HC3 to HC7");
	write_text(b, "code", choice_code(LIST_HARDSHIPS, which));
	take_day(on, FIRST_DAY, top->codec->today, b);
	take_anew(top, members, COUNT(members), registers, b);
}

void recognition_body(const struct field *top, struct buf *b)
{
	take_recognition(top, false, b);
}

static void registered_recognition(const struct field *top, struct buf *b)
{
	take_recognition(top, true, b);
}

static void put_year(const struct field *year, struct buf *b)
{
	int64_t y = 0;

	read_whole(year, 2002, 2099, &y);
	buf_putd(b, y);
}

/* rules/certificate */
void certificate_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "number", "group", "issued_on", "valid_to",
		"inspected" };
	struct field number = field_required(top, "number");
	struct field group = field_required(top, "group");
	struct field issued_on = field_required(top, "issued_on");
	struct field valid_to = field_required(top, "valid_to");

	take_text(number, 4, 30, b);
	take_choice(group, LIST_CERTIFICATE_GROUPS, b);
	take_days(&issued_on, top->codec->today, &valid_to, LAST_DAY, b);
	take_values(field_member(top, "inspected"), 0, INSPECTED_MAX, put_year, b);
	field_only(top, members, COUNT(members));
}

void retirement_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "age", "evidence", "since" };
	struct field age = field_required(top, "age");
	struct field evidence = field_required(top, "evidence");

	take_whole(age, 45, 70, b);
	take_text(evidence, 1, 200, b);
	take_day(field_member(top, "since"), day_of(1900, 1, 1), top->codec->today, b);
	field_only(top, members, COUNT(members));
}

void take_statuses(const struct field *top, struct buf *b)
{
	struct field recognitions = field_member(top, "recognitions");

	take_retirement(top, b);
	take_object(field_member(top, "unemployment"), registered_unemployment, b);
	if (take_list(recognitions, 0, RECOGNITIONS, registered_recognition, b))
		field_once(&recognitions, "code", NULL, "each once");
	take_object(field_member(top, "certificate"), certificate_body, b);
}
