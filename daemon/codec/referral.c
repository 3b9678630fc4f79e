/*
 * Referrals and the licences of agencies: who is referred to what, who was
 * passed over and why, and each step after that (rules/referrals, rules/passing-over,
 * rules/consent, rules/agency-licence).
 *
 * The reasons are codes of config/data/choices.tsv, a list a kind of reason.  Whether a step
 * may be taken is the ledger's to say.
 */
#include "daemon/codec/referral.h"

#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/members.h"
#include "daemon/codec/writers.h"
#include "matcher/match.h"

#define NOTE_MAX   200
#define PASSED_MAX K_MAX
#define SCORE_MAX  1000

/* A code of one of the lists of reasons: another is refused as unknown, not as no choice. */
static void read_listed(const struct field *s, enum code_list list, const char **out)
{
	const char *text = NULL;

	if (!read_text(s, 1, 40, &text))
		return;
	if (choice_find(list, text) >= 0)
		*out = text;
	else
		field_fault(s, BROKEN_UNKNOWN_CODE, NULL, choice_codes(list));
}

static void take_listed(const struct field *s, enum code_list list, struct buf *b)
{
	const char *code = NULL;

	read_listed(s, list, &code);
	write_text(b, s->key, code);
}

static void put_service(const struct field *one, struct buf *b)
{
	const char *code = NULL;

	read_listed(one, LIST_AGENCY_SERVICES, &code);
	buf_json(b, code);
}

void agency_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "licence", "district", "services", "from",
		"until", "suspended_from", "suspended_until" };
	static const char *const read_only[] = { "agency", "version", "recorded_at", "rule" };
	struct field licence = field_required(top, "licence");
	struct field district = field_required(top, "district");
	struct field services = field_required(top, "services");
	struct field from = field_required(top, "from");
	struct field until = field_required(top, "until");
	struct field suspended_from = field_member(top, "suspended_from");
	struct field suspended_until = field_member(top, "suspended_until");

	take_text(licence, 1, 40, b);
	take_place(district, 6, b);
	if (take_values(services, 1, 5, put_service, b))
		field_once(&services, NULL, NULL, "each service once");
	take_days(&from, LAST_DAY, &until, LAST_DAY, b);
	take_days(&suspended_from, LAST_DAY, &suspended_until, LAST_DAY, b);
	if (suspended_until.value && !suspended_from.value)
		field_fault(&suspended_until, BROKEN_TOGETHER, NULL,
		    "nothing without suspended_from");
	field_read_only(top, read_only, COUNT(read_only));
	field_only(top, members, COUNT(members));
}

/* What a list showed when it was decided; all of it as the client says. */
static void take_decided(const struct field *s, struct buf *b)
{
	static const char *const members[] = { "position", "score", "seq", "policy", "rank",
		"priority", "seeker_version", "vacancy_version" };
	static const struct {
		const char *name;
		int64_t min, max;
	} numbers[] = { { "position", 1, K_MAX }, { "score", 0, SCORE_MAX },
		{ "seq", 0, INT64_MAX }, { "seeker_version", 1, UINT32_MAX },
		{ "vacancy_version", 1, UINT32_MAX } };

	buf_key(b, s->key);
	buf_putc(b, '{');
	if (read_object(s)) {
		struct field policy = field_member(s, "policy");
		struct field rank = field_member(s, "rank");
		struct field priority = field_member(s, "priority");

		for (size_t i = 0; i < COUNT(numbers); i++) {
			struct field number = field_member(s, numbers[i].name);

			if (number.value)
				take_whole(number, numbers[i].min, numbers[i].max, b);
		}
		if (policy.value)
			take_text(policy, 1, 31, b);
		if (rank.value)
			take_choice(rank, LIST_RANKS, b);
		if (priority.value)
			take_flag(priority, b);
		field_only(s, members, COUNT(members));
	}
	buf_putc(b, '}');
}

/* That a list was followed says nothing of one of those in it. */
static bool is_list_order(const struct field *reason)
{
	const char *text = json_string_value(reason->value);

	return text && strcmp(text, "list_order") == 0;
}

static void passed_body(const struct field *s, struct buf *b)
{
	static const char *const members[] = { "seeker", "reason" };
	struct field seeker = field_required(s, "seeker");
	struct field reason = field_required(s, "reason");

	take_seeker_id(seeker, b);
	take_listed(&reason, LIST_PASSING_REASONS, b);
	if (is_list_order(&reason))
		field_fault(&reason, BROKEN_CHOICE, NULL, "a reason of their own");
	field_only(s, members, COUNT(members));
}

void referral_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "seeker", "vacancy", "note", "decided_on",
		"passed_over", "passing_reason" };
	struct field seeker = field_required(top, "seeker");
	struct field vacancy = field_required(top, "vacancy");
	struct field decided_on = field_member(top, "decided_on");
	struct field why = field_member(top, "passing_reason");

	take_seeker_id(seeker, b);
	take_decimal_id(vacancy, b);
	take_text(field_member(top, "note"), 1, NOTE_MAX, b);
	take_decided(&decided_on, b);
	take_list(field_member(top, "passed_over"), 0, PASSED_MAX, passed_body, b);
	take_listed(&why, LIST_PASSING_REASONS, b);
	field_only(top, members, COUNT(members));
}

/* {"how"}, or, in a sandbox, {"sandbox"}: what she is taken to have said. */
void consent_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "how", "sandbox" };
	struct field sandbox = field_member(top, "sandbox");
	struct field how =
	    sandbox.value ? field_member(top, "how") : field_required(top, "how");

	take_listed(&how, LIST_CONSENT_WAYS, b);
	take_choice(sandbox, LIST_SANDBOX_ANSWERS, b);
	field_only(top, members, COUNT(members));
}

static void take_reason(const struct field *top, enum code_list list, struct buf *b)
{
	static const char *const members[] = { "reason" };
	struct field reason = field_required(top, "reason");

	take_listed(&reason, list, b);
	field_only(top, members, COUNT(members));
}

void refusal_body(const struct field *top, struct buf *b)
{
	take_reason(top, LIST_REFUSING_REASONS, b);
}

void declining_body(const struct field *top, struct buf *b)
{
	take_reason(top, LIST_DECLINING_REASONS, b);
}

void failure_body(const struct field *top, struct buf *b)
{
	take_reason(top, LIST_FAILING_REASONS, b);
}

void retreat_body(const struct field *top, struct buf *b)
{
	take_reason(top, LIST_WITHDRAWING_REASONS, b);
}
