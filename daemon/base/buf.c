/*
 * The growing buffer and the JSON writer on it.
 *
 * It knows no value but the ones it is handed.  A comma is decided by looking
 * at the last byte written, so a writer needs no state of its own.
 */
#include "daemon/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/hex.h"
#include "daemon/base/oom.h"

static void reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;

	if (need <= b->cap)
		return;
	if (need < 2 * b->cap)
		need = 2 * b->cap;
	if (need < 256)
		need = 256;
	b->data = must_realloc(b->data, need);
	b->cap = need;
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_wipe(struct buf *b)
{
	if (b->len)
		explicit_bzero(b->data, b->len);
	buf_clear(b);
}

char *buf_room(struct buf *b, size_t n)
{
	reserve(b, n);
	return b->data + b->len;
}

void buf_upto(struct buf *b, const char *end)
{
	b->len = (size_t)(end - b->data);
	b->data[b->len] = '\0';
}

void buf_put(struct buf *b, const void *p, size_t n)
{
	reserve(b, n);
	if (n)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void buf_putu(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	buf_put(b, digits + at, sizeof(digits) - at);
}

void buf_putd(struct buf *b, int64_t n)
{
	if (n < 0)
		buf_putc(b, '-');
	buf_putu(b, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void buf_hex(struct buf *b, const void *p, size_t n)
{
	buf_upto(b, hex_put(buf_room(b, 2 * n), p, n));
}

const char *buf_to_arena(struct arena *a, struct buf *b)
{
	const char *text = arena_strndup(a, b->len ? b->data : "", b->len);

	buf_free(b);
	return text;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	reserve(b, (size_t)n);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
	b->len += (size_t)n;
	va_end(again);
	va_end(ap);
}

/* Which of eight bytes a JSON string cannot hold as they are, a bit each; a byte above a
 * byte that is found may be found too. */
static uint64_t to_escape(uint64_t bytes)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t quote = bytes ^ ones * '"';
	uint64_t slash = bytes ^ ones * '\\';
	uint64_t del = bytes ^ ones * 0x7f;

	return (((bytes - ones * 0x20) & ~bytes) | ((quote - ones) & ~quote) |
		   ((slash - ones) & ~slash) | ((del - ones) & ~del)) &
	       ones * 0x80;
}

static char *escape(char *to, unsigned char c)
{
	const char code[6] = { '\\', 'u', '0', '0', HEX_DIGITS[c >> 4], HEX_DIGITS[c & 15] };

	if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
		*to = (char)c;
		return to + 1;
	}
	if (c == '"' || c == '\\' || c == '\n') {
		to[0] = '\\';
		to[1] = (char)(c == '\n' ? 'n' : c);
		return to + 2;
	}
	memcpy(to, code, sizeof(code));
	return to + sizeof(code);
}

char *json_text(char *to, const char *s, size_t n)
{
	uint64_t eight;

	/* Eight at a time: of nearly every text nothing is escaped. */
	for (; n >= sizeof(eight); n -= sizeof(eight), s += sizeof(eight)) {
		memcpy(&eight, s, sizeof(eight));
		memcpy(to, &eight, sizeof(eight));
		if (!to_escape(eight)) {
			to += sizeof(eight);
			continue;
		}
		for (size_t i = 0; i < sizeof(eight); i++)
			to = escape(to, (unsigned char)s[i]);
	}
	for (; n; n--, s++)
		to = escape(to, (unsigned char)*s);
	return to;
}

void buf_json(struct buf *b, const char *s)
{
	size_t n;
	char *to;

	if (!s) {
		buf_puts(b, "null");
		return;
	}
	n = strlen(s);
	to = buf_room(b, JSON_TEXT_MAX(n) + 2);
	*to++ = '"';
	to = json_text(to, s, n);
	*to++ = '"';
	buf_upto(b, to);
}

void buf_comma(struct buf *b)
{
	char last = '{';

	if (b->len)
		last = b->data[b->len - 1];
	if (last != '{' && last != '[' && last != ',' && last != ':')
		buf_putc(b, ',');
}

void buf_key(struct buf *b, const char *key)
{
	buf_comma(b);
	buf_json(b, key);
	buf_putc(b, ':');
}
