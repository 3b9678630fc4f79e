/*
 * The grammar of what is written by people: how a code looks, and what it is
 * as a number.
 *
 * Whether an occupation or a place exists the catalogue knows, not this file;
 * education and sex are short enough to be whole here.
 */
#include "matcher/codes.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One character of in as ASCII when it is a full-width form, else its first byte as it is;
 * how many bytes that took. */
static size_t fold(const char *in, char *c)
{
	unsigned third;

	*c = in[0];
	if (!in[0] || !in[1] || !in[2])
		return 1;
	third = (unsigned char)in[2];
	/* U+FF01 to U+FF5E are 0x21 to 0x7e, shifted; U+3000 is the space. */
	if (!memcmp(in, "\xef\xbc", 2) && third >= 0x81 && third <= 0xbf)
		*c = (char)(third - 0x81 + 0x21);
	else if (!memcmp(in, "\xef\xbd", 2) && third >= 0x80 && third <= 0x9e)
		*c = (char)(third - 0x80 + 0x60);
	else if (!memcmp(in, "\xe3\x80", 2) && third == 0x80)
		*c = ' ';
	else
		return 1;
	return 3;
}

bool code_normalise(const char *in, bool hyphen, char *out, size_t n)
{
	size_t len = 0;
	size_t spaces = 0; /* seen, and dropped unless something follows */

	while (*in) {
		char c;

		in += fold(in, &c);
		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			spaces += len > 0;
			continue;
		}
		if (len + spaces + 1 >= n)
			return false;
		for (; spaces; spaces--)
			out[len++] = ' ';
		out[len++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
	}
	if (n == 0)
		return false;
	if (hyphen && len >= 2 && out[len - 2] == '-') {
		out[len - 2] = out[len - 1];
		len--;
	}
	out[len] = '\0';
	return true;
}

/* "4-07-05-01" and its shorter forms; *parts is how many there were. */
static enum code_fault read_occupation(const char *in, int *parts, occupation_t *out)
{
	static const occupation_t scale[] = { 1000000, 10000, 100, 1 };

	if (in[0] < '1' || in[0] > '8')
		return CODE_FORMAT;
	*out = (occupation_t)(in[0] - '0') * scale[0];
	*parts = 1;
	for (in++; *in; in += 3) {
		if (*parts == 4 || in[0] != '-' || !is_digit(in[1]) || !is_digit(in[2]))
			return CODE_FORMAT;
		*out += (occupation_t)((in[1] - '0') * 10 + (in[2] - '0')) * scale[*parts];
		++*parts;
	}
	return CODE_OK;
}

enum code_fault occupation_parse(const char *in, occupation_t *out)
{
	int parts;
	enum code_fault fault = read_occupation(in, &parts, out);

	return fault == CODE_OK && parts == 1 ? CODE_FORMAT : fault;
}

enum code_fault occupation_parse_full(const char *in, occupation_t *out)
{
	int parts;
	enum code_fault fault = read_occupation(in, &parts, out);

	return fault == CODE_OK && parts != 4 ? CODE_FORMAT : fault;
}

void occupation_print(occupation_t o, char out[static 12])
{
	const unsigned part[] = { o / 10000 % 100, o / 100 % 100, o % 100 };
	int n = part[2] ? 3 : part[1] ? 2 : 1;
	char *p = out;

	*p++ = (char)('0' + o / 1000000 % 10);
	for (int i = 0; i < n; i++) {
		*p++ = '-';
		*p++ = (char)('0' + part[i] / 10);
		*p++ = (char)('0' + part[i] % 10);
	}
	*p = '\0';
}

enum code_fault place_parse(const char *in, int digits, place_t *out)
{
	place_t value = 0;
	int n = 0;

	for (; n < digits && is_digit(in[n]); n++)
		value = value * 10 + (place_t)(in[n] - '0');
	if (n != digits || in[n] || in[0] == '0')
		return CODE_FORMAT;
	for (; n < 12; n++)
		value *= 10;
	*out = value;
	return CODE_OK;
}

void place_print(place_t place, int digits, char out[static 13])
{
	for (int at = 11; at >= 0; at--, place /= 10)
		out[at] = (char)('0' + place % 10);
	out[digits] = '\0';
}

enum code_fault education_parse(const char *in, education_t *out)
{
	/* Second digits that the standard has, by the first, and the place in the order. */
	static const struct {
		const char *second;
		education_t rank;
	} levels[10] = {
		[1] = { "0123456789", 7 },
		[2] = { "01238", 6 },
		[3] = { "0123", 5 },
		[4] = { "0123456789", 4 },
		[6] = { "0123", 4 },
		[7] = { "013", 3 },
		[8] = { "013", 2 },
		[9] = { "0", 1 },
	};
	int first;

	if (!is_digit(in[0]) || !is_digit(in[1]) || in[2])
		return CODE_UNKNOWN;
	first = in[0] - '0';
	if (!levels[first].second || !strchr(levels[first].second, in[1]))
		return CODE_UNKNOWN;
	*out = levels[first].rank;
	return CODE_OK;
}

enum code_fault sex_parse(const char *in, int *out)
{
	if (!in[0] || in[1] || !strchr("0129", in[0]))
		return CODE_UNKNOWN;
	*out = in[0] - '0';
	return CODE_OK;
}

enum code_fault quarter_parse(const char *in, int *year, int *quarter)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		if (!is_digit(in[i]))
			return CODE_FORMAT;
		value = value * 10 + (in[i] - '0');
	}
	if (in[4] != 'Q' || in[5] < '1' || in[5] > '4' || in[6])
		return CODE_FORMAT;
	*year = value;
	*quarter = in[5] - '0';
	return CODE_OK;
}
