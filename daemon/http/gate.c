/*
 * The gate: strict rules of RFC 9110 and 9112, and stricter where two readings
 * are known to exist.
 *
 * It refuses to know routes, keys and sockets.  It reads the head although a
 * parser reads it again behind it; both must agree, so a mistake in one of them
 * is a refusal and not a hole.
 */
#include "daemon/http/gate.h"

#include <string.h>
#include <strings.h>

static const struct gate_reason reasons[GATE_VERDICTS] = {
	[GATE_PLAIN] = { "malformed-request", "head", "scheme", "https://",
	    "TLS is spoken on this port; the address begins with https://.",
	    "此端口只接受 TLS 连接，地址应以 https:// 开头。" },
	[GATE_BARE_LF] = { "malformed-request", "head", "line-end", "CR LF",
	    "A line of the head does not end with CR LF.", "请求头的行未以 CR LF 结束。" },
	[GATE_CONTROL] = { "malformed-request", "head", "control-character",
	    "printable characters", "The head contains a control character.",
	    "请求头中含有控制字符。" },
	[GATE_HEAD_LONG] = { "head-too-large", "head", "size", "at most 8192 bytes",
	    "The head is longer than 8192 bytes.", "请求头超过 8192 字节。" },
	[GATE_TARGET_LONG] = { "uri-too-long", "target", "size", "at most 4096 bytes",
	    "The request target is longer than 4096 bytes.", "请求地址超过 4096 字节。" },
	[GATE_MANY_HEADERS] = { "head-too-large", "head", "count", "at most 64 headers",
	    "The head has more than 64 headers.", "请求头超过 64 行。" },
	[GATE_LINE] = { "malformed-request", "head", "request-line", "METHOD /path HTTP/1.1",
	    "The request line is not well-formed.", "请求行格式不正确。" },
	[GATE_METHOD] = { "method-unknown", "head", "method",
	    "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS",
	    "The method is not one this server knows.", "不支持的请求方法。" },
	[GATE_TARGET] = { "malformed-request", "target", "form", "/path?query",
	    "The target must be a path that begins with one slash, in characters of a URI.",
	    "请求地址须为以一个斜杠开头的路径，且只含 URI 允许的字符。" },
	[GATE_VERSION] = { "version-refused", "head", "version", "HTTP/1.1 or HTTP/1.0",
	    "The version is not one this server speaks.", "不支持的 HTTP 版本。" },
	[GATE_FOLD] = { "malformed-request", "head", "fold", "one line a header",
	    "A header is folded over two lines, or a line begins with a space.",
	    "请求头字段折行，或行首有空格。" },
	[GATE_NAME] = { "malformed-request", "head", "name", "name: value",
	    "A header's name is empty, has a space or an odd character, or lacks its colon.",
	    "请求头字段名为空、含空格或非法字符，或缺少冒号。" },
	[GATE_TWICE] = { "malformed-request", "head", "once", "at most once",
	    "A header that may occur once occurs twice.",
	    "只能出现一次的请求头字段重复出现。" },
	[GATE_HOST] = { "malformed-request", "header/Host", "host", "exactly one host",
	    "HTTP/1.1 needs exactly one well-formed Host.",
	    "HTTP/1.1 请求须有且仅有一个格式正确的 Host。" },
	[GATE_LENGTH] = { "malformed-request", "header/Content-Length", "decimal",
	    "decimal digits, without sign and leading zero",
	    "Content-Length is not a plain decimal number.",
	    "Content-Length 不是规范的十进制数。" },
	[GATE_LENGTH_AND_CODING] = { "malformed-request", "header/Transfer-Encoding",
	    "one-length", "Content-Length only",
	    "Transfer-Encoding cannot stand beside Content-Length or in HTTP/1.0.",
	    "Transfer-Encoding 不得与 Content-Length 同时出现，也不得用于 HTTP/1.0。" },
	[GATE_CHUNKED] = { "length-required", "header/Transfer-Encoding", "chunked",
	    "Content-Length", "Chunked request bodies are not taken.",
	    "不接受分块传输的请求正文。" },
	[GATE_CODING] = { "coding-unknown", "header/Transfer-Encoding", "coding",
	    "Content-Length", "The transfer coding is not one this server knows.",
	    "不支持的传输编码。" },
	[GATE_BODY] = { "malformed-request", "header/Content-Length", "no-body", "0",
	    "This method takes no body.", "此请求方法不接受正文。" },
	[GATE_EXPECT] = { "expectation-failed", "header/Expect", "expectation", "100-continue",
	    "The expectation cannot be met.", "无法满足 Expect 要求。" },
	[GATE_DISAGREE] = { "malformed-request", "head", "ambiguous", "",
	    "The head can be read in more than one way.", "请求头存在歧义。" },
};

const struct gate_reason *gate_reason(enum gate g)
{
	return &reasons[g];
}

struct slice {
	const char *at;
	size_t n;
};

static bool is_token(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* RFC 3986: what may stand in a path or query.  The percent's digits are the router's. */
static bool is_uri(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("-._~:/?@!$&'()*+,;=%", c));
}

static bool is(struct slice t, const char *word)
{
	return t.n == strlen(word) && memcmp(t.at, word, t.n) == 0;
}

static bool is_like(struct slice t, const char *word)
{
	return t.n == strlen(word) && strncasecmp(t.at, word, t.n) == 0;
}

enum gate gate_find_end(const char *bytes, size_t n, size_t *scanned, size_t *end)
{
	size_t reach = n < HEAD_MAX_BYTES ? n : HEAD_MAX_BYTES;

	for (size_t i = *scanned; i < reach; i++) {
		unsigned char c = (unsigned char)bytes[i];
		bool after_cr = i && bytes[i - 1] == '\r';

		if (c >= 0x20 && c != 0x7f && !after_cr)
			continue;
		if (after_cr != (c == '\n'))
			return GATE_BARE_LF;
		if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
			return GATE_CONTROL;
		if (c == '\n' && i >= 3 && bytes[i - 2] == '\n') {
			*end = i + 1;
			return GATE_OPEN;
		}
		/* An empty first line: the caller may drop it, here it is an odd head. */
		if (c == '\n' && i == 1)
			return GATE_LINE;
	}
	*scanned = reach;
	if (n < HEAD_MAX_BYTES)
		return GATE_MORE;
	return memchr(bytes, '\r', TARGET_MAX_BYTES) ? GATE_HEAD_LONG : GATE_TARGET_LONG;
}

static bool is_host(struct slice t)
{
	for (size_t i = 0; i < t.n; i++)
		if (!(t.at[i] >= '0' && t.at[i] <= '9') &&
		    !(t.at[i] >= 'A' && t.at[i] <= 'Z') &&
		    !(t.at[i] >= 'a' && t.at[i] <= 'z') && !strchr("-._:[]%~", t.at[i]))
			return false;
	return t.n > 0;
}

size_t gate_before_path(const char *target, size_t n)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < 2; i++) {
		size_t begin = strlen(schemes[i]);
		const char *path;

		if (n <= begin || strncasecmp(target, schemes[i], begin) != 0)
			continue;
		path = memchr(target + begin, '/', n - begin);
		if (path &&
		    is_host((struct slice){ target + begin, (size_t)(path - target) - begin }))
			return (size_t)(path - target);
	}
	return 0;
}

static enum gate judge_line(struct slice line, struct gate_facts *out, bool *bodiless)
{
	static const char *const known[] = { "GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "PUT",
		"POST", "PATCH" };
	const char *space = memchr(line.at, ' ', line.n);
	const char *last = memrchr(line.at, ' ', line.n);
	struct slice method, target, version;
	size_t m = 0, before;

	if (!space || space == last || space == line.at)
		return GATE_LINE;
	method = (struct slice){ line.at, (size_t)(space - line.at) };
	target = (struct slice){ space + 1, (size_t)(last - space - 1) };
	version = (struct slice){ last + 1, line.n - (size_t)(last + 1 - line.at) };

	for (size_t i = 0; i < method.n; i++)
		if (!is_token((unsigned char)method.at[i]))
			return GATE_LINE;
	while (m < 8 && !is(method, known[m]))
		m++;
	if (m == 8)
		return GATE_METHOD;
	*bodiless = m < 5;
	if (target.n > TARGET_MAX_BYTES)
		return GATE_TARGET_LONG;
	before = gate_before_path(target.at, target.n);
	target = (struct slice){ target.at + before, target.n - before };
	if (target.n == 0 || target.at[0] != '/' || (target.n > 1 && target.at[1] == '/'))
		return GATE_TARGET;
	for (size_t i = 0; i < target.n; i++)
		if (!is_uri((unsigned char)target.at[i]))
			return GATE_TARGET;
	out->is_old = is(version, "HTTP/1.0");
	if (out->is_old || is(version, "HTTP/1.1"))
		return GATE_OPEN;
	if (version.n == 8 && memcmp(version.at, "HTTP/", 5) == 0 && version.at[6] == '.')
		return GATE_VERSION;
	return GATE_LINE;
}

/* Headers that mean something here and must not be said twice. */
enum single {
	HOST,
	LENGTH,
	CODING,
	EXPECT,
	KEY,
	TYPE,
	CONTENT_CODING,
	IDEMPOTENCY,
	IF_MATCH,
	IF_NONE_MATCH,
	REQUEST_ID,
	ACTOR,
	BEHALF,
	POSITION,
	TRACE,
	ORIGIN,
	SINGLES
};

static const char *const singles[SINGLES] = {
	[HOST] = "Host",
	[LENGTH] = "Content-Length",
	[CODING] = "Transfer-Encoding",
	[EXPECT] = "Expect",
	[KEY] = "Authorization",
	[TYPE] = "Content-Type",
	[CONTENT_CODING] = "Content-Encoding",
	[IDEMPOTENCY] = "Idempotency-Key",
	[IF_MATCH] = "If-Match",
	[IF_NONE_MATCH] = "If-None-Match",
	[REQUEST_ID] = "X-Request-Id",
	[ACTOR] = "Vacancyd-Actor",
	[BEHALF] = "Vacancyd-For",
	[POSITION] = "Consistency-Token",
	[TRACE] = "traceparent",
	[ORIGIN] = "Origin",
};

static enum gate judge_header(struct slice line, struct slice found[SINGLES])
{
	const char *colon = memchr(line.at, ':', line.n);
	struct slice name, value;

	if (line.at[0] == ' ' || line.at[0] == '\t')
		return GATE_FOLD;
	if (!colon || colon == line.at)
		return GATE_NAME;
	name = (struct slice){ line.at, (size_t)(colon - line.at) };
	for (size_t i = 0; i < name.n; i++)
		if (!is_token((unsigned char)name.at[i]))
			return GATE_NAME;
	value = (struct slice){ colon + 1, line.n - name.n - 1 };
	while (value.n && (*value.at == ' ' || *value.at == '\t')) {
		value.at++;
		value.n--;
	}
	while (value.n && (value.at[value.n - 1] == ' ' || value.at[value.n - 1] == '\t'))
		value.n--;
	for (size_t s = 0; s < SINGLES; s++) {
		/* The first letter, in any case, tells most of them apart. */
		if ((*name.at | 0x20) != (*singles[s] | 0x20) || !is_like(name, singles[s]))
			continue;
		if (found[s].at)
			return s == HOST ? GATE_HOST : GATE_TWICE;
		/* Legal white space, but not every parser takes a tab behind a number. */
		if (s == LENGTH && memchr(colon, '\t', line.n - name.n))
			return GATE_LENGTH;
		found[s] = value;
	}
	return GATE_OPEN;
}

static bool read_length(struct slice t, uint64_t *out)
{
	if (t.n == 0 || t.n > 15 || (t.n > 1 && t.at[0] == '0'))
		return false;
	*out = 0;
	for (size_t i = 0; i < t.n; i++) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
		*out = *out * 10 + (uint64_t)(t.at[i] - '0');
	}
	return true;
}

/* The rules that tie headers to each other, to the method and to the version. */
static enum gate judge_together(const struct slice found[SINGLES], bool bodiless,
    struct gate_facts *out)
{
	if (found[HOST].at ? !is_host(found[HOST]) : !out->is_old)
		return GATE_HOST;
	if (found[CODING].at) {
		if (found[LENGTH].at || out->is_old)
			return GATE_LENGTH_AND_CODING;
		return is_like(found[CODING], "chunked") ? GATE_CHUNKED : GATE_CODING;
	}
	if (found[LENGTH].at) {
		if (!read_length(found[LENGTH], &out->length))
			return GATE_LENGTH;
		out->has_length = true;
		if (bodiless && out->length)
			return GATE_BODY;
	}
	/* RFC 9110, 10.1.1: an expectation in HTTP/1.0 is ignored. */
	if (found[EXPECT].at && !out->is_old) {
		if (!is_like(found[EXPECT], "100-continue"))
			return GATE_EXPECT;
		out->expects_continue = true;
	}
	return GATE_OPEN;
}

enum gate gate_judge(const char *head, size_t n, struct gate_facts *out)
{
	struct slice found[SINGLES] = { { 0 } };
	const char *stop = head + n - 2; /* the empty line */
	const char *at = head;
	bool bodiless = false;
	enum gate g;

	*out = (struct gate_facts){ 0 };
	while (at < stop) {
		const char *cr = memchr(at, '\r', (size_t)(stop - at));
		struct slice line = { at, (size_t)(cr - at) };

		if (at == head) {
			g = judge_line(line, out, &bodiless);
		} else if (out->n_headers++ == HEAD_MAX_HEADERS) {
			g = GATE_MANY_HEADERS;
		} else {
			g = judge_header(line, found);
		}
		if (g != GATE_OPEN)
			return g;
		at = cr + 2;
	}
	return judge_together(found, bodiless, out);
}
