/*
 * Codes by what people call them: how near a text comes to a code's names and to
 * its other spellings.
 *
 * Near is what shares pairs of neighbouring characters, so that a part of a title
 * finds the title, and a longer title what it contains; it knows no language.
 */
#include "daemon/catalog/catalog_tables.h"

#include <ctype.h>
#include <string.h>

enum { SIGNS_MAX = 64 };

/* A text as signs: a character of UTF-8 each, letters of ASCII alike. */
struct signs {
	uint32_t of[SIGNS_MAX];
	size_t n;
};

static struct signs signs_of(const char *text, size_t n)
{
	struct signs s = { .n = 0 };

	for (size_t i = 0; i < n && s.n < SIGNS_MAX; s.n++) {
		uint32_t sign = (uint32_t)tolower((unsigned char)text[i++]);

		while (i < n && ((unsigned char)text[i] & 0xc0) == 0x80)
			sign = sign << 8 | (unsigned char)text[i++];
		s.of[s.n] = sign;
	}
	return s;
}

static bool has_pair(const struct signs *s, uint32_t a, uint32_t b)
{
	for (size_t i = 1; i < s->n; i++)
		if (s->of[i - 1] == a && s->of[i] == b)
			return true;
	return false;
}

/* Of all pairs of both, how many they share: 0 to 1000. */
static int alike(const struct signs *a, const struct signs *b)
{
	size_t shared = 0;

	for (size_t i = 1; i < a->n; i++)
		shared += has_pair(b, a->of[i - 1], a->of[i]);
	return shared ? (int)(2000 * shared / (a->n + b->n - 2)) : 0;
}

static int nearest_word(const struct signs *asked, const char *words, int best)
{
	while (words && *words) {
		size_t n = strcspn(words, "|");
		struct signs word = signs_of(words, n);
		int near = alike(asked, &word);

		best = near > best ? near : best;
		words += n + (words[n] == '|');
	}
	return best;
}

int catalog_nearness(const struct code *c, const char *asked)
{
	struct signs signs = signs_of(asked, strlen(asked));
	int best = nearest_word(&signs, c->zh, 0);

	return nearest_word(&signs, c->spellings, nearest_word(&signs, c->en, best));
}

occupation_t catalog_occupation_named(const struct catalog *c, const char *text)
{
	occupation_t found = 0;
	size_t n = strlen(text);

	for (size_t i = 0; i < c->n_occupations; i++) {
		const struct occupation *o = &c->occupations[i];

		if (!is_leaf(c, o))
			continue;
		if (strcmp(o->name, text) == 0)
			return o->code;
		if (tsv_has_word(o->spellings, text, n) ||
		    (*o->en && strcasecmp(o->en, text) == 0))
			found = o->code;
	}
	return found;
}
