/*
 * Cells that hold a code of the catalogue, or a name in its place: 保安员, 金水区…社区, 叉车.
 *
 * A name that means one code is that code; one that means several is refused with them.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/scope.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/names.h"
#include "daemon/codec/cell_readers.h"
#include "daemon/codec/codec.h"
#include "matcher/codes.h"

static const char *name_of(const struct catalog *c, const char *code, int digits)
{
	char text[] = "000000000000";
	const struct division *d = NULL;
	place_t place;

	memcpy(text, code, (size_t)digits);
	if (place_parse(text, 12, &place) == CODE_OK)
		d = catalog_division(c, place);
	return d ? d->name : "";
}

/* Where it lies, for which it was asked: 410105003001 金水区人民路街道. */
static const char *place_named(const struct cell_in *in, const char *code)
{
	const struct catalog *c = in->c->catalog;

	return strlen(code) < 12 ? arena_printf(in->c->arena, "%s %s", code,
				       name_of(c, code, (int)strlen(code)))
				 : arena_printf(in->c->arena, "%s %s%s", code,
				       name_of(c, code, 6), name_of(c, code, 9));
}

static const char *occupation_named(const struct cell_in *in, const char *code)
{
	const struct occupation *o = NULL;
	occupation_t number;

	if (occupation_parse(code, &number) == CODE_OK)
		o = catalog_occupation(in->c->catalog, number);
	return arena_printf(in->c->arena, "%s %s", code, o ? o->name : "");
}

static json_t *one_of(const struct cell_in *in, const struct named *names,
    const char *(*named)(const struct cell_in *in, const char *code))
{
	const char *expected = "";

	for (size_t i = 0; i < names->n && i < NAMED_MAX; i++)
		expected = arena_printf(in->c->arena, "%s%s%s", expected, i ? ", " : "",
		    named(in, names->code[i]));
	if (names->n > NAMED_MAX)
		expected = arena_printf(in->c->arena, "%s, …", expected);
	return cell_refused(in, BROKEN_AMBIGUOUS, expected);
}

/* Digits and signs alone were meant for a code; else it is a name that nothing bears.  What is
 * near is said by who reads the code. */
static json_t *no_name(const struct cell_in *in, const char *list, const char *expected)
{
	struct offers near = { .wrong = in->text };
	json_t *value = cell_code(in);

	if (in->note->column || strspn(in->text, "0123456789-. ") == strlen(in->text))
		return value;
	json_decref(value);
	catalog_nearest(in->c->catalog, list, &near);
	return cell_refused(in, BROKEN_UNKNOWN_NAME, near.n ? "" : expected);
}

static bool is_code_letter(char c)
{
	return (c >= '0' && c <= '9') || c == '-';
}

/* "4-07-05-01 保安员", "保安员(4-07-05-01)": the code in it; NULL: none of so many characters.
 */
static const char *code_in(const struct cell_in *in, size_t n)
{
	for (const char *at = in->text; *at; at++) {
		size_t len = 0;

		while (is_code_letter(at[len]))
			len++;
		if (len == n && (at == in->text || !is_code_letter(at[-1])))
			return arena_strndup(in->c->arena, at, n);
		at += len ? len - 1 : 0;
	}
	return NULL;
}

static const char *without_blanks(const struct cell_in *in)
{
	char *out = arena_strdup(in->c->arena, in->text), *to = out;

	for (const char *at = in->text; *at; at++)
		if (*at != ' ')
			*to++ = *at;
	*to = '\0';
	return out;
}

json_t *cell_occupation(const struct cell_in *in)
{
	const char *code = code_in(in, strlen("4-07-05-01"));
	struct named names;

	if (code)
		return json_string(code);
	names = catalog_occupations_named(in->c->catalog, in->text);
	if (!names.n)
		names = catalog_occupations_named(in->c->catalog, without_blanks(in));
	if (names.n == 1)
		return json_string(names.code[0]);
	if (names.n)
		return one_of(in, &names, occupation_named);
	/* A note is of the whole cell: of several names it would be told of each. */
	return in->column->row->as == AS_OCCUPATIONS
		   ? cell_code(in)
		   : no_name(in, "occupations",
			 "a name of the occupations, or a code as 4-07-05-01");
}

/* Of several, those in the caller's own division, if there are some. */
static void narrow(const struct codec *c, struct named *names)
{
	struct named inside = { 0 };

	for (size_t i = 0; c->scope && names->n <= NAMED_MAX && i < names->n; i++)
		if (scope_within(c->scope, names->code[i]))
			memcpy(inside.code[inside.n++], names->code[i], sizeof(inside.code[0]));
	if (inside.n)
		*names = inside;
}

/* Of a name that means less than is wanted, and more than one, some that are inside are offered
 * by the reader of places. */
static json_t *place_of(const struct cell_in *in, size_t digits, const char *expected)
{
	const char *code = code_in(in, digits);
	struct named names;
	struct named whole = { 0 };

	if (code)
		return json_string(code);
	names = catalog_divisions_named(in->c->catalog, without_blanks(in));
	narrow(in->c, &names);
	for (size_t i = 0; i < names.n && i < NAMED_MAX; i++)
		if (strlen(names.code[i]) == digits)
			snprintf(whole.code[whole.n++], sizeof(whole.code[0]), "%s",
			    names.code[i]);
	if (whole.n == 1 && names.n <= NAMED_MAX)
		return json_string(whole.code[0]);
	if (whole.n || names.n > 1)
		return one_of(in, whole.n > 1 || names.n > NAMED_MAX ? &names : &whole,
		    place_named);
	if (!names.n)
		return no_name(in, "divisions", expected);
	json_decref(cell_refused(in, BROKEN_RULES, ""));
	return json_string(names.code[0]);
}

json_t *cell_community(const struct cell_in *in)
{
	return place_of(in, 12, "district, street and community by name, or 12 digits");
}

json_t *cell_district(const struct cell_in *in)
{
	return place_of(in, 6, "a district by name, or 6 digits");
}

json_t *cell_term(const struct cell_in *in, const char *list, const char *word)
{
	struct named names = catalog_terms_named(in->c->catalog, list, word);

	return json_string(names.n == 1 ? names.code[0] : word);
}
