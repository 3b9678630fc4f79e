/*
 * The table of folding, and the two ways to use it (fold.h).
 */
#include "daemon/sheet/fold.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/arena.h"
#include "daemon/base/count.h"
#include "daemon/base/utf8.h"

enum { GONE = 0 };

/* First and last of a range, and what they become: one character, or their place in the range
 * after it. */
static const struct range {
	uint32_t first, last, to;
	bool is_blank; /* for texts too */
	bool is_moved; /* the n-th becomes the n-th after `to` */
} table[] = {
	{ 0x09, 0x09, ' ', true, false }, { 0xa0, 0xa0, ' ', true, false },
	{ 0xad, 0xad, GONE, true, false }, { 0x1680, 0x1680, ' ', true, false },
	{ 0x180e, 0x180e, GONE, true, false }, { 0x2000, 0x200a, ' ', true, false },
	{ 0x200b, 0x200d, GONE, true, false },
	{ 0x2010, 0x2015, '-', false, false }, /* ‐ ‑ ‒ – — ― */
	{ 0x2018, 0x2019, '\'', false, false }, { 0x201c, 0x201d, '"', false, false },
	{ 0x202f, 0x202f, ' ', true, false }, { 0x2044, 0x2044, '/', false, false },
	{ 0x205f, 0x205f, ' ', true, false }, { 0x2060, 0x2064, GONE, true, false },
	{ 0x2212, 0x2212, '-', false, false },                                        /* − */
	{ 0x2215, 0x2215, '/', false, false }, { 0x223c, 0x223c, '~', false, false }, /* ∼ */
	{ 0x3000, 0x3000, ' ', true, false }, { 0x3002, 0x3002, '.', false, false },  /* 。 */
	{ 0x301c, 0x301c, '~', false, false },                                        /* 〜 */
	{ 0xfe58, 0xfe58, '-', false, false }, { 0xfe63, 0xfe63, '-', false, false },
	{ 0xfeff, 0xfeff, GONE, true, false },
	{ 0xff01, 0xff5e, '!', false, true }, /* the forms of full width */
	{ 0xff61, 0xff61, '.', false, false }, { 0xffe5, 0xffe5, 0xa5, false, false }, /* ￥ */
};

static const struct range *range_of(uint32_t c)
{
	size_t low = 0, high = COUNT(table);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > table[middle].last)
			low = middle + 1;
		else if (c < table[middle].first)
			high = middle;
		else
			return &table[middle];
	}
	return NULL;
}

/* Printable ASCII with no blank at an end and none after another. */
static bool is_plain(const char *s)
{
	for (const char *at = s; *at; at++)
		if (*at < '!' || *at > '~')
			if (*at != ' ' || at == s || at[1] == ' ' || !at[1])
				return false;
	return true;
}

static const char *fold_by(struct arena *a, const char *text, bool is_text)
{
	size_t left = strlen(text);
	char *out, *to;
	bool owes_blank = false;

	if (is_plain(text))
		return text;
	out = to = arena_alloc(a, left + 1);
	while (left) {
		uint32_t c;
		size_t n = utf8_character(text, left, &c);
		const struct range *r;

		if (!n) { /* the reader that comes after refuses it */
			*to++ = *text++;
			left--;
			continue;
		}
		text += n;
		left -= n;
		r = range_of(c);
		if (r && (r->is_blank || !is_text)) {
			if (r->to == GONE)
				continue;
			c = r->is_moved ? r->to + (c - r->first) : r->to;
		}
		if (c == ' ' || (!is_text && (c == '\n' || c == '\r'))) {
			owes_blank = to > out && to[-1] != '\n';
			continue;
		}
		if (owes_blank && c != '\n')
			*to++ = ' ';
		owes_blank = false;
		if (c != '\n' || to > out)
			to += utf8_write(to, c);
	}
	while (to > out && to[-1] == '\n')
		to--;
	*to = '\0';
	return out;
}

const char *fold(struct arena *a, const char *text)
{
	return fold_by(a, text, false);
}

const char *fold_blanks(struct arena *a, const char *text)
{
	return fold_by(a, text, true);
}

bool fold_same_but_case(const char *x, const char *y)
{
	return strcasecmp(x, y) == 0;
}
