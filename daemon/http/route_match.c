/*
 * Routes: percent-decoding and pattern matching.
 *
 * It refuses to know what stands behind a route.  A path that could name the
 * same place in two ways ("//", "/./", "%2F", "%00") is not normalised but
 * refused, because a proxy before us may have normalised differently when it
 * decided who may see it.
 */
#include "daemon/http/route_match.h"

#include <ctype.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/hex.h"
#include "daemon/http/gate.h"
#include "daemon/http/headers.h"

static const struct target_fault bad_percent = { "path", "percent-encoding",
	"A percent sign is not followed by two hex digits, or encodes NUL.",
	"百分号之后不是两位十六进制数，或编码了空字符。" };
static const struct target_fault bad_text = { "path", "utf-8",
	"The decoded path is not clean UTF-8.", "路径解码后不是有效的 UTF-8，或含控制字符。" };
static const struct target_fault bad_segment = { "path", "segment",
	"A segment is empty, '.' or '..', or holds an encoded slash.",
	"路径段为空、为 . 或 ..，或含编码的斜杠。" };
static const struct target_fault deep = { "path", "depth", "The path has too many segments.",
	"路径段过多。" };
static const struct target_fault bad_query = { "query", "encoding",
	"A query parameter is not well-formed.", "查询参数格式不正确。" };
static const struct target_fault query_twice = { "query", "once",
	"A query parameter occurs twice.", "查询参数重复出现。" };
static const struct target_fault many_params = { "query", "count",
	"There are too many query parameters.", "查询参数过多。" };

/* Decodes in place; false: a percent sign without its digits, or %00. */
static bool decode(char *s, bool plus_is_space)
{
	char *to = s;

	for (; *s; s++) {
		char c = *s;

		if (c == '%') {
			int high = hex_value((char)tolower((unsigned char)s[1]));
			int low = high < 0 ? -1 : hex_value((char)tolower((unsigned char)s[2]));

			if (low < 0 || (high == 0 && low == 0))
				return false;
			c = (char)(high * 16 + low);
			s += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		*to++ = c;
	}
	*to = '\0';
	return true;
}

static const struct target_fault *read_segment(char *segment)
{
	if (!decode(segment, false))
		return &bad_percent;
	if (*segment && !text_is_clean(segment, strlen(segment), TARGET_MAX_BYTES))
		return &bad_text;
	if (strchr(segment, '/') || strcmp(segment, ".") == 0 || strcmp(segment, "..") == 0)
		return &bad_segment;
	return NULL;
}

static const struct target_fault *read_path(struct arena *a, char *path, struct target *out)
{
	const struct target_fault *fault;
	char *whole = arena_alloc(a, strlen(path) + 2);
	char *end = whole;

	/* path[0] is a slash: the gate saw to it. */
	for (char *at = path; at;) {
		char *segment = at + 1;
		char *next = strchr(segment, '/');

		if (next)
			*next = '\0';
		/* Only the last may be empty, as in "/" and "/a/". */
		if (!*segment && next)
			return &bad_segment;
		if (out->n_segments == TARGET_MAX_SEGMENTS)
			return &deep;
		fault = read_segment(segment);
		if (fault)
			return fault;
		*end++ = '/';
		end = stpcpy(end, segment);
		if (*segment || out->n_segments)
			out->segments[out->n_segments++] = segment;
		at = next;
	}
	out->path = whole;
	return NULL;
}

static const struct target_fault *read_query(char *query, struct target *out)
{
	while (query && *query) {
		char *next = strchr(query, '&');
		char *name = query, *value;

		if (next)
			*next++ = '\0';
		value = strchr(name, '=');
		if (value)
			*value++ = '\0';
		else
			value = name + strlen(name);
		if (!decode(name, true) || !decode(value, true))
			return &bad_query;
		if (!text_is_clean(name, strlen(name), 64) ||
		    (*value && !text_is_clean(value, strlen(value), TARGET_MAX_BYTES)))
			return &bad_query;
		for (size_t i = 0; i < out->n_query; i++)
			if (strcmp(out->query[i].name, name) == 0)
				return &query_twice;
		if (out->n_query == REQUEST_MAX_QUERY)
			return &many_params;
		out->query[out->n_query++] = (struct query_param){ name, value };
		query = next;
	}
	return NULL;
}

const struct target_fault *target_read(struct arena *a, const char *raw, struct target *out)
{
	char *path = arena_strdup(a, raw);
	char *query = strchr(path, '?');
	const struct target_fault *fault;

	*out = (struct target){ 0 };
	if (query)
		*query++ = '\0';
	fault = read_path(a, path, out);
	return fault ? fault : read_query(query, out);
}

/* One segment of a pattern; returns the next one's slash, or NULL at the end. */
static const char *next_part(const char *slash, const char **part, size_t *n)
{
	const char *end = strchrnul(slash + 1, '/');

	*part = slash + 1;
	*n = (size_t)(end - *part);
	return *end ? end : NULL;
}

/* Most patterns part from the path within a few characters; that is all that is read. */
static bool matches(const char *pattern, const struct target *t, const char **params)
{
	size_t at = 0;

	if (strcmp(pattern, "/") == 0)
		return t->n_segments == 0;
	while (*pattern++) { /* a slash */
		const char *segment;

		if (at == t->n_segments)
			return false;
		segment = t->segments[at++];
		if (*pattern == '{') {
			if (!*segment)
				return false;
			if (params)
				*params++ = segment;
			pattern = strchrnul(pattern, '/');
			continue;
		}
		for (; *segment && *segment == *pattern; segment++)
			pattern++;
		if (*segment || (*pattern && *pattern != '/'))
			return false;
	}
	return at == t->n_segments;
}

unsigned routes_methods(const struct route *routes, size_t n, const struct target *t)
{
	unsigned methods = 0;

	for (size_t i = 0; i < n; i++)
		if (matches(routes[i].pattern, t, NULL))
			methods |= 1U << routes[i].method;
	return methods;
}

const struct route *routes_find(const struct route *routes, size_t n, const struct target *t,
    enum method method, const char *params[REQUEST_MAX_PARAMS])
{
	for (size_t i = 0; i < n; i++) {
		if (routes[i].method == method && matches(routes[i].pattern, t, NULL)) {
			matches(routes[i].pattern, t, params);
			return &routes[i];
		}
	}
	return NULL;
}

bool route_is_sound(const struct route *r)
{
	size_t n_params = 0, n_parts = 0, n;
	const char *at = r->pattern, *part;

	if (!r->plan || !at || at[0] != '/')
		return false;
	while (at) {
		at = next_part(at, &part, &n);
		if (n == 0 && (n_parts || at))
			return false;
		n_parts++;
		if (n && part[0] == '{') {
			if (part[n - 1] != '}')
				return false;
			n_params++;
		}
	}
	return n_params <= REQUEST_MAX_PARAMS && n_parts <= TARGET_MAX_SEGMENTS;
}
