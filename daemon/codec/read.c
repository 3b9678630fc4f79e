/*
 * The typed readers: one value at a time, each fault with its place.
 *
 * They know JSON and text, and no code table (read_codes.c).
 */
#include "daemon/codec/read.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/utf8.h"
#include "daemon/codec/advice.h"
#include "daemon/sheet/fold.h"
#include "matcher/codes.h"

bool read_object(const struct field *s)
{
	if (!s->value)
		return false;
	if (json_is_object(s->value))
		return true;
	field_fault(s, BROKEN_TYPE, NULL, "an object");
	return false;
}

bool read_list(const struct field *s, size_t min, size_t max, size_t *n)
{
	char expected[48];

	*n = 0;
	if (!s->value)
		return false;
	if (!json_is_array(s->value)) {
		field_fault(s, BROKEN_TYPE, NULL, "a list");
		return false;
	}
	*n = json_array_size(s->value);
	if (*n >= min && *n <= max)
		return true;
	snprintf(expected, sizeof(expected), "%zu to %zu entries", min, max);
	field_fault(s, BROKEN_COUNT, NULL, expected);
	*n = 0;
	return false;
}

bool read_whole(const struct field *s, int64_t min, int64_t max, int64_t *out)
{
	char expected[64];

	if (!s->value)
		return false;
	snprintf(expected, sizeof(expected), "a whole number, %lld to %lld", (long long)min,
	    (long long)max);
	if (!json_is_integer(s->value)) {
		field_fault(s, BROKEN_TYPE, NULL, expected);
		return false;
	}
	if (json_integer_value(s->value) < min || json_integer_value(s->value) > max) {
		field_fault(s, BROKEN_RANGE, NULL, expected);
		return false;
	}
	*out = json_integer_value(s->value);
	return true;
}

bool read_flag(const struct field *s, bool *out)
{
	if (!s->value)
		return false;
	if (!json_is_boolean(s->value)) {
		field_fault(s, BROKEN_TYPE, NULL, "true or false");
		return false;
	}
	*out = json_is_true(s->value);
	return true;
}

static bool is_printable(const struct field *s, const char *text)
{
	uint32_t bad = utf8_unwanted(text);
	char found[16];

	if (!bad)
		return true;
	snprintf(found, sizeof(found), "U+%04X", (unsigned)bad);
	field_fault(s, BROKEN_CONTROL_CHARACTER, found, "printable characters, on one line");
	return false;
}

static bool read_string(const struct field *s, const char **out)
{
	if (!s->value)
		return false;
	if (!json_is_string(s->value)) {
		field_fault(s, BROKEN_TYPE, NULL, "a text");
		return false;
	}
	*out = json_string_value(s->value);
	return true;
}

/* The tree is ours: what is folded is folded in what is kept as sent, too. */
static bool read_folded(const struct field *s, const char **out)
{
	const char *folded;

	if (!read_string(s, out))
		return false;
	folded = fold(s->codec->arena, *out);
	if (folded != *out && json_string_set((json_t *)s->value, folded) == 0)
		*out = json_string_value(s->value);
	return true;
}

bool read_raw(const struct field *s, const char **out)
{
	return read_folded(s, out) && is_printable(s, *out);
}

/* No text says a citizen number (rules/citizen-number), sealed or not: some are opened to many.
 */
static bool tells_nobody(const struct field *s, const char *text)
{
	size_t digits = 0;

	/* What is of full width begins with the byte 0xEF. */
	for (const char *c = text; *c && digits < 17; c++)
		digits += (*c >= '0' && *c <= '9') || *c == '\xef';
	if (digits < 17 || !citizen_stands_in(fold(s->codec->arena, text)))
		return true;
	field_fault(s, BROKEN_CITIZEN_NUMBER, NOT_SHOWN,
	    "the text without it; of a paper, its kind and its own number");
	return false;
}

/* Printable, of so many characters; a copy. */
static bool take_text_of(const struct field *s, const char *text, size_t min, size_t max,
    const char **out)
{
	size_t n = utf8_length(text);

	if (n < min || n > max) {
		char found[32];
		char expected[48];

		snprintf(found, sizeof(found), "%zu characters", n);
		snprintf(expected, sizeof(expected), "%zu to %zu characters", min, max);
		field_fault(s, BROKEN_LENGTH, found, expected);
		return false;
	}
	if (min > 0 && utf8_blank(text)) {
		field_fault(s, BROKEN_BLANK, NULL, "a text");
		return false;
	}
	if (!tells_nobody(s, text))
		return false;
	*out = arena_strdup(s->codec->arena, text);
	return true;
}

bool read_text(const struct field *s, size_t min, size_t max, const char **out)
{
	const char *text;

	return read_string(s, &text) && is_printable(s, text) &&
	       take_text_of(s, text, min, max, out);
}

bool read_name(const struct field *s, size_t min, size_t max, const char **out)
{
	const char *text;

	return read_raw(s, &text) && take_text_of(s, text, min, max, out);
}

bool read_lines(const struct field *s, size_t min, size_t max, const char **out)
{
	const char *text;
	char *lines, *to;

	if (!read_string(s, &text))
		return false;
	lines = to = arena_alloc(s->codec->arena, strlen(text) + 1);
	for (; *text; text++)
		if (*text != '\r' || text[1] != '\n')
			*to++ = (char)(*text == '\n' ? ' ' : *text);
	*to = '\0';
	if (!is_printable(s, lines))
		return false;
	to = lines;
	for (text = json_string_value(s->value); *text; text++)
		if (*text != '\r' || text[1] != '\n')
			*to++ = *text;
	return take_text_of(s, lines, min, max, out);
}

/* Digits where YYYY-MM-DD has them, whether or not there is such a day. */
static bool is_written_as_day(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	size_t i;

	for (i = 0; text[i] && form[i]; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return !text[i] && !form[i];
}

bool read_day(const struct field *s, day_t min, day_t max, day_t *out)
{
	const char *text;
	day_t d;

	if (!read_raw(s, &text))
		return false;
	if (!day_parse(text, &d)) {
		field_fault_said(s, BROKEN_DATE,
		    is_written_as_day(text) ? BROKEN_DATE : BROKEN_DATE_WRITTEN, NULL,
		    "a day, YYYY-MM-DD");
		return false;
	}
	if (d < min || d > max) {
		char from[11];
		char to[11];
		char expected[48];

		day_print(min, from);
		day_print(max, to);
		snprintf(expected, sizeof(expected), "%s to %s", from, to);
		if (d > max && max == s->codec->today)
			field_fault(s, BROKEN_FUTURE, NULL, expected);
		else
			field_fault_said(s, BROKEN_RANGE, BROKEN_RANGE_OF_DAYS, NULL, expected);
		return false;
	}
	*out = d;
	return true;
}

bool read_choice(const struct field *s, enum code_list of, int *out)
{
	const char *text;
	int place;

	if (!read_raw(s, &text))
		return false;
	place = choice_find(of, text);
	if (place < 0) {
		advise_choice(s, BROKEN_CHOICE, of, text);
		return false;
	}
	*out = place;
	return true;
}

static bool is_instant(const char *s)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd";
	char day[11];
	day_t d;
	size_t n = sizeof(form) - 1;

	if (strlen(s) < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
			return false;
	memcpy(day, s, 10);
	day[10] = '\0';
	if (!day_parse(day, &d) || memcmp(s + 11, "24", 2) >= 0 || s[14] > '5' || s[17] > '5')
		return false;
	s += n;
	if (strcmp(s, "Z") == 0)
		return true;
	return strlen(s) == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':' &&
	       strspn(s + 1, "0123456789") == 2 && strspn(s + 4, "0123456789") == 2 &&
	       s[1] < '2' && s[4] < '6';
}

bool read_instant(const struct field *s, const char **out)
{
	const char *text;

	if (!read_raw(s, &text))
		return false;
	if (is_instant(text)) {
		*out = text;
		return true;
	}
	field_fault(s, BROKEN_FORMAT, NULL, "an instant: 2007-07-12T18:00:00+08:00");
	return false;
}

bool read_set(const struct field *s, enum code_list of, size_t min, int *out)
{
	size_t entries;
	bool good = true;
	int set = 0;

	if (!read_list(s, min, choice_lists[of].n, &entries))
		return false;
	for (size_t i = 0; i < entries; i++) {
		struct field entry = field_item(s, i);
		int place;

		if (!read_choice(&entry, of, &place)) {
			good = false;
			continue;
		}
		if (set & 1 << place) {
			field_fault(&entry, BROKEN_DUPLICATE, NULL, "each once");
			good = false;
		}
		set |= 1 << place;
	}
	*out = set;
	return good;
}
