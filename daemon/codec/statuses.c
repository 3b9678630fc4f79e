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

static void read_retirement(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "age", "evidence" };
	struct spot retirement = spot_member(top, "retirement");
	const char *evidence_text = NULL;
	int64_t years = 0;

	if (read_object(&retirement)) {
		struct spot age = spot_required(&retirement, "age");
		struct spot evidence = spot_required(&retirement, "evidence");

		read_whole(&age, 45, 70, &years);
		read_text(&evidence, 1, 200, &evidence_text);
		spot_only(&retirement, members, COUNT(members));
	}
	if (years)
		write_number(b, "retirement_age", years);
	else
		write_text(b, "retirement_age", NULL);
	write_text(b, "retirement_evidence", evidence_text);
}

static void read_unemployment(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "since", "prior_job", "laid_off" };
	struct spot unemployment = spot_member(top, "unemployment");
	bool worked = false;
	day_t day = 0;
	int which = -1;

	buf_key(b, "unemployment");
	if (!read_object(&unemployment)) {
		buf_puts(b, "null");
		return;
	}

	struct spot since = spot_required(&unemployment, "since");
	struct spot prior = spot_required(&unemployment, "prior_job");
	struct spot off = spot_member(&unemployment, "laid_off");

	read_day(&since, FIRST_DAY, top->codec->today, &day);
	read_flag(&prior, &worked);
	if (read_choice(&off, laid_off, COUNT(laid_off), &which) && prior.value && !worked &&
	    which < 3)
		spot_fault(&off, BROKEN_TOGETHER, NULL, "prior_job: true for L1 to L3");
	spot_only(&unemployment, members, COUNT(members));
	buf_putc(b, '{');
	write_day(b, "since", true, day);
	write_flag(b, "prior_job", worked);
	write_text(b, "laid_off", name_of(laid_off, which));
	buf_putc(b, '}');
}

static void read_recognitions(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "code", "on" };
	struct spot list = spot_member(top, "recognitions");
	unsigned seen = 0;
	size_t n = 0;

	buf_key(b, "recognitions");
	buf_putc(b, '[');
	read_list(&list, 0, RECOGNITIONS, &n);
	for (size_t i = 0; i < n; i++) {
		struct spot entry = spot_item(&list, i);
		int which = -1;
		day_t day = 0;

		if (!read_object(&entry))
			continue;

		struct spot code = spot_required(&entry, "code");
		struct spot on = spot_required(&entry, "on");

		if (read_choice(&code, hardships, COUNT(hardships), &which)) {
			if (which < FIRST_BY_HAND)
				spot_fault(&code, BROKEN_COMPUTED, NULL, "HC3 to HC7");
			if (seen & 1u << which)
				spot_fault(&code, BROKEN_DUPLICATE, NULL, "each once");
			seen |= 1u << which;
		}
		read_day(&on, FIRST_DAY, top->codec->today, &day);
		spot_only(&entry, members, COUNT(members));
		buf_comma(b);
		buf_putc(b, '{');
		write_text(b, "code", name_of(hardships, which));
		write_day(b, "on", true, day);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void read_certificate(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "number", "group", "issued_on", "valid_to",
		"inspected" };
	struct spot certificate = spot_member(top, "certificate");
	const char *number_text = NULL;
	bool has_issue;
	bool has_end;
	day_t issued = 0;
	day_t end = 0;
	int which = -1;
	size_t n = 0;

	buf_key(b, "certificate");
	if (!read_object(&certificate)) {
		buf_puts(b, "null");
		return;
	}

	struct spot number = spot_required(&certificate, "number");
	struct spot group = spot_required(&certificate, "group");
	struct spot issued_on = spot_required(&certificate, "issued_on");
	struct spot valid_to = spot_required(&certificate, "valid_to");
	struct spot inspected = spot_member(&certificate, "inspected");

	read_text(&number, 4, 30, &number_text);
	read_choice(&group, certified, COUNT(certified), &which);
	has_issue = read_day(&issued_on, FIRST_DAY, top->codec->today, &issued);
	has_end = read_day(&valid_to, FIRST_DAY, LAST_DAY, &end);
	if (has_issue && has_end && end < issued)
		spot_fault(&valid_to, BROKEN_ORDER, NULL, "not before issued_on");
	spot_only(&certificate, members, COUNT(members));
	buf_putc(b, '{');
	write_text(b, "number", number_text);
	write_text(b, "group", name_of(certified, which));
	write_day(b, "issued_on", true, issued);
	write_day(b, "valid_to", true, end);
	buf_key(b, "inspected");
	buf_putc(b, '[');
	read_list(&inspected, 0, INSPECTED_MAX, &n);
	for (size_t i = 0; i < n; i++) {
		struct spot year = spot_item(&inspected, i);
		int64_t y = 0;

		if (!read_whole(&year, 2002, 2099, &y))
			continue;
		buf_comma(b);
		buf_putd(b, y);
	}
	buf_puts(b, "]}");
}

void read_statuses(const struct spot *top, struct buf *b)
{
	read_retirement(top, b);
	read_unemployment(top, b);
	read_recognitions(top, b);
	read_certificate(top, b);
}
