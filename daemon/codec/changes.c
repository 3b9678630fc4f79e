/*
 * What ends, and why: the small bodies of a day and a coded reason, and of a
 * clerk's reason in words.
 *
 * Each kind of thing has reasons of its own, as the law or the registers name
 * them; a day to come is refused for all of them, because nothing ends before
 * it has.  Whether the thing is there to be ended is the ledger's to say.
 */
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/statuses.h"

#define REASON_MAX 200

/* Order 28, article 66: why a registration is cancelled; and that she died. */
static const struct choice leavings[] = { { "employed", 0 }, { "business", 1 }, { "income", 2 },
	{ "retired", 3 }, { "incapable", 4 }, { "school", 5 }, { "army", 6 },
	{ "emigrated", 7 }, { "imprisoned", 8 }, { "gave_up", 9 }, { "no_contact", 10 },
	{ "died", 11 }, { "other", 12 } };
/* How a recognition, a household, a job ends (domain.md 10); retired and dead are attrition. */
static const struct choice recovered[] = { { "employed", 0 }, { "retired", 1 },
	{ "no_longer_meets", 2 }, { "refused", 3 }, { "moved", 4 } };
static const struct choice dissolved[] = { { "refused", 0 }, { "changed", 1 }, { "moved", 2 } };
static const struct choice job_ends[] = { { "contract_ended", 0 }, { "dismissed", 1 },
	{ "resigned", 2 }, { "closed", 3 }, { "retired", 4 }, { "dead", 5 }, { "other", 6 } };

static enum read_result read_ending(const struct codec *c, const char *body, size_t len,
    const struct choice *reasons, size_t n, bool needs_day, const char **coded)
{
	static const char *const members[] = { "reason", "on" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	struct buf b = { 0 };
	int which = -1;
	day_t day = 0;
	bool has_day;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot reason = spot_required(&top, "reason");
	struct spot on = needs_day ? spot_required(&top, "on") : spot_member(&top, "on");

	read_choice(&reason, reasons, n, &which);
	has_day = read_day(&on, FIRST_DAY, c->today, &day);
	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '{');
	write_text(&b, "reason", name_of(reasons, which));
	write_day(&b, "on", has_day, day); /* absent: the ledger's today */
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_leaving(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_ending(c, body, len, leavings, COUNT(leavings), false, coded);
}

enum read_result codec_read_recovery(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_ending(c, body, len, recovered, COUNT(recovered), false, coded);
}

enum read_result codec_read_household_end(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_ending(c, body, len, dissolved, COUNT(dissolved), false, coded);
}

enum read_result codec_read_job_end(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_ending(c, body, len, job_ends, COUNT(job_ends), true, coded);
}

/* In words: why a fact never held. */
enum read_result codec_read_fact_void(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "reason", "on" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *words = NULL;
	struct buf b = { 0 };
	day_t day = 0;
	bool has_day;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot reason = spot_required(&top, "reason");
	struct spot on = spot_member(&top, "on");

	read_text(&reason, 1, REASON_MAX, &words);
	has_day = read_day(&on, FIRST_DAY, c->today, &day);
	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '{');
	write_text(&b, "reason", words);
	write_day(&b, "on", has_day, day);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_inspection(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "year" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	struct buf b = { 0 };
	int64_t y = 0;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot year = spot_required(&top, "year");

	read_whole(&year, 2002, 2099, &y);
	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '{');
	write_number(&b, "year", y);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_return_of_seeker(const struct codec *c, const char *body,
    size_t len, const char **coded)
{
	static const char *const members[] = { "on", "unemployment" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	struct buf b = { 0 };
	day_t day = 0;
	bool has_day;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot on = spot_member(&top, "on");

	has_day = read_day(&on, FIRST_DAY, c->today, &day);
	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '{');
	write_day(&b, "on", has_day, day);
	read_unemployment(&top, &b);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_merge(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "duplicate", "reason" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *other = NULL;
	const char *words = NULL;
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot duplicate = spot_required(&top, "duplicate");
	struct spot reason = spot_required(&top, "reason");

	read_seeker_id(&duplicate, &other);
	read_text(&reason, 1, REASON_MAX, &words);
	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '{');
	write_text(&b, "duplicate", other);
	write_text(&b, "reason", words);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}
