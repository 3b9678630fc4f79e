/*
 * What ends, and why: the small bodies of a day and a coded reason, and of a
 * clerk's reason in words.
 *
 * Each kind of thing has reasons of its own, as the law or the registers name
 * them; a day to come is refused for all of them, because nothing ends before
 * it has.  Whether the thing is there to be ended is the ledger's to say.
 */
#include "daemon/codec/changes.h"

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/members.h"
#include "daemon/codec/statuses.h"

#define REASON_MAX 200

/* Without a day it is the ledger's today. */
static void take_ending(const struct field *top, enum code_list reasons, bool needs_day,
    struct buf *b)
{
	static const char *const members[] = { "reason", "on" };
	struct field reason = field_required(top, "reason");
	struct field on = needs_day ? field_required(top, "on") : field_member(top, "on");

	take_choice(reason, reasons, b);
	take_day(on, FIRST_DAY, top->codec->today, b);
	field_only(top, members, COUNT(members));
}

/* rules/withdrawal */
void leaving_body(const struct field *top, struct buf *b)
{
	take_ending(top, LIST_LEAVING_REASONS, false, b);
}

/* rules/recognitions */
void recovery_body(const struct field *top, struct buf *b)
{
	take_ending(top, LIST_RECOVERY_REASONS, false, b);
}

/* rules/household-state */
void household_end_body(const struct field *top, struct buf *b)
{
	take_ending(top, LIST_HOUSEHOLD_END_REASONS, false, b);
}

/* rules/job-end: retired and dead are attrition. */
void job_end_body(const struct field *top, struct buf *b)
{
	take_ending(top, LIST_JOB_END_REASONS, true, b);
}

/* In words: why a fact never held. */
void fact_void_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "reason", "on" };
	struct field reason = field_required(top, "reason");

	take_text(reason, 1, REASON_MAX, b);
	take_day(field_member(top, "on"), FIRST_DAY, top->codec->today, b);
	field_only(top, members, COUNT(members));
}

void inspection_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "year", "on" };
	struct field year = field_required(top, "year");

	take_whole(year, 2002, 2099, b);
	take_day(field_member(top, "on"), FIRST_DAY, top->codec->today, b);
	field_only(top, members, COUNT(members));
}

void seeker_return_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "on", "unemployment" };

	take_day(field_member(top, "on"), FIRST_DAY, top->codec->today, b);
	take_object(field_member(top, "unemployment"), unemployment_body, b);
	field_only(top, members, COUNT(members));
}

void merge_body(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "duplicate", "reason" };
	struct field duplicate = field_required(top, "duplicate");
	struct field reason = field_required(top, "reason");

	take_seeker_id(duplicate, b);
	take_text(reason, 1, REASON_MAX, b);
	field_only(top, members, COUNT(members));
}
