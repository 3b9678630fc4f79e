/*
 * Bytes as text: which charset they are is decided when the first of them is not ASCII.
 */
#include "daemon/sheet/text_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/sheet/charset.h"
#include "daemon/sheet/kinds.h"

#define WINDOW 32768 /* bytes by which a charset is decided */
#define START  1024  /* and at the beginning, whether it is UTF-16 */

struct text_bytes {
	enum charset said, charset;
	struct decoder *decoder; /* NULL: not decided, ASCII so far */
	bool has_begun, is_last;
	struct buf raw; /* as they came */
	uint64_t ends;  /* line ends of all that was text */
	int last;       /* byte of it; EOF: none yet */
};

struct text_bytes *text_bytes_new(const char *charset)
{
	enum charset said = CHARSET_NONE;
	struct text_bytes *t;

	if (charset && !charset_named(charset, &said))
		return NULL;
	t = must_alloc(sizeof(*t));
	t->said = said;
	t->last = EOF;
	return t;
}

void text_bytes_free(struct text_bytes *t)
{
	decoder_free(t->decoder);
	buf_free(&t->raw);
	free(t);
}

size_t text_bytes_put(struct text_bytes *t, const char *bytes, size_t n, bool is_last)
{
	size_t room = WINDOW - t->raw.len;
	size_t taken = n < room ? n : room;

	buf_put(&t->raw, bytes, taken);
	t->is_last = is_last && taken == n;
	return taken;
}

uint64_t text_bytes_lines(const struct text_bytes *t)
{
	return t->ends + (t->last != EOF && t->last != '\n' && t->last != '\r');
}

static void drop_raw(struct text_bytes *t, size_t n)
{
	memmove(t->raw.data, t->raw.data + n, t->raw.len - n);
	t->raw.len -= n;
}

/* CR, LF, and both in a row are one end each. */
static void count_ends(struct text_bytes *t, const struct buf *text, size_t from)
{
	for (size_t i = from; i < text->len; i++) {
		char c = text->data[i];

		t->ends += c == '\r' || (c == '\n' && t->last != '\r');
		t->last = (unsigned char)c;
	}
}

static bool decide(struct text_bytes *t, enum charset is, struct sheet_fault *why)
{
	char found[48], expected[64];

	if (!charset_agrees(t->said, is)) {
		snprintf(found, sizeof(found), "%s, by its bytes", charset_name(is));
		snprintf(expected, sizeof(expected), "%s, as it is labelled",
		    charset_name(t->said));
		sheet_fault_set(why, "charset", found, expected);
		return false;
	}
	t->charset = is;
	t->decoder = decoder_new(is);
	if (!t->decoder)
		sheet_fault_set(why, "charset", charset_name(is), "UTF-8");
	return t->decoder != NULL;
}

static size_t ascii_prefix(const struct buf *b)
{
	size_t n = 0;

	while (n < b->len && (unsigned char)b->data[n] < 0x80)
		n++;
	return n;
}

enum sheet_step text_bytes_take(struct text_bytes *t, struct buf *text, struct sheet_fault *why)
{
	size_t before = text->len, taken, mark = 0;

	if (!t->has_begun) {
		enum charset is;

		if (t->raw.len < START && !t->is_last)
			return SHEET_MORE;
		t->has_begun = true;
		if (sheet_is_another(t->raw.data, t->raw.len, why))
			return SHEET_BAD_FILE;
		is = charset_at_start(t->raw.data, t->raw.len < START ? t->raw.len : START,
		    &mark);
		if (is != CHARSET_NONE && !decide(t, is, why))
			return SHEET_BAD_FILE;
		if (mark)
			drop_raw(t, mark);
		if (t->said > CHARSET_GB18030 && !t->decoder && t->raw.len) {
			(void)decide(t, charset_of(t->raw.data, t->raw.len, CHARSET_NONE), why);
			return SHEET_BAD_FILE;
		}
	}
	if (!t->raw.len)
		return t->is_last ? SHEET_END : SHEET_MORE;
	taken = t->decoder ? 0 : ascii_prefix(&t->raw);
	if (taken) {
		buf_put(text, t->raw.data, taken);
	} else {
		if (!t->decoder) {
			if (t->raw.len < WINDOW && !t->is_last)
				return SHEET_MORE;
			if (!decide(t, charset_of(t->raw.data, t->raw.len, t->said), why))
				return SHEET_BAD_FILE;
		}
		taken = decoder_take(t->decoder, t->raw.data, t->raw.len, t->is_last, text);
	}
	drop_raw(t, taken);
	count_ends(t, text, before);
	return taken ? SHEET_ROW : SHEET_MORE;
}

bool text_bytes_are_all(const struct text_bytes *t)
{
	return t->is_last && !t->raw.len && t->has_begun;
}

bool text_bytes_are_utf8(const struct text_bytes *t)
{
	return !t->decoder || t->charset == CHARSET_UTF8;
}

const char *text_bytes_charset(const struct text_bytes *t)
{
	return charset_name(t->charset);
}
