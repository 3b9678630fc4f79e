/*
 * Text: UTF-8, and which characters a text of the exchange may hold.
 *
 * Control characters, the characters that turn the direction of writing and those
 * that nobody sees are refused everywhere: the first break terminals, labels and log
 * lines, the others make a shown text read otherwise than it is stored, and found by
 * none of its words.
 */
#include "daemon/base/utf8.h"

#include <string.h>

/* Decodes one character; returns its bytes, or 0 when it is not UTF-8. */
static size_t decode(const unsigned char *s, size_t left, uint32_t *out)
{
	size_t n = 0;
	uint32_t c = 0;
	uint32_t least = 0;

	if (left == 0)
		return 0;
	if (s[0] < 0x80) {
		*out = s[0];
		return 1;
	}
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		n = 2;
		c = s[0] & 0x1fu;
		least = 0x80;
	} else if (s[0] >= 0xe0 && s[0] <= 0xef) {
		n = 3;
		c = s[0] & 0x0fu;
		least = 0x800;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		n = 4;
		c = s[0] & 0x07u;
		least = 0x10000;
	} else {
		return 0;
	}
	if (left < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0u) != 0x80u)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	/* Overlong forms, surrogates and what lies beyond Unicode are not UTF-8. */
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return n;
}

size_t utf8_character(const char *s, size_t left, uint32_t *out)
{
	return decode((const unsigned char *)s, left, out);
}

size_t utf8_write(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

size_t utf8_valid(const char *s, size_t len)
{
	size_t at = 0;

	while (at < len) {
		uint32_t c = 0;
		size_t n = decode((const unsigned char *)s + at, len - at, &c);

		if (n == 0)
			return at;
		at += n;
	}
	return len;
}

size_t utf8_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0u) != 0x80u;
	return n;
}

static bool is_unwanted(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
		return true; /* control characters, C0 and C1 */
	if (c == 0x061c || c == 0x200e || c == 0x200f)
		return true; /* direction marks */
	if (c >= 0x2028 && c <= 0x202e)
		return true; /* line and paragraph separators, embeddings, overrides */
	if (c >= 0x2066 && c <= 0x2069)
		return true; /* isolates */
	if (c == 0xad || (c >= 0x200b && c <= 0x200d) || (c >= 0x2060 && c <= 0x2064))
		return true; /* soft hyphen, of no width, joiners */
	if (c == 0x115f || c == 0x1160 || c == 0x2800 || c == 0x3164 || c == 0xffa0 ||
	    (c >= 0xe0000 && c <= 0xe007f))
		return true; /* fillers, the empty braille cell, tags */
	return c == 0xfeff || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

uint32_t utf8_unwanted(const char *s)
{
	size_t left = strlen(s);

	while (left) {
		uint32_t c = 0;
		size_t n = decode((const unsigned char *)s, left, &c);

		if (n == 0)
			return 0xfffd;
		if (is_unwanted(c))
			return c;
		s += n;
		left -= n;
	}
	return 0;
}

static bool is_space(uint32_t c)
{
	/* The ideographic space is what a Chinese keyboard types; the rest look the same. */
	return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200d) ||
	       c == 0x202f || c == 0x205f || c == 0x2060 || c == 0x3000;
}

bool utf8_blank(const char *s)
{
	size_t left = strlen(s);

	while (left) {
		uint32_t c = 0;
		size_t n = decode((const unsigned char *)s, left, &c);

		if (n == 0 || !is_space(c))
			return false;
		s += n;
		left -= n;
	}
	return true;
}

enum { DISTANCE_MAX = 64 }; /* characters of each */

static size_t characters(const char *s, uint32_t out[DISTANCE_MAX])
{
	size_t left = strlen(s), n = 0;

	for (size_t len; left; s += len, left -= len, n++) {
		uint32_t c = 0;

		len = decode((const unsigned char *)s, left, &c);
		if (!len || n == DISTANCE_MAX)
			return DISTANCE_MAX + 1;
		out[n] = c;
	}
	return n;
}

/* Levenshtein's. */
size_t utf8_distance(const char *a, const char *b, size_t far)
{
	uint32_t x[DISTANCE_MAX], y[DISTANCE_MAX];
	size_t row[DISTANCE_MAX + 1];
	size_t la = characters(a, x), lb = characters(b, y);

	if (la > DISTANCE_MAX || lb > DISTANCE_MAX || la > lb + far || lb > la + far)
		return far + 1;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (x[i - 1] != y[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb] > far ? far + 1 : row[lb];
}

void utf8_cut(char *out, size_t n, const char *s)
{
	size_t len = strlen(s);

	if (len > n - 1) {
		len = n - 1;
		while (len > 0 && ((unsigned char)s[len] & 0xc0u) == 0x80u)
			len--;
	}
	memcpy(out, s, len);
	out[len] = '\0';
}
