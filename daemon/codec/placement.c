/*
 * What is said about a placement: that it happened, where it was registered,
 * that it is void.  Whether it may be so is the ledger's to decide.
 */
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/spot.h"

/* By contract, through an agency of dispatch, by licence, self-declared, public-welfare post.
 */
static const struct choice kinds[] = { { "unit", 0 }, { "dispatch", 1 }, { "self", 2 },
	{ "flexible", 3 }, { "pwp", 4 } };
/* False identity, never started, fictitious: void from the start. */
static const struct choice voidings[] = { { "V1", 1 }, { "V2", 2 }, { "V3", 3 } };

enum read_result codec_read_placement(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "seeker", "vacancy", "kind", "employer",
		"workplace", "start_on", "source" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *seeker_text = NULL;
	const char *vacancy_text = NULL;
	const char *employer_text = NULL;
	const char *workplace_text = NULL;
	const char *source_text = NULL;
	place_t place = 0;
	day_t day = 0;
	int which = 0;
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot seeker = spot_required(&top, "seeker");
	struct spot vacancy = spot_member(&top, "vacancy");
	struct spot kind = spot_required(&top, "kind");
	struct spot employer = spot_member(&top, "employer");
	struct spot workplace = spot_member(&top, "workplace");
	struct spot start_on = spot_required(&top, "start_on");
	struct spot source = spot_member(&top, "source");

	read_seeker_id(&seeker, &seeker_text);
	read_decimal_id(&vacancy, &vacancy_text);
	read_choice(&kind, kinds, COUNT(kinds), &which);
	read_employer(&employer, &employer_text);
	read_place(&workplace, 12, &place, &workplace_text);
	read_day(&start_on, FIRST_DAY, LAST_DAY, &day);
	read_text(&source, 1, 40, &source_text);
	spot_only(&top, members, COUNT(members));

	buf_putc(&b, '{');
	write_text(&b, "seeker", seeker_text);
	write_text(&b, "vacancy", vacancy_text);
	write_text(&b, "kind", kinds[which].name);
	write_text(&b, "employer", employer_text);
	write_text(&b, "workplace", workplace_text);
	write_day(&b, "start_on", true, day);
	write_text(&b, "source", source_text);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_registration(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "community", "on" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *community_text = NULL;
	place_t place = 0;
	day_t day = 0;
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot community = spot_required(&top, "community");
	struct spot on = spot_member(&top, "on");
	bool has_day;

	read_place(&community, 12, &place, &community_text);
	has_day = read_day(&on, FIRST_DAY, c->today, &day);
	spot_only(&top, members, COUNT(members));

	buf_putc(&b, '{');
	write_text(&b, "community", community_text);
	write_day(&b, "on", has_day, day); /* absent: the ledger's today */
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_voiding(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "code", "reason", "evidence" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *reason_text = NULL;
	const char *evidence_text = NULL;
	struct buf b = { 0 };
	int which = 1;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot code = spot_required(&top, "code");
	struct spot reason = spot_required(&top, "reason");
	struct spot evidence = spot_required(&top, "evidence");

	read_choice(&code, voidings, COUNT(voidings), &which);
	read_text(&reason, 1, 200, &reason_text);
	read_text(&evidence, 1, 200, &evidence_text);
	spot_only(&top, members, COUNT(members));

	buf_putc(&b, '{');
	write_text(&b, "code", voidings[which - 1].name);
	write_text(&b, "reason", reason_text);
	write_text(&b, "evidence", evidence_text);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_nothing(const struct codec *c, const char *body, size_t len)
{
	json_t *tree;

	if (len == 0)
		return READ_OK;
	tree = json_read(c, body, len, CODEC_BODY_MAX);
	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);

	spot_only(&top, NULL, 0);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}
