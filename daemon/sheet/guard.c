/*
 * Guarding CSV cells against being taken for formulas.
 */
#include "daemon/sheet/guard.h"

#include <string.h>

static bool is_plain_number(const char *text)
{
	size_t whole, part = 0;

	text += *text == '-' || *text == '+';
	whole = strspn(text, "0123456789");
	text += whole;
	if (*text == '.') {
		part = strspn(text + 1, "0123456789");
		text += 1 + part;
	}
	return whole && !*text;
}

bool guard_is_needed(const char *text)
{
	const char *first = text;

	while (*first == '\'')
		first++;
	switch (*first) {
	case '=':
	case '+':
	case '-':
	case '@':
	case '\t':
	case '\r':
		return !is_plain_number(text);
	default:
		return false;
	}
}

const char *guard_taken_away(const char *text)
{
	return *text == '\'' && guard_is_needed(text + 1) ? text + 1 : text;
}
