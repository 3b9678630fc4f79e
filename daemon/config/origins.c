/*
 * One origin: scheme, host and perhaps a port (RFC 6454, 6.2).
 *
 * A browser sends each origin in one spelling, and answers go by letter; so every other
 * spelling of it would stand in the settings and never be found.
 */
#include "daemon/config/origins.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HOST_MAX 253

static bool is_among(const char *set, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!text[i] || !strchr(set, text[i]))
			return false;
	return n > 0;
}

static bool is_name(const char *host, size_t n)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";

	return is_among(letters, host, n) && n <= HOST_MAX && host[0] != '.' &&
	       host[n - 1] != '.' && !memmem(host, n, "..", 2);
}

/* "[::1]" */
static bool is_ipv6(const char *host, size_t n)
{
	return n > 3 && host[0] == '[' && host[n - 1] == ']' &&
	       is_among("0123456789abcdef:.", host + 1, n - 2) && memchr(host, ':', n);
}

static const char *port_fault(const char *port, size_t n, const char *usual)
{
	char text[6] = "";

	if (n > 5 || !is_among("0123456789", port, n) || port[0] == '0')
		return "its port is none";
	memcpy(text, port, n);
	if (strtol(text, NULL, 10) > 65535)
		return "its port is none";
	return strcmp(text, usual) == 0 ? "a browser leaves out the usual port" : NULL;
}

const char *origin_fault(const char *text, size_t n)
{
	bool is_https = n > 8 && memcmp(text, "https://", 8) == 0;
	size_t scheme = is_https ? 8 : 7, host;
	const char *end;

	if (n == 1 && text[0] == '*')
		return "not everybody: name each origin";
	if (!is_https && (n <= 7 || memcmp(text, "http://", 7) != 0))
		return "it begins with neither https:// nor http://";
	text += scheme;
	n -= scheme;
	end = text[0] == '[' ? memchr(text, ']', n) : NULL;
	end = memchr(end ? end : text, ':', n - (size_t)(end ? end - text : 0));
	host = end ? (size_t)(end - text) : n;
	if (!is_name(text, host) && !is_ipv6(text, host))
		return "after its scheme stand a host in small letters, perhaps a port, and "
		       "nothing else";
	return end ? port_fault(end + 1, n - host - 1, is_https ? "443" : "80") : NULL;
}
