/*
 * What is said about a placement: that it happened, one or many, where it was
 * registered, what is taken back, that it is void.  Whether it may be so is the
 * ledger's to decide.
 */
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/spot.h"

/* By contract, through an agency of dispatch, by licence, self-declared, public-welfare post.
 */
static const struct choice kinds[] = { { "unit", 0 }, { "dispatch", 1 }, { "self", 2 },
	{ "flexible", 3 }, { "pwp", 4 } };
/* False identity, never started, fictitious: void from the start. */
static const struct choice voidings[] = { { "V1", 0 }, { "V2", 1 }, { "V3", 2 } };
static const struct choice decisions[] = { { "approve", 0 }, { "refuse", 1 } };
/* What the organisation that said it may take back; a registration goes with the placement. */
static const struct choice signals[] = { { "report", 0 }, { "confirmation", 1 } };
static const struct choice withdrawals[] = { { "mistaken", 0 }, { "not_started", 1 },
	{ "duplicate", 2 }, { "other", 3 } };

/* One placement, as members of an object that the caller opens and closes. */
static void read_placement(const struct spot *top, struct buf *b)
{
	const char *seeker_text = NULL;
	const char *vacancy_text = NULL;
	const char *employer_text = NULL;
	const char *workplace_text = NULL;
	const char *source_text = NULL;
	const char *referral_text = NULL;
	place_t place = 0;
	day_t day = 0;
	int which = 0;

	struct spot seeker = spot_required(top, "seeker");
	struct spot vacancy = spot_member(top, "vacancy");
	struct spot kind = spot_required(top, "kind");
	struct spot employer = spot_member(top, "employer");
	struct spot workplace = spot_member(top, "workplace");
	struct spot start_on = spot_required(top, "start_on");
	struct spot source = spot_member(top, "source");
	struct spot referral = spot_member(top, "referral");

	read_seeker_id(&seeker, &seeker_text);
	read_decimal_id(&vacancy, &vacancy_text);
	read_choice(&kind, kinds, COUNT(kinds), &which);
	read_employer(&employer, &employer_text);
	read_place(&workplace, 12, &place, &workplace_text);
	read_day(&start_on, FIRST_DAY, LAST_DAY, &day);
	read_text(&source, 1, 40, &source_text);
	read_decimal_id(&referral, &referral_text);

	write_text(b, "seeker", seeker_text);
	write_text(b, "vacancy", vacancy_text);
	write_text(b, "kind", kinds[which].name);
	write_text(b, "employer", employer_text);
	write_text(b, "workplace", workplace_text);
	write_day(b, "start_on", true, day);
	write_text(b, "source", source_text);
	if (referral_text)
		write_text(b, "referral", referral_text);
}

static const char *const members_of_many[] = { "key", "seeker", "vacancy", "kind", "employer",
	"workplace", "start_on", "source", "referral" };
static const char *const *const members_of_one = members_of_many + 1;

enum read_result codec_read_placement(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);

	buf_putc(&b, '{');
	read_placement(&top, &b);
	buf_putc(&b, '}');
	spot_only(&top, members_of_one, COUNT(members_of_many) - 1);
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

/* One of many: what is wrong with it is its own affair, and stands where its body would. */
static void read_item(const struct spot *list, size_t i, struct faults *own, struct buf *b)
{
	struct codec codec = *list->codec;
	struct spot item = spot_item(list, i);
	const char *key_text = NULL;
	struct buf read = { 0 };

	*own = (struct faults){ 0 };
	codec.faults = own;
	item.codec = &codec;
	if (read_object(&item)) {
		struct spot key = spot_member(&item, "key");

		read_text(&key, 1, 64, &key_text);
		write_text(&read, "key", key_text);
		buf_key(&read, "body");
		buf_putc(&read, '{');
		read_placement(&item, &read);
		buf_putc(&read, '}');
		spot_only(&item, members_of_many, COUNT(members_of_many));
	}
	buf_comma(b);
	buf_putc(b, '{');
	if (own->n)
		faults_write(b, own);
	else
		buf_put(b, read.data, read.len);
	buf_putc(b, '}');
	buf_free(&read);
}

enum read_result codec_read_placements(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "items" };
	json_t *tree = json_read(c, body, len, CODEC_RETURN_MAX);
	struct faults *own;
	struct buf b = { 0 };
	size_t n = 0;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot items = spot_required(&top, "items");

	spot_only(&top, members, COUNT(members));
	buf_putc(&b, '[');
	if (read_list(&items, 1, PLACEMENTS_MAX, &n)) {
		own = arena_alloc(c->arena, sizeof(*own));
		for (size_t i = 0; i < n; i++)
			read_item(&items, i, own, &b);
	}
	buf_putc(&b, ']');
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

enum read_result codec_read_withdrawal(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	static const char *const members[] = { "signal", "reason" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	struct buf b = { 0 };
	int which = 0, why = 0;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot signal = spot_required(&top, "signal");
	struct spot reason = spot_required(&top, "reason");

	read_choice(&signal, signals, COUNT(signals), &which);
	read_choice(&reason, withdrawals, COUNT(withdrawals), &why);
	spot_only(&top, members, COUNT(members));

	buf_putc(&b, '{');
	write_text(&b, "signal", name_of(signals, which));
	write_text(&b, "reason", name_of(withdrawals, why));
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

/* A code or a decision with an officer's words: why, and what shows it. */
static enum read_result read_grounds(const struct codec *c, const char *body, size_t len,
    const char *word, const struct choice *of, size_t n, bool with_evidence, const char **coded)
{
	const char *members[] = { "reason", with_evidence ? "evidence" : "reason", word };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *reason_text = NULL;
	const char *evidence_text = NULL;
	struct buf b = { 0 };
	int which = 0;

	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot reason = spot_required(&top, "reason");

	buf_putc(&b, '{');
	if (word) {
		struct spot choice = spot_required(&top, word);

		read_choice(&choice, of, n, &which);
		write_text(&b, word, name_of(of, which));
	}
	read_text(&reason, 1, 200, &reason_text);
	write_text(&b, "reason", reason_text);
	if (with_evidence) {
		struct spot evidence = spot_required(&top, "evidence");

		read_text(&evidence, 1, 200, &evidence_text);
		write_text(&b, "evidence", evidence_text);
	}
	buf_putc(&b, '}');
	spot_only(&top, members, word ? 3 : 2);
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_voiding(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_grounds(c, body, len, "code", voidings, COUNT(voidings), true, coded);
}

enum read_result codec_read_undoing(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_grounds(c, body, len, NULL, NULL, 0, true, coded);
}

enum read_result codec_read_decision(const struct codec *c, const char *body, size_t len,
    const char **coded)
{
	return read_grounds(c, body, len, "decision", decisions, COUNT(decisions), false,
	    coded);
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
