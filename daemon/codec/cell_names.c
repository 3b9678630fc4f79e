/*
 * Cells that hold a code of the catalogue, or a name in its place: 保安员, 金水区…社区, 叉车.
 *
 * A name that means one code is that code; one that means several is refused with them.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/names.h"
#include "daemon/codec/cell_readers.h"
#include "daemon/codec/codec.h"

static json_t *one_of(const struct cell_in *in, const struct named *names)
{
	char expected[96] = "";
	size_t len = 0;

	for (size_t i = 0; i < names->n && i < NAMED_MAX; i++)
		len += (size_t)snprintf(expected + len, sizeof(expected) - len, "%s%s",
		    i ? ", " : "", names->code[i]);
	if (names->n > NAMED_MAX)
		snprintf(expected + len, sizeof(expected) - len, ", …");
	return cell_refused(in, BROKEN_AMBIGUOUS, expected);
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
	return names.n ? one_of(in, &names) : cell_code(in);
}

/* Twelve digits are wanted: of a name that means less, and more than one community, some that
 * are inside are offered by the reader of places. */
json_t *cell_community(const struct cell_in *in)
{
	const char *code = code_in(in, 12);
	struct named names;
	struct named whole = { 0 };

	if (code)
		return json_string(code);
	names = catalog_divisions_named(in->c->catalog, without_blanks(in));
	for (size_t i = 0; i < names.n && i < NAMED_MAX; i++)
		if (strlen(names.code[i]) == 12)
			snprintf(whole.code[whole.n++], sizeof(whole.code[0]), "%s",
			    names.code[i]);
	if (whole.n == 1 && names.n <= NAMED_MAX)
		return json_string(whole.code[0]);
	if (whole.n || names.n > 1)
		return one_of(in, whole.n > 1 || names.n > NAMED_MAX ? &names : &whole);
	if (!names.n)
		return cell_code(in);
	json_decref(cell_refused(in, BROKEN_RULES, ""));
	return json_string(names.code[0]);
}

json_t *cell_term(const struct cell_in *in, const char *list, const char *word)
{
	struct named names = catalog_terms_named(in->c->catalog, list, word);

	return json_string(names.n == 1 ? names.code[0] : word);
}
