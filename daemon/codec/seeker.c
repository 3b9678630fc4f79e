/*
 * A seeker as a bureau registers them, and as it amends their file
 * (rules/seeker-registration).
 *
 * The citizen number, name, telephone and address are taken out to be sealed;
 * what is coded holds the birth date and sex that follow from the number, and
 * nothing else that names her.  Her dated statuses are in statuses.c.  In an
 * amendment (RFC 7396) null takes something away, so a member that stands there
 * as null is read like one that says "none".
 */
#include "daemon/codec/seeker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/json.h"
#include "daemon/codec/members.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/rows.h"
#include "daemon/codec/statuses.h"
#include "daemon/codec/writers.h"
#include "matcher/codes.h"

#define PAY_WISH_MAX 100000000
#define AGE_MAX      120

/* An area that no table has is taken once somebody has recognised it. */
static enum code_fault check(const struct codec *c, const char *plain, char out[static 19])
{
	enum code_fault f = citizen_check(plain, catalog_areas(c->catalog), c->today, out);
	char area[7] = "";
	uint32_t code;

	snprintf(area, sizeof(area), "%.6s", plain);
	if (f != CODE_AREA || !c->recognises || !c->recognises(c->who, area))
		return f;
	code = (uint32_t)strtoul(area, NULL, 10);
	return citizen_check(plain, &(struct areas){ 1, &code }, c->today, out);
}

void read_citizen(const struct field *top, char out[static 19])
{
	struct field s = field_sealed(field_required(top, "citizen_number"));
	enum broken b = BROKEN_FORMAT;
	const char *text;
	char plain[24];

	out[0] = '\0';
	if (!read_raw(&s, &text))
		return;
	if (!code_normalise(text, false, plain, sizeof(plain))) {
		field_fault(&s, BROKEN_FORMAT, NULL, "18 characters, or 15 of the old form");
		return;
	}
	switch (check(s.codec, plain, out)) {
	case CODE_OK:
		if (age_on(citizen_birth(out), s.codec->today) > AGE_MAX)
			field_fault(&s, BROKEN_TOO_OLD, NULL,
			    "a birth within the last 120 years");
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
	field_fault(&s, b, NULL,
	    b == BROKEN_FORMAT ? "18 characters, or 15 of the old form"
	    : b == BROKEN_AREA
		? "a citizen number; if it was issued so, have it recognised first"
		: "a citizen number");
}

/* Where the household register is: anywhere in the country, in any edition of the list. */
static void take_hukou(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "type", "division" };
	struct field hukou = field_required(top, "hukou");
	const char *division = NULL;
	int type = -1;

	if (!read_object(&hukou))
		return;

	struct field kind = field_required(&hukou, "type");
	struct field where = field_required(&hukou, "division");

	read_choice(&kind, LIST_HUKOU_TYPES, &type);
	read_area(&where, &division);
	field_only(&hukou, members, COUNT(members));
	write_text(b, "hukou_type", choice_code(LIST_HUKOU_TYPES, type));
	write_text(b, "hukou_division", division);
}

static void take_wishes(const struct field *top, struct buf *b)
{
	struct field wishes = field_required(top, "wishes");
	occupation_t list[WISHES_MAX];
	size_t n = 0;

	buf_key(b, "wishes");
	buf_putc(b, '[');
	read_list(&wishes, 1, WISHES_MAX, &n);
	for (size_t i = 0; i < n; i++) {
		struct field wish = field_item(&wishes, i);

		list[i] = 0;
		if (!read_occupation(&wish, false, &list[i]))
			continue;
		for (size_t j = 0; j < i; j++) {
			if (list[j] == list[i])
				field_fault(&wish, BROKEN_DUPLICATE, NULL, "each once");
		}
		buf_comma(b);
		buf_putu(b, list[i]);
	}
	buf_putc(b, ']');
}

/* As the record holds it: six bytes each, occupation and months, big-endian. */
static void take_experience(const struct field *top, struct buf *b)
{
	static const char *const members[] = { "occupation", "months" };
	struct field list = field_member(top, "experience");
	uint8_t packed[EXPERIENCE_MAX * 6];
	size_t n = 0;

	read_list(&list, 0, EXPERIENCE_MAX, &n);
	for (size_t i = 0; i < n; i++) {
		struct field entry = field_item(&list, i);
		uint8_t *p = packed + 6 * i;
		occupation_t o = 0;
		int64_t m = 0;

		memset(p, 0, 6);
		if (!read_object(&entry))
			continue;

		struct field occupation = field_required(&entry, "occupation");
		struct field months = field_required(&entry, "months");

		read_occupation(&occupation, false, &o);
		read_whole(&months, 1, 720, &m);
		field_only(&entry, members, COUNT(members));
		for (int at = 0; at < 4; at++)
			p[at] = (uint8_t)(o >> (24 - 8 * at));
		p[4] = (uint8_t)(m >> 8);
		p[5] = (uint8_t)m;
	}
	buf_key(b, "experience");
	write_hex(b, packed, 6 * n);
}

static void take_level(const struct field *top, struct buf *b)
{
	struct field education = field_required(top, "education");
	const char *code = NULL;
	education_t rank = 0;

	read_education(&education, &code, &rank);
	write_text(b, "education", code);
	write_number(b, "education_rank", rank);
}

static void take_named(const struct field *top, const char *list, size_t max, struct buf *b)
{
	struct field terms = field_member(top, list);
	uint8_t ids[SKILLS_MAX > LICENCES_MAX ? SKILLS_MAX : LICENCES_MAX];
	uint8_t n;

	read_terms(&terms, list, max, ids, &n);
	buf_key(b, list);
	write_hex(b, ids, n);
}

static void take_skills(const struct field *top, struct buf *b)
{
	take_named(top, "skills", SKILLS_MAX, b);
}

static void take_licences(const struct field *top, struct buf *b)
{
	take_named(top, "licences", LICENCES_MAX, b);
}

static void take_pay_wish(const struct field *top, struct buf *b)
{
	struct field pay = field_member(top, "pay_wish_fen");
	int64_t wish = 0;

	read_whole(&pay, 0, PAY_WISH_MAX, &wish);
	write_number(b, "pay_wish", wish);
}

static void take_farthest(const struct field *top, struct buf *b)
{
	struct field farthest = field_required(top, "farthest");
	int far = 0;

	read_choice(&farthest, LIST_AREAS, &far);
	write_number(b, "farthest", far);
}

static void take_shifts(const struct field *top, struct buf *b)
{
	struct field shifts = field_required(top, "shifts");
	int set = 0;

	read_set(&shifts, LIST_SHIFTS, 1, &set);
	write_number(b, "shifts", set);
}

static void take_forms(const struct field *top, struct buf *b)
{
	struct field forms = field_required(top, "forms");
	int set = 0;

	read_set(&forms, LIST_FORMS, 1, &set);
	write_number(b, "forms", set);
}

static void take_group(const struct field *top, struct buf *b)
{
	struct field group = field_required(top, "group");

	take_choice(group, LIST_SEEKER_GROUPS, b);
}

static void take_community(const struct field *top, struct buf *b)
{
	struct field community = field_required(top, "community");

	take_place(community, 12, b);
}

static void read_telephone(const struct field *top, const char **out)
{
	struct field telephone = field_sealed(field_member(top, "telephone"));

	read_text(&telephone, 5, 30, out);
}

static void read_address(const struct field *top, const char **out)
{
	struct field address = field_sealed(field_member(top, "address"));

	read_text(&address, 1, 200, out);
}

/* The tree is the reader's to change and to free. */
static enum read_result read_seeker(const struct codec *c, json_t *tree,
    struct filed_seeker *out)
{
	static const char *const members[] = { "citizen_number", "name", "telephone", "address",
		"community", "hukou", "education", "skills", "licences", "experience", "wishes",
		"pay_wish_fen", "farthest", "shifts", "forms", "group", "retirement",
		"unemployment", "recognitions", "certificate" };
	struct buf b = { 0 };

	*out = (struct filed_seeker){ 0 };
	if (!tree)
		return READ_MALFORMED;

	struct field top = field_top(c, tree);
	struct field name = field_sealed(field_required(&top, "name"));

	read_citizen(&top, out->citizen);
	read_text(&name, 1, 50, &out->name);
	read_telephone(&top, &out->telephone);
	read_address(&top, &out->address);

	buf_putc(&b, '{');
	if (out->citizen[0]) {
		write_number(&b, "sex", citizen_sex(out->citizen));
		write_day(&b, "birth", true, citizen_birth(out->citizen));
	}
	take_community(&top, &b);
	take_hukou(&top, &b);
	take_level(&top, &b);
	take_skills(&top, &b);
	take_licences(&top, &b);
	take_experience(&top, &b);
	take_wishes(&top, &b);
	take_pay_wish(&top, &b);
	take_farthest(&top, &b);
	take_shifts(&top, &b);
	take_forms(&top, &b);
	take_group(&top, &b);
	take_statuses(&top, &b);
	buf_putc(&b, '}');
	field_only(&top, members, COUNT(members));
	out->coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_seeker(const struct codec *c, const char *body, size_t len,
    struct filed_seeker *out)
{
	return read_seeker(c, json_read(c, body, len, CODEC_BODY_MAX), out);
}

enum read_result codec_read_seeker_row(const struct codec *c, const struct rows *rows,
    struct filed_seeker *out)
{
	return rows_explain(rows, c, read_seeker(c, rows_record(rows), out));
}

enum read_result codec_read_seeker_change(const struct codec *c, const char *body, size_t len,
    struct changed_seeker *out)
{
	static const struct {
		const char *name;
		void (*read)(const struct field *top, struct buf *b);
	} parts[] = { { "community", take_community }, { "education", take_level },
		{ "skills", take_skills }, { "licences", take_licences },
		{ "experience", take_experience }, { "wishes", take_wishes },
		{ "pay_wish_fen", take_pay_wish }, { "farthest", take_farthest },
		{ "shifts", take_shifts }, { "forms", take_forms } };
	const char *members[COUNT(parts) + 2];
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);
	struct buf b = { 0 };

	*out = (struct changed_seeker){ 0 };
	if (!tree)
		return READ_MALFORMED;

	struct field top = field_top(c, tree);

	buf_putc(&b, '{');
	for (size_t i = 0; i < COUNT(parts); i++) {
		members[i] = parts[i].name;
		if (json_object_get(tree, parts[i].name))
			parts[i].read(&top, &b);
	}
	members[COUNT(parts)] = "telephone";
	members[COUNT(parts) + 1] = "address";
	field_only(&top, members, COUNT(members));
	out->has_telephone = json_object_get(tree, "telephone");
	out->has_address = json_object_get(tree, "address");
	read_telephone(&top, &out->telephone);
	read_address(&top, &out->address);
	if (out->has_telephone)
		write_text(&b, "phone", out->telephone ? "set" : "none");
	if (out->has_address)
		write_text(&b, "address", out->address ? "set" : "none");
	buf_putc(&b, '}');
	out->coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_citizen(const struct codec *c, const char *body, size_t len,
    char out[static 19])
{
	static const char *const members[] = { "citizen_number" };
	json_t *tree = json_read(c, body, len, CODEC_BODY_MAX);

	out[0] = '\0';
	if (!tree)
		return READ_MALFORMED;

	struct field top = field_top(c, tree);

	read_citizen(&top, out);
	field_only(&top, members, COUNT(members));
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}
