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

void buf_json(struct buf *b, const char *s)
{
	static const char hex[] = "0123456789abcdef";
	const char *plain = s;

	if (!s) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, '"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		char escape[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		buf_put(b, plain, (size_t)(s - plain));
		plain = s + 1;
		if (c == '"' || c == '\\') {
			buf_putc(b, '\\');
			buf_putc(b, *s);
		} else if (c == '\n') {
			buf_puts(b, "\\n");
		} else {
			buf_put(b, escape, sizeof(escape));
		}
	}
	buf_put(b, plain, (size_t)(s - plain));
	buf_putc(b, '"');
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
