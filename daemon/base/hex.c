/*
 * Hex text in an arena, and read back.
 */
#include "daemon/base/hex.h"

#include "daemon/base/arena.h"

char *hex_text(struct arena *a, const void *bytes, size_t n)
{
	char *text = arena_alloc(a, 2 * n + 1);

	*hex_put(text, bytes, n) = '\0';
	return text;
}

size_t hex_read(const char *text, void *out, size_t max)
{
	uint8_t *bytes = out;
	size_t n = 0;

	for (; n < max && hex_value(text[0]) >= 0 && hex_value(text[1]) >= 0; text += 2)
		bytes[n++] = (uint8_t)(hex_value(text[0]) << 4 | hex_value(text[1]));
	return n;
}
