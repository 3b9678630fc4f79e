/*
 * From bytes to a tree: what can be refused is refused before jansson sees it.
 *
 * Length, encoding, depth and number are bounded first, because jansson recurses on
 * the C stack and would nest 2,048 deep.  Its own error texts quote the input
 * ("near '...'"), which may be somebody's name, so only the position is told.
 */
#include "daemon/codec/json.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/utf8.h"
#include "daemon/codec/codec.h"
#include "daemon/codec/field.h"

/* The byte where there are first too many levels or values, and which; or len.  A value of two
 * bytes costs as much as any: so many are refused before a tree of them is made. */
static size_t too_much_at(const char *s, size_t len, enum broken *which)
{
	bool in_string = false;
	int depth = 0, values = 0;

	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		if (c == '"')
			in_string = true;
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		values += c == ',' || c == '{' || c == '[';
		*which = depth > CODEC_DEPTH_MAX ? BROKEN_TOO_DEEP : BROKEN_COUNT;
		if (depth > CODEC_DEPTH_MAX || values > CODEC_VALUES_MAX)
			return i;
	}
	return len;
}

static void refuse_at(const struct codec *c, enum broken b, const char *body, size_t at,
    const char *expected)
{
	char found[48];
	size_t line = 1;
	size_t start = 0;

	for (size_t i = 0; i < at; i++) {
		if (body[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	snprintf(found, sizeof(found), "line %zu, byte %zu", line, at - start + 1);
	body_fault(c, b, found, expected);
}

/* Which rule a parse error broke. */
static enum broken broken_by(enum json_error_code code)
{
	switch (code) {
	case json_error_duplicate_key:
		return BROKEN_DUPLICATE_MEMBER;
	case json_error_numeric_overflow:
		return BROKEN_NUMBER;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return BROKEN_NUL;
	case json_error_premature_end_of_input:
		return BROKEN_TRUNCATED;
	case json_error_end_of_input_expected:
		return BROKEN_TRAILING;
	case json_error_stack_overflow:
		return BROKEN_TOO_DEEP;
	case json_error_invalid_utf8:
		return BROKEN_UTF_8;
	case json_error_unknown:
	case json_error_out_of_memory:
	case json_error_cannot_open_file:
	case json_error_invalid_argument:
	case json_error_invalid_syntax:
	case json_error_invalid_format:
	case json_error_wrong_type:
	case json_error_null_value:
	case json_error_item_not_found:
	case json_error_index_out_of_range:
		break;
	}
	return BROKEN_MALFORMED;
}

static const char *expected_of(enum broken b)
{
	switch (b) {
	case BROKEN_NUMBER:
		return "a number that fits into 64 bits";
	case BROKEN_DUPLICATE_MEMBER:
		return "each member once";
	case BROKEN_UTF_8:
		return "UTF-8";
	default: /* the others have nothing to add to their sentence */
		return "one JSON object";
	}
}

json_t *json_read(const struct codec *c, const char *body, size_t len, size_t max)
{
	static const char mark[] = "\xef\xbb\xbf"; /* some programs begin every file with it */
	char text[48];
	enum broken which = BROKEN_COUNT;
	json_error_t error;
	json_t *tree;
	size_t at;

	if (len > max) {
		char limit[48];

		snprintf(text, sizeof(text), "%zu bytes", len);
		snprintf(limit, sizeof(limit), "at most %zu bytes", max);
		body_fault(c, BROKEN_TOO_LONG, text, limit);
		return NULL;
	}
	if (len >= sizeof(mark) - 1 && memcmp(body, mark, sizeof(mark) - 1) == 0) {
		body += sizeof(mark) - 1;
		len -= sizeof(mark) - 1;
	}
	if (memchr(body, 0, len)) {
		refuse_at(c, BROKEN_NUL, body,
		    (size_t)((const char *)memchr(body, 0, len) - body), "no NUL");
		return NULL;
	}
	at = utf8_valid(body, len);
	if (at < len) {
		refuse_at(c, BROKEN_UTF_8, body, at, "UTF-8");
		return NULL;
	}
	at = too_much_at(body, len, &which);
	if (at < len) {
		if (which == BROKEN_TOO_DEEP)
			snprintf(text, sizeof(text), "at most %d levels", CODEC_DEPTH_MAX);
		else
			snprintf(text, sizeof(text), "at most %d values", CODEC_VALUES_MAX);
		refuse_at(c, which, body, at, text);
		return NULL;
	}
	tree = json_loadb(body, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!tree) {
		enum broken b = broken_by(json_error_code(&error));

		snprintf(text, sizeof(text), "line %d, column %d", error.line, error.column);
		body_fault(c, b, text, expected_of(b));
		return NULL;
	}
	if (!json_is_object(tree)) {
		body_fault(c, BROKEN_TYPE, "not an object", "one JSON object");
		json_decref(tree);
		return NULL;
	}
	return tree;
}
