/*
 * What the operator says of a key: whose it is, what it may do; and until when
 * the one that it replaces is good.
 *
 * What is not said has a default, which is the ledger's to know.
 */
#include "daemon/codec/key.h"

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/members.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/writers.h"

#define EMPLOYERS_MAX 200
#define RATE_MAX      100000
#define BURST_MAX     1000000

static void put_employer(const struct field *one, struct buf *b)
{
	const char *code = NULL;

	read_employer(one, &code);
	buf_json(b, code);
}

static void take_scope(const struct field *top, struct buf *b)
{
	struct field scope = field_required(top, "scope");
	const char *text = NULL;

	if (read_text(&scope, 1, 12, &text))
		text = scope_written(top->codec, text);
	write_text(b, "scope", text);
}

void key_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "role", "org_code", "org_name", "scope",
		"employers", "expires_on", "rate", "burst", "sandbox" };
	struct field role = field_required(top, "role");
	struct field sandbox = field_member(top, "sandbox");

	take_choice(role, LIST_ROLES, b);
	take_employer(field_member(top, "org_code"), b);
	take_text(field_member(top, "org_name"), 1, 120, b);
	take_scope(top, b);
	take_values(field_member(top, "employers"), 0, EMPLOYERS_MAX, put_employer, b);
	take_day(field_member(top, "expires_on"), FIRST_DAY, LAST_DAY, b);
	take_whole(field_member(top, "rate"), 1, RATE_MAX, b);
	take_whole(field_member(top, "burst"), 1, BURST_MAX, b);
	if (sandbox.value)
		take_flag(sandbox, b);
	field_only(top, members, COUNT(members));
}

void rotation_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "until" };
	struct field until = field_member(top, "until");
	const char *text = NULL;

	read_instant(&until, &text);
	write_text(b, "until", text);
	field_only(top, members, COUNT(members));
}
