/*
 * Which charset bytes are, told from the bytes alone, and how they become UTF-8.
 *
 * UTF-8 is strict: text of another charset is hardly ever valid as it, while UTF-8
 * is often valid as GB18030.  So lines vote: one valid as UTF-8 is UTF-8, one that
 * is only GB18030 is that, and a few lines pasted in another charset are bad rows
 * of a file that is read rightly.
 */
#include "daemon/sheet/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/base/oom.h"
#include "daemon/base/utf8.h"

static const struct {
	const char *name;
	enum charset is;
} names[] = {
	{ "UTF-8", CHARSET_UTF8 },
	{ "GB18030", CHARSET_GB18030 },
	{ "UTF-16", CHARSET_UTF16LE },
	{ "UTF-16BE", CHARSET_UTF16BE },
	{ "UTF-16LE", CHARSET_UTF16LE },
	{ "UTF8", CHARSET_UTF8 },
	{ "US-ASCII", CHARSET_UTF8 },
	{ "GBK", CHARSET_GB18030 },
	{ "GB2312", CHARSET_GB18030 },
	{ "CP936", CHARSET_GB18030 },
};

bool charset_named(const char *name, enum charset *out)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcasecmp(name, names[i].name) == 0) {
			*out = names[i].is;
			return true;
		}
	return false;
}

static bool is_utf16(enum charset c)
{
	return c == CHARSET_UTF16LE || c == CHARSET_UTF16BE;
}

const char *charset_name(enum charset c)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].is == c)
			return names[i].name;
	return "ASCII";
}

bool charset_agrees(enum charset said, enum charset is)
{
	if (said == CHARSET_NONE || said == is)
		return true;
	return is_utf16(said) ? is_utf16(is) : is == CHARSET_NONE;
}

static bool is_ascii(char c)
{
	return (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n';
}

enum charset charset_at_start(const char *bytes, size_t n, size_t *mark)
{
	size_t even = 0, odd = 0, ascii = 0;

	*mark = 2;
	if (n >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0)
		return CHARSET_UTF16LE;
	if (n >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0)
		return CHARSET_UTF16BE;
	*mark = 3;
	if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		return CHARSET_UTF8;
	*mark = 4;
	if (n >= 4 && memcmp(bytes, "\x84\x31\x95\x33", 4) == 0)
		return CHARSET_GB18030;
	*mark = 0;
	for (size_t i = 0; i + 1 < n; i += 2) {
		even += !bytes[i];
		odd += !bytes[i + 1];
		ascii += is_ascii(bytes[i]) && is_ascii(bytes[i + 1]);
	}
	/* Of a digit, a comma or a line end one byte is NUL, always the same one.  A NUL by
	 * mistake is not many, or stands among pairs of ASCII. */
	if (even + odd < n / 50 || ascii > (n / 2 - even - odd) / 2)
		return CHARSET_NONE;
	if (odd > 2 * even)
		return CHARSET_UTF16LE;
	return even > 2 * odd ? CHARSET_UTF16BE : CHARSET_NONE;
}

static bool is_gb18030(iconv_t cd, const char *line, size_t n)
{
	char room[4096], *from = (char *)line;

	iconv(cd, NULL, NULL, NULL, NULL);
	while (n) {
		char *to = room;
		size_t left = sizeof(room);

		if (iconv(cd, &from, &n, &to, &left) == (size_t)-1 && errno != E2BIG)
			return false;
	}
	return true;
}

static bool has_high(const char *line, size_t n, unsigned char least)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] >= least)
			return true;
	return false;
}

/* The last line of what there is may be cut, and then has no vote. */
enum charset charset_of(const char *bytes, size_t n, enum charset said)
{
	iconv_t cd = iconv_open("UTF-8", "GB18030");
	size_t utf8 = 0, gb18030 = 0;

	for (size_t at = 0, len; at < n; at += len) {
		const char *line = bytes + at;
		const char *feed = memchr(line, '\n', n - at);
		size_t valid;

		len = feed ? (size_t)(feed - line) + 1 : n - at;
		if (!has_high(line, len, 0x80))
			continue;
		valid = utf8_valid(line, len);
		if (valid == len || (!feed && len - valid < 4)) {
			if (said != CHARSET_GB18030 || has_high(line, valid, 0xe0))
				utf8++;
		} else if (cd != (iconv_t)-1 && (!feed || is_gb18030(cd, line, len))) {
			gb18030++;
		}
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
	if (utf8 == gb18030 && said == CHARSET_GB18030)
		return CHARSET_GB18030;
	return gb18030 > utf8 ? CHARSET_GB18030 : CHARSET_UTF8;
}

struct decoder {
	enum charset charset;
	iconv_t cd;
};

struct decoder *decoder_new(enum charset c)
{
	struct decoder *d = must_alloc(sizeof(*d));

	d->charset = c;
	d->cd = (iconv_t)-1;
	if (c == CHARSET_GB18030 && (d->cd = iconv_open("UTF-8", "GB18030")) == (iconv_t)-1) {
		free(d);
		return NULL;
	}
	return d;
}

void decoder_free(struct decoder *d)
{
	if (d && d->cd != (iconv_t)-1)
		iconv_close(d->cd);
	free(d);
}

static size_t take_gb18030(struct decoder *d, const char *bytes, size_t n, bool is_last,
    struct buf *out)
{
	char *from = (char *)bytes;
	size_t left = n;

	while (left) {
		size_t room = left * 2 + 8;
		char *to = buf_room(out, room);
		size_t fine = iconv(d->cd, &from, &left, &to, &room);
		int why = errno;

		buf_upto(out, to);
		if (fine != (size_t)-1 || why == E2BIG)
			continue;
		if (why == EINVAL && !is_last)
			break;
		buf_putc(out, CHARSET_BROKEN);
		from++;
		left--;
	}
	return n - left;
}

static uint32_t unit_at(const struct decoder *d, const char *at)
{
	const unsigned char *u = (const unsigned char *)at;
	size_t high = d->charset == CHARSET_UTF16BE ? 0 : 1;

	return (uint32_t)u[high] << 8 | u[1 - high];
}

static size_t take_utf16(const struct decoder *d, const char *bytes, size_t n, bool is_last,
    struct buf *out)
{
	size_t at = 0;

	while (n - at >= 2) {
		uint32_t c = unit_at(d, bytes + at);
		char *to = buf_room(out, 4);

		if (c >= 0xd800 && c < 0xdc00) {
			uint32_t low;

			if (n - at < 4 && !is_last)
				return at;
			low = n - at < 4 ? 0 : unit_at(d, bytes + at + 2);
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				at += 2;
			}
		}
		at += 2;
		if (c >= 0xd800 && c < 0xe000)
			*to++ = CHARSET_BROKEN;
		else
			to += utf8_write(to, c);
		buf_upto(out, to);
	}
	if (n - at == 1 && is_last) {
		buf_putc(out, CHARSET_BROKEN);
		at++;
	}
	return at;
}

size_t decoder_take(struct decoder *d, const char *bytes, size_t n, bool is_last,
    struct buf *out)
{
	switch (d->charset) {
	case CHARSET_GB18030:
		return take_gb18030(d, bytes, n, is_last, out);
	case CHARSET_UTF16LE:
	case CHARSET_UTF16BE:
		return take_utf16(d, bytes, n, is_last, out);
	case CHARSET_NONE:
	case CHARSET_UTF8:
		break;
	}
	buf_put(out, bytes, n);
	return n;
}
