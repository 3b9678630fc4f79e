/*
 * What is said about a placement: that it happened, one or many, where it was
 * registered, what is taken back, that it is void.  Whether it may be so is the
 * ledger's to decide.
 */
#include "daemon/codec/placement.h"

#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/json.h"
#include "daemon/codec/members.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/return.h"
#include "daemon/codec/writers.h"

#define REASON_MAX 200

/* Which counties there are outside the city depends on the first day; one that is wrong is a
 * fault of its own. */
static void take_workplace(struct field workplace, struct field start_on, struct buf *b)
{
	const char *text = NULL;
	day_t day;

	if (!json_is_string(start_on.value) ||
	    !day_parse(json_string_value(start_on.value), &day))
		day = workplace.codec->today;
	if (workplace.value)
		(void)read_workplace(&workplace, day, &text);
	write_text(b, "workplace", text);
}

/* A public-welfare post without a vacancy is a slot of an approval; rules/placement-kinds. */
static void take_slot(const struct field *top, struct buf *b)
{
	struct field approval = field_member(top, "approval");
	const char *kind = json_string_value(json_object_get(top->value, "kind"));
	bool is_slot = kind && strcmp(kind, "pwp") == 0 && !field_member(top, "vacancy").value;

	take_text(approval, 1, 40, b);
	if (is_slot && !approval.value)
		field_fault(&approval, BROKEN_APPROVAL_NEEDED, "nothing",
		    "an approval number, or the reserved vacancy");
	if (!is_slot && approval.value)
		field_fault(&approval, BROKEN_APPROVAL_UNASKED, NULL,
		    "nothing, unless kind is pwp and there is no vacancy");
}

/* rules/placement-kinds */
void placement_body(const struct field *top, struct buf *b)
{
	/* The first only in a list. */
	static const char *const members[] = { "key", "seeker", "vacancy", "kind", "employer",
		"workplace", "approval", "start_on", "source", "reference", "referral" };
	size_t skipped = top->in ? 0 : 1;
	struct field kind = field_required(top, "kind");
	struct field start_on = field_required(top, "start_on");

	take_seeker(top, b);
	take_decimal_id(field_member(top, "vacancy"), b);
	take_choice(kind, LIST_PLACEMENT_KINDS, b);
	take_employer(field_member(top, "employer"), b);
	take_workplace(field_member(top, "workplace"), start_on, b);
	take_slot(top, b);
	take_day(start_on, FIRST_DAY, LAST_DAY, b);
	take_text(field_member(top, "source"), 1, 40, b);
	take_text(field_member(top, "reference"), 1, 64, b);
	take_decimal_id(field_member(top, "referral"), b);
	field_only(top, members + skipped, COUNT(members) - skipped);
}

/* One of many: what is wrong with it is its own affair, and stands where its body would. */
static void take_item(const struct field *list, size_t i, struct faults *own, struct buf *b)
{
	struct codec codec = *list->codec;
	struct field item = field_item(list, i);
	struct buf read = { 0 };

	*own = (struct faults){ 0 };
	codec.faults = own;
	item.codec = &codec;
	if (read_object(&item)) {
		struct field key = field_member(&item, "key");

		take_text(key, 1, 64, &read);
		buf_key(&read, "body");
		buf_putc(&read, '{');
		placement_body(&item, &read);
		buf_putc(&read, '}');
	}
	buf_comma(b);
	buf_putc(b, '{');
	if (own->n)
		faults_write(b, own, LANG_EN);
	else
		buf_put(b, read.data, read.len);
	buf_putc(b, '}');
	buf_free(&read);
}

enum read_result codec_read_placements(const struct codec *c, const char *text, size_t len,
    const char **coded)
{
	static const char *const members[] = { "items" };
	json_t *tree = json_read(c, text, len, CODEC_RETURN_MAX);
	struct faults *own = arena_alloc(c->arena, sizeof(*own));
	struct buf b = { 0 };
	size_t n = 0;

	if (!tree)
		return READ_MALFORMED;

	struct field top = field_top(c, tree);
	struct field items = field_required(&top, "items");

	field_only(&top, members, COUNT(members));
	buf_putc(&b, '[');
	read_list(&items, 1, PLACEMENTS_MAX, &n);
	for (size_t i = 0; i < n; i++)
		take_item(&items, i, own, &b);
	buf_putc(&b, ']');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

void registration_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "community", "on" };
	struct field community = field_required(top, "community");

	take_place(community, 12, b);
	take_day(field_member(top, "on"), FIRST_DAY, top->codec->today,
	    b); /* absent: the ledger's today */
	field_only(top, members, COUNT(members));
}

/* rules/signals: what the organisation that said it may take back; a registration goes with the
 * placement. */
void withdrawal_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "signal", "reason" };
	struct field signal = field_required(top, "signal");
	struct field reason = field_required(top, "reason");

	take_choice(signal, LIST_TAKING_BACK_SIGNALS, b);
	take_choice(reason, LIST_TAKING_BACK_REASONS, b);
	field_only(top, members, COUNT(members));
}

/* rules/void */
void voiding_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "code", "reason", "evidence" };
	struct field reason = field_required(top, "reason");
	struct field code = field_required(top, "code");
	struct field evidence = field_required(top, "evidence");

	take_choice(code, LIST_VOID_REASONS, b);
	take_text(reason, 1, REASON_MAX, b);
	take_text(evidence, 1, REASON_MAX, b);
	field_only(top, members, COUNT(members));
}

void undoing_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "reason", "evidence" };
	struct field reason = field_required(top, "reason");
	struct field evidence = field_required(top, "evidence");

	take_text(reason, 1, REASON_MAX, b);
	take_text(evidence, 1, REASON_MAX, b);
	field_only(top, members, COUNT(members));
}

void decision_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "decision", "reason" };
	struct field decision = field_required(top, "decision");
	struct field reason = field_required(top, "reason");

	take_choice(decision, LIST_DECISIONS, b);
	take_text(reason, 1, REASON_MAX, b);
	field_only(top, members, COUNT(members));
}
