/*
 * A seeker's file as it is answered: the ledger's codes put back into the words
 * of the API, and the opened fields beside them.
 *
 * The citizen number is shown masked.
 */
#include "daemon/codec/person.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/base/hex.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/writers.h"
#include "matcher/codes.h"

/* NULL: none. */
static size_t unhex(const char *text, uint8_t *out, size_t max)
{
	return text ? hex_read(text, out, max) : 0;
}

static void put_terms(struct buf *b, const struct catalog *c, const char *list, const char *hex)
{
	bool skills = strcmp(list, "skills") == 0;
	uint8_t ids[SKILLS_MAX];
	size_t n = unhex(hex, ids, sizeof(ids));

	buf_key(b, list);
	buf_putc(b, '[');
	for (size_t i = 0; i < n; i++) {
		const struct term *t =
		    skills ? catalog_skill_by_id(c, ids[i]) : catalog_licence_by_id(c, ids[i]);

		if (!t)
			continue;
		buf_comma(b);
		buf_json(b, t->code);
	}
	buf_putc(b, ']');
}

static void put_experience(struct buf *b, const char *hex)
{
	uint8_t packed[EXPERIENCE_MAX * 6];
	size_t n = unhex(hex, packed, sizeof(packed)) / 6;

	buf_key(b, "experience");
	buf_putc(b, '[');
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = packed + 6 * i;
		occupation_t o = (occupation_t)p[0] << 24 | (occupation_t)p[1] << 16 |
				 (occupation_t)p[2] << 8 | p[3];
		char code[12];

		occupation_print(o, code);
		buf_comma(b);
		buf_putc(b, '{');
		write_text(b, "occupation", code);
		write_number(b, "months", p[4] << 8 | p[5]);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void put_wishes(struct buf *b, const json_t *wishes)
{
	buf_key(b, "wishes");
	buf_putc(b, '[');
	for (size_t i = 0; i < json_array_size(wishes); i++) {
		char code[12];

		occupation_print((occupation_t)json_integer_value(json_array_get(wishes, i)),
		    code);
		buf_comma(b);
		buf_json(b, code);
	}
	buf_putc(b, ']');
}

/* Members whose stored form is the API's own. */
static void put_others(struct buf *b, const json_t *file)
{
	static const char *const changed[] = { "skills", "licences", "experience", "wishes",
		"farthest", "shifts", "forms", "pay_wish" };
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)file, name, value)
	{
		size_t i = 0;

		while (i < COUNT(changed) && strcmp(changed[i], name) != 0)
			i++;
		if (i < COUNT(changed))
			continue;
		buf_key(b, name);
		write_tree(b, value, 0);
	}
}

/* Else it was recognised when the number was taken. */
static bool has_known_area(const struct catalog *catalog, const char *citizen)
{
	const struct codec c = { .catalog = catalog };
	char area[7] = "";
	place_t place = 0;

	snprintf(area, sizeof(area), "%.6s", citizen);
	return place_parse(area, 6, &place) == CODE_OK && is_area(&c, place);
}

const char *codec_write_person(struct arena *a, const struct catalog *c, const char *json,
    const struct opened_person *opened)
{
	json_t *file = json_loads(json, 0, NULL);
	json_int_t far = json_integer_value(json_object_get(file, "farthest"));
	char masked[19];
	struct buf b = { 0 };

	buf_putc(&b, '{');
	put_others(&b, file);
	put_terms(&b, c, "skills", json_string_value(json_object_get(file, "skills")));
	put_terms(&b, c, "licences", json_string_value(json_object_get(file, "licences")));
	put_experience(&b, json_string_value(json_object_get(file, "experience")));
	put_wishes(&b, json_object_get(file, "wishes"));
	write_number(&b, "pay_wish_fen", json_integer_value(json_object_get(file, "pay_wish")));
	write_text(&b, "farthest",
	    far >= 0 && far <= AREAS_CITY ? choice_code(LIST_AREAS, (int)far) : NULL);
	write_names(&b, "shifts", LIST_SHIFTS,
	    (int)json_integer_value(json_object_get(file, "shifts")));
	write_names(&b, "forms", LIST_FORMS,
	    (int)json_integer_value(json_object_get(file, "forms")));
	if (opened->citizen)
		codec_mask_citizen(opened->citizen, masked);
	write_text(&b, "citizen_number", opened->citizen ? masked : NULL);
	write_flag(&b, "area_recognised",
	    opened->citizen && !has_known_area(c, opened->citizen));
	write_text(&b, "name", opened->name);
	write_text(&b, "telephone", opened->telephone);
	write_text(&b, "address", opened->address);
	buf_putc(&b, '}');
	json_decref(file);
	return buf_to_arena(a, &b);
}
