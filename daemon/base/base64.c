/*
 * Base64, read: four characters are three bytes, and the last may be filled up with '='.
 */
#include "daemon/base/base64.h"

#include <stdint.h>
#include <string.h>

static int digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool base64_read(const char *text, size_t n, char *out, size_t *len)
{
	uint32_t bits = 0;
	size_t digits = 0, fill = 0;

	*len = 0;
	for (size_t i = 0; i < n; i++) {
		int d = digit(text[i]);

		if (text[i] == '\r' || text[i] == '\n')
			continue;
		if (text[i] == '=' && ++fill <= 2)
			continue;
		if (d < 0 || fill)
			return false;
		bits = bits << 6 | (uint32_t)d;
		if (++digits % 4 == 0)
			for (int shift = 16; shift >= 0; shift -= 8)
				out[(*len)++] = (char)(bits >> shift & 255);
	}
	if ((digits + fill) % 4 != 0)
		return false;
	if (digits % 4 >= 2)
		out[(*len)++] = (char)(bits >> (digits % 4 == 2 ? 4 : 10) & 255);
	if (digits % 4 == 3)
		out[(*len)++] = (char)(bits >> 2 & 255);
	return true;
}
