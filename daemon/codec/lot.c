/*
 * What a second officer says of a lot: the decision, and what became of the
 * sample (rules/lots).
 *
 * Which records the sample has, and whether each is spoken of, is the ledger's
 * to say.
 */
#include "daemon/codec/lot.h"

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/members.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/writers.h"

#define REASON_MAX 200
#define SAMPLE_MAX 200 /* as the policy's sample_of_lot may be */

static void put_record(const struct field *one, struct buf *b)
{
	const char *text = NULL;

	(void)read_decimal_id(one, &text);
	buf_json(b, text);
}

static void wrong_body(const struct field *s, struct buf *b)
{
	static const char *const members[] = { "record", "note" };
	struct field record = field_required(s, "record");
	struct field note = field_required(s, "note");

	take_decimal_id(record, b);
	take_text(note, 1, REASON_MAX, b);
	field_only(s, members, COUNT(members));
}

void lot_decision_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "decision", "reason", "ok", "wrong",
		"unchecked" };
	struct field decision = field_required(top, "decision");
	struct field reason = field_required(top, "reason");
	struct field ok = field_member(top, "ok");
	struct field wrong = field_member(top, "wrong");

	take_choice(decision, LIST_DECISIONS, b);
	take_text(reason, 1, REASON_MAX, b);
	if (take_values(ok, 0, SAMPLE_MAX, put_record, b))
		field_once(&ok, NULL, NULL, "each record once");
	if (take_list(wrong, 0, SAMPLE_MAX, wrong_body, b))
		field_once(&wrong, "record", NULL, "each record once");
	take_text(field_member(top, "unchecked"), 1, REASON_MAX, b);
	field_only(top, members, COUNT(members));
}
