/*
 * The values of single headers: syntax, nothing else.
 *
 * It refuses to know whether a key exists or a route needs it.  It uses no
 * isalpha() and the like, whose answers depend on a locale.
 */
#include "daemon/http/headers.h"

#include <string.h>
#include <strings.h>

#include "daemon/base/hex.h"
#include "matcher/codes.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower_hex(char c)
{
	return hex_value(c) >= 0;
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Copies exactly `n` characters of a class; NULL when there are fewer. */
static const char *take(const char *from, size_t n, bool (*class)(char), char *to)
{
	for (size_t i = 0; i < n; i++) {
		if (!class(from[i]))
			return NULL;
		to[i] = from[i];
	}
	to[n] = '\0';
	return from + n;
}

static bool read_token(const char *value, const char *prefix, struct bearer *out)
{
	if (strncmp(value, prefix, 3) != 0)
		return false;
	value = take(value + 3, KEY_ID_DIGITS, is_lower_hex, out->id);
	if (!value || *value != '_')
		return false;
	value = take(value + 1, KEY_SECRET_DIGITS, is_alnum, out->secret);
	return value && !*value;
}

bool header_bearer(const char *value, struct bearer *out)
{
	return strncasecmp(value, "Bearer ", 7) == 0 && read_token(value + 7, "vd_", out);
}

bool header_actor(const char *value, struct bearer *out)
{
	return read_token(value, "vo_", out);
}

bool header_officer(const char *value)
{
	char id[KEY_ID_DIGITS + 1];

	value = take(value, KEY_ID_DIGITS, is_lower_hex, id);
	return value && !*value;
}

/* ";q=0.8" in thousandths, 1000 when nothing is said; malformed: -1. */
static int weight(const char *params, size_t n)
{
	static const int place[] = { 100, 10, 1 };
	size_t at = 0;
	int q;

	while (n && (params[n - 1] == ' ' || params[n - 1] == '\t'))
		n--;
	while (at < n && (params[at] == ' ' || params[at] == '\t'))
		at++;
	if (at == n)
		return 1000;
	if (params[at++] != ';')
		return -1;
	while (at < n && (params[at] == ' ' || params[at] == '\t'))
		at++;
	if (n - at < 3 || (params[at] != 'q' && params[at] != 'Q') || params[at + 1] != '=' ||
	    (params[at + 2] != '0' && params[at + 2] != '1'))
		return -1;
	q = params[at + 2] == '1' ? 1000 : 0;
	at += 3;
	if (at < n && params[at++] != '.')
		return -1;
	for (size_t i = 0; at < n; i++, at++) {
		if (i == 3 || !is_digit(params[at]))
			return -1;
		q += place[i] * (params[at] - '0');
	}
	return q <= 1000 ? q : -1;
}

/* One of several that a client would take, and how gladly. */
struct choice {
	const char *name;
	size_t n;
	int q; /* malformed: -1 */
};

static bool next_choice(const char **at, struct choice *out)
{
	size_t n;

	*at += strspn(*at, " \t,");
	if (!**at)
		return false;
	n = strcspn(*at, ",");
	out->name = *at;
	out->n = strcspn(*at, "; \t,");
	out->q = weight(*at + out->n, n - out->n);
	*at += n;
	return true;
}

enum lang header_lang(const char *accept_language)
{
	const char *at = accept_language;
	int zh = 0, en = 0;
	struct choice c;

	while (at && next_choice(&at, &c)) {
		if (c.n < 2 || (c.n > 2 && c.name[2] != '-'))
			continue;
		if (strncasecmp(c.name, "zh", 2) == 0 && c.q > zh)
			zh = c.q;
		if (strncasecmp(c.name, "en", 2) == 0 && c.q > en)
			en = c.q;
	}
	return zh > en ? LANG_ZH : LANG_EN;
}

static bool is_coding(const struct choice *c, const char *name)
{
	return c->n == strlen(name) && strncasecmp(c->name, name, c->n) == 0;
}

static void raise_to(int *q, int to)
{
	if (to > *q)
		*q = to;
}

void header_codings(const char *accept_encoding, struct codings *io)
{
	const char *at = accept_encoding;
	struct choice c;

	while (next_choice(&at, &c)) {
		if (is_coding(&c, "gzip") || is_coding(&c, "x-gzip"))
			raise_to(&io->gzip, c.q);
		else if (is_coding(&c, "identity"))
			raise_to(&io->identity, c.q);
		else if (is_coding(&c, "*"))
			raise_to(&io->others, c.q);
	}
}

enum coding_wish codings_wish(const struct codings *said)
{
	int gzip = said->gzip >= 0 ? said->gzip : said->others;
	int plain = said->identity >= 0 ? said->identity : said->others;

	if (gzip <= 0 || gzip < plain)
		return CODING_PLAIN;
	return plain == 0 ? CODING_GZIP_ONLY : CODING_GZIP;
}

bool header_is_json(const char *content_type)
{
	const char *params = strchr(content_type, ';');
	size_t n = params ? (size_t)(params - content_type) : strlen(content_type);
	const char *sub = content_type + 12;

	while (n && (content_type[n - 1] == ' ' || content_type[n - 1] == '\t'))
		n--;
	if (n < 16 || strncasecmp(content_type, "application/", 12) != 0)
		return false;
	n -= 12;
	for (size_t i = 0; i < n; i++)
		if (!is_alnum(sub[i]) && !strchr("!#$&-^_.+", sub[i]))
			return false;
	if (!(n == 4 && strncasecmp(sub, "json", 4) == 0) &&
	    !(n > 5 && strncasecmp(sub + n - 5, "+json", 5) == 0))
		return false;
	if (!params)
		return true;
	params += 1 + strspn(params + 1, " \t");
	return strcasecmp(params, "charset=utf-8") == 0 ||
	       strcasecmp(params, "charset=\"utf-8\"") == 0;
}

bool header_is_identity(const char *content_encoding)
{
	return strcasecmp(content_encoding, "identity") == 0;
}

bool header_is_token(const char *value)
{
	size_t n;

	for (n = 0; value[n]; n++)
		if (n == 64 || (!is_alnum(value[n]) && !strchr("._:-", value[n])))
			return false;
	return n > 0 && !citizen_stands_in(value); /* it is kept, and logged */
}

bool header_is_traceparent(const char *value)
{
	char trace[33], span[17], flags[3];

	if (strncmp(value, "00-", 3) != 0)
		return false;
	value = take(value + 3, 32, is_lower_hex, trace);
	if (!value || *value != '-')
		return false;
	value = take(value + 1, 16, is_lower_hex, span);
	if (!value || *value != '-')
		return false;
	value = take(value + 1, 2, is_lower_hex, flags);
	return value && !*value && strspn(trace, "0") < 32 && strspn(span, "0") < 16;
}

bool header_is_if_match(const char *value)
{
	size_t n = strlen(value);

	for (size_t i = 0; i < n; i++)
		if (value[i] < 0x21 || value[i] > 0x7e)
			return false;
	return n > 0 && n <= 64;
}

bool header_has_etag(const char *list, const char *etag)
{
	size_t n = strlen(etag);

	while (*list) {
		size_t len;

		list += strspn(list, " \t,");
		if (list[0] == '*')
			return true;
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		len = strcspn(list, ", \t");
		if (len == n && strncmp(list, etag, n) == 0)
			return true;
		list += len;
	}
	return false;
}

/* The length of the character that starts here, 0 if it is none (RFC 3629) or a control. */
static size_t character(const unsigned char *s, size_t n)
{
	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		/* U+0080 to U+009F are controls too */
		return n >= 2 && s[1] >= (s[0] == 0xc2 ? 0xa0 : 0x80) && s[1] <= 0xbf ? 2 : 0;
	if ((s[0] & 0xf0) == 0xe0)
		return n >= 3 && s[1] >= (s[0] == 0xe0 ? 0xa0 : 0x80) &&
			       s[1] <= (s[0] == 0xed ? 0x9f : 0xbf) && (s[2] & 0xc0) == 0x80
			   ? 3
			   : 0;
	if (s[0] >= 0xf0 && s[0] <= 0xf4)
		return n >= 4 && s[1] >= (s[0] == 0xf0 ? 0x90 : 0x80) &&
			       s[1] <= (s[0] == 0xf4 ? 0x8f : 0xbf) && (s[2] & 0xc0) == 0x80 &&
			       (s[3] & 0xc0) == 0x80
			   ? 4
			   : 0;
	return 0;
}

bool text_is_clean(const char *s, size_t n, size_t max)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t at = 0, len;

	if (n == 0 || n > max)
		return false;
	while (at < n) {
		len = character(u + at, n - at);
		if (len == 0)
			return false;
		at += len;
	}
	return true;
}
