/*
 * A seeker as a bureau registers her.
 *
 * The citizen number, name, telephone and address are taken out to be sealed;
 * what is coded holds the birth date and sex that follow from the number, and
 * nothing else that names her.  Her dated statuses are in statuses.c.
 */
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/statuses.h"

#define PAY_WISH_MAX 100000000

static const struct choice hukou_types[] = { { "urban", 0 }, { "rural", 1 } };
static const struct choice groups[] = { { "local", 0 }, { "graduate", 1 }, { "serviceman", 2 },
	{ "transferred", 3 }, { "migrant", 4 }, { "land_expropriated", 5 } };
static void read_citizen(const struct spot *top, struct filed_seeker *out)
{
	struct spot s = spot_sealed(spot_required(top, "citizen_number"));
	enum broken b = BROKEN_FORMAT;
	const char *text;
	char plain[24];

	if (!read_raw(&s, &text))
		return;
	if (!code_normalise(text, false, plain, sizeof(plain))) {
		spot_fault(&s, BROKEN_FORMAT, NULL, "18 characters, or 15 of the old form");
		return;
	}
	switch (citizen_check(plain, catalog_areas(s.codec->catalog), s.codec->today,
	    out->citizen)) {
	case CODE_OK:
		return;
	case CODE_AREA:
		b = BROKEN_AREA;
		break;
	case CODE_DATE:
		b = BROKEN_DATE;
		break;
	case CODE_FUTURE:
		b = BROKEN_FUTURE;
		break;
	case CODE_CHECK:
		b = BROKEN_CHECK_DIGIT;
		break;
	case CODE_FORMAT:
	case CODE_SECTION:
	case CODE_OTHER_EDITION:
	case CODE_UNKNOWN:
		break;
	}
	spot_fault(&s, b, NULL,
	    b == BROKEN_FORMAT ? "18 characters, or 15 of the old form" : "a citizen number");
}

/* Where the household register is: anywhere in the country, in any edition of the list. */
static void read_hukou(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "type", "division" };
	struct spot hukou = spot_required(top, "hukou");
	const char *division = NULL;
	place_t code = 0;
	int type = -1;

	if (!read_object(&hukou))
		return;

	struct spot kind = spot_required(&hukou, "type");
	struct spot where = spot_required(&hukou, "division");

	read_choice(&kind, hukou_types, COUNT(hukou_types), &type);
	if (read_raw(&where, &division)) {
		if (place_parse(division, 6, &code) != CODE_OK)
			spot_fault(&where, BROKEN_FORMAT, NULL, "6 digits");
		else if (!is_area(top->codec, code))
			spot_fault(&where, BROKEN_UNKNOWN_CODE, NULL, "a GB/T 2260 code");
	}
	spot_only(&hukou, members, COUNT(members));
	write_text(b, "hukou_type", name_of(hukou_types, type));
	write_text(b, "hukou_division", division);
}

static void read_wishes(const struct spot *top, struct buf *b)
{
	struct spot wishes = spot_required(top, "wishes");
	occupation_t list[WISHES_MAX];
	size_t n = 0;

	buf_key(b, "wishes");
	buf_putc(b, '[');
	read_list(&wishes, 1, WISHES_MAX, &n);
	for (size_t i = 0; i < n; i++) {
		struct spot wish = spot_item(&wishes, i);

		list[i] = 0;
		if (!read_occupation(&wish, false, &list[i]))
			continue;
		for (size_t j = 0; j < i; j++) {
			if (list[j] == list[i])
				spot_fault(&wish, BROKEN_DUPLICATE, NULL, "each once");
		}
		buf_comma(b);
		buf_putu(b, list[i]);
	}
	buf_putc(b, ']');
}

/* As the record holds it: six bytes each, occupation and months, big-endian. */
static void read_experience(const struct spot *top, struct buf *b)
{
	static const char *const members[] = { "occupation", "months" };
	struct spot list = spot_member(top, "experience");
	uint8_t packed[EXPERIENCE_MAX * 6];
	size_t n = 0;

	read_list(&list, 0, EXPERIENCE_MAX, &n);
	for (size_t i = 0; i < n; i++) {
		struct spot entry = spot_item(&list, i);
		uint8_t *p = packed + 6 * i;
		occupation_t o = 0;
		int64_t m = 0;

		memset(p, 0, 6);
		if (!read_object(&entry))
			continue;

		struct spot occupation = spot_required(&entry, "occupation");
		struct spot months = spot_required(&entry, "months");

		read_occupation(&occupation, false, &o);
		read_whole(&months, 1, 720, &m);
		spot_only(&entry, members, COUNT(members));
		for (int at = 0; at < 4; at++)
			p[at] = (uint8_t)(o >> (24 - 8 * at));
		p[4] = (uint8_t)(m >> 8);
		p[5] = (uint8_t)m;
	}
	buf_key(b, "experience");
	write_hex(b, packed, 6 * n);
}

static void read_abilities(const struct spot *top, struct buf *b)
{
	struct spot education = spot_required(top, "education");
	struct spot skills = spot_member(top, "skills");
	struct spot licences = spot_member(top, "licences");
	uint8_t skill_ids[SKILLS_MAX];
	uint8_t licence_ids[LICENCES_MAX];
	uint8_t n_skills;
	uint8_t n_licences;
	const char *code = NULL;
	education_t rank = 0;

	read_education(&education, &code, &rank);
	read_terms(&skills, "skills", SKILLS_MAX, skill_ids, &n_skills);
	read_terms(&licences, "licences", LICENCES_MAX, licence_ids, &n_licences);
	write_text(b, "education", code);
	write_number(b, "education_rank", rank);
	buf_key(b, "skills");
	write_hex(b, skill_ids, n_skills);
	buf_key(b, "licences");
	write_hex(b, licence_ids, n_licences);
}

static void read_conditions(const struct spot *top, struct buf *b)
{
	struct spot pay = spot_member(top, "pay_wish_fen");
	struct spot farthest = spot_required(top, "farthest");
	struct spot shifts = spot_required(top, "shifts");
	struct spot forms = spot_required(top, "forms");
	struct spot group = spot_required(top, "group");
	int64_t wish = 0;
	int far = 0;
	int shift_set = 0;
	int form_set = 0;
	int which = -1;

	read_whole(&pay, 0, PAY_WISH_MAX, &wish);
	read_choice(&farthest, farthest_choices, FARTHEST_CHOICES, &far);
	read_set(&shifts, shift_choices, SHIFT_CHOICES, 1, &shift_set);
	read_set(&forms, form_choices, FORM_CHOICES, 1, &form_set);
	read_choice(&group, groups, COUNT(groups), &which);
	write_number(b, "pay_wish", wish);
	write_number(b, "farthest", far);
	write_number(b, "shifts", shift_set);
	write_number(b, "forms", form_set);
	write_text(b, "group", name_of(groups, which));
}

enum read_result codec_read_seeker(const struct codec *c, const char *body, size_t len,
    struct filed_seeker *out)
{
	static const char *const members[] = { "citizen_number", "name", "telephone", "address",
		"community", "hukou", "education", "skills", "licences", "experience", "wishes",
		"pay_wish_fen", "farthest", "shifts", "forms", "group", "retirement",
		"unemployment", "recognitions", "certificate" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	const char *community_text = NULL;
	place_t place = 0;
	struct buf b = { 0 };

	*out = (struct filed_seeker){ 0 };
	if (!tree)
		return READ_MALFORMED;

	struct spot top = spot_top(c, tree);
	struct spot name = spot_sealed(spot_required(&top, "name"));
	struct spot telephone = spot_sealed(spot_member(&top, "telephone"));
	struct spot address = spot_sealed(spot_member(&top, "address"));
	struct spot community = spot_required(&top, "community");

	read_citizen(&top, out);
	read_text(&name, 1, 50, &out->name);
	read_text(&telephone, 5, 30, &out->telephone);
	read_text(&address, 1, 200, &out->address);
	read_place(&community, 12, &place, &community_text);

	buf_putc(&b, '{');
	if (out->citizen[0]) {
		write_number(&b, "sex", citizen_sex(out->citizen));
		write_day(&b, "birth", true, citizen_birth(out->citizen));
	}
	write_text(&b, "community", community_text);
	read_hukou(&top, &b);
	read_abilities(&top, &b);
	read_experience(&top, &b);
	read_wishes(&top, &b);
	read_conditions(&top, &b);
	read_statuses(&top, &b);
	buf_putc(&b, '}');
	spot_only(&top, members, COUNT(members));
	out->coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}
