/*
 * Referrals and the licences of agencies: who is referred to what, who was
 * passed over and why, and each step after that.
 *
 * The reasons are codes of config/data/choices.tsv, a list a kind of reason, so
 * that a bureau's own can be added without a new program.  Whether a step may
 * be taken is the ledger's to say.
 */
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/spot.h"

#define NOTE_MAX   200
#define PASSED_MAX K_MAX
#define SCORE_MAX  1000

struct known_codes {
	const char *wanted;
	bool found;
	struct buf all;
};

static void see_code(void *arg, const struct code *code)
{
	struct known_codes *k = arg;

	k->found = k->found || strcmp(code->text, k->wanted) == 0;
	buf_printf(&k->all, "%s%s", k->all.len ? ", " : "", code->text);
}

/* A code of one of the short lists. */
static bool read_listed(const struct spot *s, const char *list, const char **out)
{
	struct known_codes known = { 0 };
	const char *text = NULL;

	if (!read_text(s, 1, 40, &text))
		return false;
	known.wanted = text;
	(void)catalog_list(s->codec->catalog, list, see_code, &known);
	if (known.found)
		*out = text;
	else
		spot_fault(s, BROKEN_UNKNOWN_CODE, NULL,
		    buf_to_arena(s->codec->arena, &known.all));
	buf_free(&known.all);
	return known.found;
}

static void read_services(const struct spot *s, struct buf *b)
{
	size_t n = 0;

	buf_key(b, "services");
	buf_putc(b, '[');
	if (read_list(s, 1, 5, &n)) {
		for (size_t i = 0; i < n; i++) {
			struct spot one = spot_item(s, i);
			const char *code = NULL;

			if (!read_listed(&one, "agency-services", &code))
				continue;
			buf_comma(b);
			buf_json(b, code);
			for (size_t j = 0; j < i; j++) {
				if (json_equal(json_array_get(s->value, j), one.value))
					spot_fault(&one, BROKEN_DUPLICATE, NULL,
					    "each service once");
			}
		}
	}
	buf_putc(b, ']');
}

struct span {
	bool has_from, has_to;
	day_t from, to;
};

static void read_span(const struct spot *from, const struct spot *to, struct span *out)
{
	out->has_from = read_day(from, FIRST_DAY, LAST_DAY, &out->from);
	out->has_to = read_day(to, FIRST_DAY, LAST_DAY, &out->to);
	if (out->has_from && out->has_to && out->to < out->from)
		spot_fault(to, BROKEN_ORDER, NULL, "not before the first day");
	if (!out->has_from && out->has_to && !from->value)
		spot_fault(to, BROKEN_TOGETHER, NULL, "nothing without a first day");
}

enum read_result codec_read_agency(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "licence", "district", "services", "from",
		"until", "suspended_from", "suspended_until" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *number = NULL, *district_text = NULL;
	struct span valid = { 0 }, pause = { 0 };
	struct buf b = { 0 };
	place_t place;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot licence = spot_required(&top, "licence");
	struct spot district = spot_required(&top, "district");
	struct spot services = spot_required(&top, "services");
	struct spot from = spot_required(&top, "from");
	struct spot until = spot_required(&top, "until");
	struct spot suspended_from = spot_member(&top, "suspended_from");
	struct spot suspended_until = spot_member(&top, "suspended_until");

	read_text(&licence, 1, 40, &number);
	read_place(&district, 6, &place, &district_text);
	buf_putc(&b, '{');
	read_services(&services, &b);
	read_span(&from, &until, &valid);
	read_span(&suspended_from, &suspended_until, &pause);
	spot_only(&top, members, COUNT(members));
	write_text(&b, "licence", number);
	write_text(&b, "district", district_text);
	write_day(&b, "from", valid.has_from, valid.from);
	write_day(&b, "until", valid.has_to, valid.to);
	write_day(&b, "suspended_from", pause.has_from, pause.from);
	write_day(&b, "suspended_until", pause.has_to, pause.to);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

/* What a list showed when it was decided; all of it as the client says. */
static void read_decided(const struct spot *s, struct buf *b)
{
	static const char *const members[] = { "position", "score", "seq", "policy", "rank",
		"priority", "seeker_version", "vacancy_version" };
	static const struct choice ranks[] = { { "P1", 0 }, { "P2", 1 }, { "P3", 2 },
		{ "P4", 3 }, { "P5", 4 }, { "P6", 5 } };
	static const struct {
		const char *name;
		int64_t min, max;
	} numbers[] = { { "position", 1, K_MAX }, { "score", 0, SCORE_MAX },
		{ "seq", 0, INT64_MAX }, { "seeker_version", 1, UINT32_MAX },
		{ "vacancy_version", 1, UINT32_MAX } };
	const char *policy_text = NULL;
	bool has_priority = false;
	int rank_at = -1;

	buf_key(b, "decided_on");
	buf_putc(b, '{');
	if (s->value && read_object(s)) {
		struct spot policy = spot_member(s, "policy");
		struct spot rank = spot_member(s, "rank");
		struct spot priority = spot_member(s, "priority");

		for (size_t i = 0; i < COUNT(numbers); i++) {
			struct spot number = spot_member(s, numbers[i].name);
			int64_t n;

			if (read_whole(&number, numbers[i].min, numbers[i].max, &n))
				write_number(b, numbers[i].name, n);
		}
		if (read_text(&policy, 1, 31, &policy_text))
			write_text(b, "policy", policy_text);
		if (read_choice(&rank, ranks, COUNT(ranks), &rank_at))
			write_text(b, "rank", name_of(ranks, rank_at));
		if (read_flag(&priority, &has_priority))
			write_flag(b, "priority", has_priority);
		spot_only(s, members, COUNT(members));
	}
	buf_putc(b, '}');
}

static void read_passed(const struct spot *s, struct buf *b)
{
	static const char *const members[] = { "seeker", "reason" };
	size_t n = 0;

	buf_key(b, "passed_over");
	buf_putc(b, '[');
	if (s->value && read_list(s, 0, PASSED_MAX, &n)) {
		for (size_t i = 0; i < n; i++) {
			struct spot one = spot_item(s, i);
			const char *id = NULL, *why = NULL;

			if (!read_object(&one))
				continue;

			struct spot seeker = spot_required(&one, "seeker");
			struct spot reason = spot_required(&one, "reason");

			read_seeker_id(&seeker, &id);
			read_listed(&reason, "passing-reasons", &why);
			spot_only(&one, members, COUNT(members));
			buf_comma(b);
			buf_putc(b, '{');
			write_text(b, "seeker", id);
			write_text(b, "reason", why);
			buf_putc(b, '}');
		}
	}
	buf_putc(b, ']');
}

enum read_result codec_read_referral(const struct codec *c, const char *body, size_t len,
    struct filed_referral *out)
{
	static const char *const members[] = { "seeker", "vacancy", "note", "decided_on",
		"passed_over" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *seeker_text = NULL, *vacancy_text = NULL, *note_text = NULL;
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot seeker = spot_required(&top, "seeker");
	struct spot vacancy = spot_required(&top, "vacancy");
	struct spot note = spot_member(&top, "note");
	struct spot decided_on = spot_member(&top, "decided_on");
	struct spot passed_over = spot_member(&top, "passed_over");

	buf_putc(&b, '{');
	if (read_seeker_id(&seeker, &seeker_text))
		(void)codec_seeker_id(seeker_text, &out->seeker);
	if (read_decimal_id(&vacancy, &vacancy_text))
		(void)codec_decimal_id(vacancy_text, &out->vacancy);
	read_text(&note, 1, NOTE_MAX, &note_text);
	write_text(&b, "seeker", seeker_text);
	write_text(&b, "vacancy", vacancy_text);
	write_text(&b, "note", note_text);
	read_decided(&decided_on, &b);
	read_passed(&passed_over, &b);
	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '}');
	out->coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

/* {"how"}, or, in a sandbox, {"sandbox"}: what she is taken to have said. */
static void read_consent(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "how", "sandbox" };
	static const struct choice outcomes[] = { { "grant", 0 }, { "refuse", 1 },
		{ "timeout", 2 } };
	struct spot sandbox = spot_member(top, "sandbox");
	struct spot how = sandbox.value ? spot_member(top, "how") : spot_required(top, "how");
	const char *how_text = NULL;
	int which = -1;

	read_listed(&how, "consent-ways", &how_text);
	read_choice(&sandbox, outcomes, COUNT(outcomes), &which);
	spot_only(top, members, COUNT(members));
	write_text(b, "how", how_text);
	write_text(b, "sandbox", name_of(outcomes, which));
}

enum read_result codec_read_referral_step(const struct codec *c, const char *verb,
    const char *body, size_t len, const char **coded)
{
	static const char *const members[] = { "reason" };
	static const struct {
		const char *verb, *list;
	} reasons[] = { { "refuse", "refusing-reasons" }, { "decline", "declining-reasons" },
		{ "fail", "failing-reasons" }, { "withdraw", "withdrawing-reasons" } };
	const char *list = NULL, *why = NULL;
	struct buf b = { 0 };
	json_t *tree;

	for (size_t i = 0; i < COUNT(reasons); i++) {
		if (strcmp(reasons[i].verb, verb) == 0)
			list = reasons[i].list;
	}
	if (!list && strcmp(verb, "consent") != 0) {
		*coded = "{}";
		return codec_read_nothing(c, body, len);
	}
	tree = json_read(c, body, len, CODEC_BODY_MAX);
	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);

	buf_putc(&b, '{');
	if (list) {
		struct spot reason = spot_required(&top, "reason");

		read_listed(&reason, list, &why);
		spot_only(&top, members, COUNT(members));
		write_text(&b, "reason", why);
	} else {
		read_consent(&top, &b);
	}
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}
