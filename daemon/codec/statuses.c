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

static void unemployment_of(const struct spot *unemployment, struct buf *b)
{
	static const char *const members[] = { "since", "prior_job", "laid_off" };
	struct spot since = spot_required(unemployment, "since");
	struct spot prior = spot_required(unemployment, "prior_job");
	struct spot off = spot_member(unemployment, "laid_off");
	bool worked = false;
	day_t day = 0;
	int which = -1;

	read_day(&since, FIRST_DAY, unemployment->codec->today, &day);
	read_flag(&prior, &worked);
	if (read_choice(&off, laid_off, COUNT(laid_off), &which) && prior.value && !worked &&
	    which < 3)
		spot_fault(&off, BROKEN_TOGETHER, NULL, "prior_job: true for L1 to L3");
	spot_only(unemployment, members, COUNT(members));
	buf_putc(b, '{');
	write_day(b, "since", true, day);
	write_flag(b, "prior_job", worked);
	write_text(b, "laid_off", name_of(laid_off, which));
	buf_putc(b, '}');
}

void read_unemployment(const struct spot *top, struct buf *b)
{
	struct spot unemployment = spot_member(top, "unemployment");

	buf_key(b, "unemployment");
	if (read_object(&unemployment))
		unemployment_of(&unemployment, b);
	else
		buf_puts(b, "null");
}

/* `seen`: the groups that stood before it. */
static void recognition_of(const struct spot *entry, unsigned *seen, struct buf *b)
{
	static const char *const members[] = { "code", "on" };
	struct spot code = spot_required(entry, "code");
	struct spot on = spot_required(entry, "on");
	int which = -1;
	day_t day = 0;

	if (read_choice(&code, hardships, COUNT(hardships), &which)) {
		if (which < FIRST_BY_HAND)
			spot_fault(&code, BROKEN_COMPUTED, NULL, "HC3 to HC7");
		if (*seen & 1u << which)
			spot_fault(&code, BROKEN_DUPLICATE, NULL, "each once");
		*seen |= 1u << which;
	}
	read_day(&on, FIRST_DAY, entry->codec->today, &day);
	spot_only(entry, members, COUNT(members));
	buf_putc(b, '{');
	write_text(b, "code", name_of(hardships, which));
	write_day(b, "on", true, day);
	buf_putc(b, '}');
}

static void read_recognitions(const struct spot *top, struct buf *b)
{
	struct spot list = spot_member(top, "recognitions");
	unsigned seen = 0;
	size_t n = 0;

	buf_key(b, "recognitions");
	buf_putc(b, '[');
	read_list(&list, 0, RECOGNITIONS, &n);
	for (size_t i = 0; i < n; i++) {
		struct spot entry = spot_item(&list, i);

		if (!read_object(&entry))
			continue;
		buf_comma(b);
		recognition_of(&entry, &seen, b);
	}
	buf_putc(b, ']');
}

static void certificate_of(const struct spot *certificate, struct buf *b)
{
	static const char *const members[] = { "number", "group", "issued_on", "valid_to",
		"inspected" };
	struct spot number = spot_required(certificate, "number");
	struct spot group = spot_required(certificate, "group");
	struct spot issued_on = spot_required(certificate, "issued_on");
	struct spot valid_to = spot_required(certificate, "valid_to");
	struct spot inspected = spot_member(certificate, "inspected");
	const char *number_text = NULL;
	bool has_issue;
	bool has_end;
	day_t issued = 0;
	day_t end = 0;
	int which = -1;
	size_t n = 0;

	read_text(&number, 4, 30, &number_text);
	read_choice(&group, certified, COUNT(certified), &which);
	has_issue = read_day(&issued_on, FIRST_DAY, certificate->codec->today, &issued);
	has_end = read_day(&valid_to, FIRST_DAY, LAST_DAY, &end);
	if (has_issue && has_end && end < issued)
		spot_fault(&valid_to, BROKEN_ORDER, NULL, "not before issued_on");
	spot_only(certificate, members, COUNT(members));
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

static void read_certificate(const struct spot *top, struct buf *b)
{
	struct spot certificate = spot_member(top, "certificate");

	buf_key(b, "certificate");
	if (read_object(&certificate))
		certificate_of(&certificate, b);
	else
		buf_puts(b, "null");
}

void read_statuses(const struct spot *top, struct buf *b)
{
	read_retirement(top, b);
	read_unemployment(top, b);
	read_recognitions(top, b);
	read_certificate(top, b);
}

/* A body that is one fact. */
static enum read_result read_fact(const struct codec *c, const char *body, size_t len,
    void (*fact_of)(const struct spot *, struct buf *), const char **coded)
{
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);

	fact_of(&top, &b);
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_unemployment(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_fact(c, body, len, unemployment_of, coded);
}

static void one_recognition_of(const struct spot *entry, struct buf *b)
{
	unsigned seen = 0;

	recognition_of(entry, &seen, b);
}

enum read_result codec_read_recognition(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_fact(c, body, len, one_recognition_of, coded);
}

enum read_result codec_read_certificate(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_fact(c, body, len, certificate_of, coded);
}

static void retirement_of(const struct spot *retirement, struct buf *b)
{
	static const char *const members[] = { "age", "evidence", "since" };
	struct spot age = spot_required(retirement, "age");
	struct spot evidence = spot_required(retirement, "evidence");
	struct spot since = spot_member(retirement, "since");
	const char *evidence_text = NULL;
	int64_t years = 0;
	day_t day = 0;
	bool has_day;

	read_whole(&age, 45, 70, &years);
	read_text(&evidence, 1, 200, &evidence_text);
	has_day = read_day(&since, day_of(1900, 1, 1), retirement->codec->today, &day);
	spot_only(retirement, members, COUNT(members));
	buf_putc(b, '{');
	write_number(b, "age", years);
	write_text(b, "evidence", evidence_text);
	write_day(b, "since", has_day, day);
	buf_putc(b, '}');
}

enum read_result codec_read_retirement(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_fact(c, body, len, retirement_of, coded);
}
