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

static void take_listed(const struct spot *s, const char *list, struct buf *b)
{
	const char *code = NULL;

	read_listed(s, list, &code);
	write_text(b, s->key, code);
}

static void put_service(const struct spot *one, struct buf *b)
{
	const char *code = NULL;

	read_listed(one, "agency-services", &code);
	buf_json(b, code);
}

void agency_body(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "licence", "district", "services", "from",
		"until", "suspended_from", "suspended_until" };
	struct spot licence = spot_required(top, "licence");
	struct spot district = spot_required(top, "district");
	struct spot services = spot_required(top, "services");
	struct spot from = spot_required(top, "from");
	struct spot until = spot_required(top, "until");
	struct spot suspended_from = spot_member(top, "suspended_from");
	struct spot suspended_until = spot_member(top, "suspended_until");

	take_text(&licence, 1, 40, b);
	take_place(&district, 6, b);
	if (take_values(&services, 1, 5, put_service, b))
		spot_once(&services, NULL, "each service once");
	take_days(&from, LAST_DAY, &until, LAST_DAY, b);
	take_days(&suspended_from, LAST_DAY, &suspended_until, LAST_DAY, b);
	if (suspended_until.value && !suspended_from.value)
		spot_fault(&suspended_until, BROKEN_TOGETHER, NULL,
		    "nothing without suspended_from");
	spot_only(top, members, COUNT(members));
}

/* What a list showed when it was decided; all of it as the client says. */
static void take_decided(const struct spot *s, struct buf *b)
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

	buf_key(b, s->key);
	buf_putc(b, '{');
	if (read_object(s)) {
		struct spot policy = spot_member(s, "policy");
		struct spot rank = spot_member(s, "rank");
		struct spot priority = spot_member(s, "priority");

		for (size_t i = 0; i < COUNT(numbers); i++) {
			struct spot number = spot_member(s, numbers[i].name);

			if (number.value)
				take_whole(&number, numbers[i].min, numbers[i].max, b);
		}
		if (policy.value)
			take_text(&policy, 1, 31, b);
		if (rank.value)
			take_choice(&rank, ranks, COUNT(ranks), b);
		if (priority.value)
			take_flag(&priority, b);
		spot_only(s, members, COUNT(members));
	}
	buf_putc(b, '}');
}

static void passed_body(const struct spot *s, struct buf *b)
{
	static const char *const members[] = { "seeker", "reason" };
	struct spot seeker = spot_required(s, "seeker");
	struct spot reason = spot_required(s, "reason");

	take_seeker_id(&seeker, b);
	take_listed(&reason, "passing-reasons", b);
	spot_only(s, members, COUNT(members));
}

void referral_body(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "seeker", "vacancy", "note", "decided_on",
		"passed_over" };
	struct spot seeker = spot_required(top, "seeker");
	struct spot vacancy = spot_required(top, "vacancy");
	struct spot note = spot_member(top, "note");
	struct spot decided_on = spot_member(top, "decided_on");
	struct spot passed_over = spot_member(top, "passed_over");

	take_seeker_id(&seeker, b);
	take_decimal_id(&vacancy, b);
	take_text(&note, 1, NOTE_MAX, b);
	take_decided(&decided_on, b);
	take_list(&passed_over, 0, PASSED_MAX, passed_body, b);
	spot_only(top, members, COUNT(members));
}

/* {"how"}, or, in a sandbox, {"sandbox"}: what she is taken to have said. */
static void consent_body(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "how", "sandbox" };
	static const struct choice outcomes[] = { { "grant", 0 }, { "refuse", 1 },
		{ "timeout", 2 } };
	struct spot sandbox = spot_member(top, "sandbox");
	struct spot how = sandbox.value ? spot_member(top, "how") : spot_required(top, "how");

	take_listed(&how, "consent-ways", b);
	take_choice(&sandbox, outcomes, COUNT(outcomes), b);
	spot_only(top, members, COUNT(members));
}

static void take_reason(const struct spot *top, const char *list, struct buf *b)
{
	static const char *const members[] = { "reason" };
	struct spot reason = spot_required(top, "reason");

	take_listed(&reason, list, b);
	spot_only(top, members, COUNT(members));
}

static void refusal_body(const struct spot *top, struct buf *b)
{
	take_reason(top, "refusing-reasons", b);
}

static void declining_body(const struct spot *top, struct buf *b)
{
	take_reason(top, "declining-reasons", b);
}

static void failure_body(const struct spot *top, struct buf *b)
{
	take_reason(top, "failing-reasons", b);
}

static void retreat_body(const struct spot *top, struct buf *b)
{
	take_reason(top, "withdrawing-reasons", b);
}

body_shape *referral_step_body(const char *verb)
{
	static const struct {
		const char *verb;
		body_shape *shape;
	} steps[] = { { "consent", consent_body }, { "refuse", refusal_body },
		{ "decline", declining_body }, { "fail", failure_body },
		{ "withdraw", retreat_body } };

	for (size_t i = 0; i < COUNT(steps); i++) {
		if (strcmp(steps[i].verb, verb) == 0)
			return steps[i].shape;
	}
	return empty_body;
}
