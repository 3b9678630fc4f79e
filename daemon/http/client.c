/*
 * Addresses of clients, read, believed and shortened.
 *
 * It refuses to know sockets and what addresses are for.  Only what a proxy of ours wrote is
 * believed, and it writes behind what it was sent; so a list is read from its end, and what
 * cannot be read ends it.
 */
#include "daemon/http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "daemon/http/head.h"

struct span {
	const char *at;
	size_t n;
};

static struct client named(const char *text)
{
	struct client c = { "" };

	snprintf(c.text, sizeof(c.text), "%s", text);
	return c;
}

static struct client of_six(const struct in6_addr *six)
{
	struct client c = { "" };

	if (IN6_IS_ADDR_V4MAPPED(six))
		inet_ntop(AF_INET, six->s6_addr + 12, c.text, sizeof(c.text));
	else
		inet_ntop(AF_INET6, six, c.text, sizeof(c.text));
	return c;
}

struct client client_at(const struct sockaddr *from)
{
	struct client c = { "" };

	if (from->sa_family == AF_INET6)
		return of_six(&((const struct sockaddr_in6 *)(const void *)from)->sin6_addr);
	if (from->sa_family != AF_INET)
		return named("unix");
	inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)from)->sin_addr, c.text,
	    sizeof(c.text));
	return c;
}

static struct span trimmed(const char *at, size_t n)
{
	while (n && (at[0] == ' ' || at[0] == '\t')) {
		at++;
		n--;
	}
	while (n && (at[n - 1] == ' ' || at[n - 1] == '\t'))
		n--;
	return (struct span){ at, n };
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80"; in one spelling. */
static bool read_address(struct span s, struct client *out)
{
	const char *colon = memchr(s.at, ':', s.n);
	const char *end = s.n && s.at[0] == '[' ? memchr(s.at, ']', s.n) : NULL;
	char text[CLIENT_TEXT] = "";
	struct in6_addr six;
	struct in_addr four;

	if (end) {
		s.at++;
		s.n = (size_t)(end - s.at);
	} else if (colon && !memchr(colon + 1, ':', s.n - (size_t)(colon + 1 - s.at))) {
		s.n = (size_t)(colon - s.at);
	}
	if (s.n >= sizeof(text))
		return false;
	memcpy(text, s.at, s.n);
	if (inet_pton(AF_INET6, text, &six) == 1) {
		*out = of_six(&six);
		return true;
	}
	*out = named(text);
	return inet_pton(AF_INET, text, &four) == 1;
}

static bool is_among(const char *proxies, const struct client *c)
{
	struct client one;
	size_t n;

	for (const char *at = proxies + strspn(proxies, ", "); *at; at += strspn(at, ", ")) {
		n = strcspn(at, ", ");
		if (n == strlen(c->text) && memcmp(at, c->text, n) == 0)
			return true;
		if (read_address((struct span){ at, n }, &one) &&
		    strcmp(one.text, c->text) == 0)
			return true;
		at += n;
	}
	return false;
}

/* The last of a list's first `*n` bytes, which become those before it. */
static bool last_of(const char *list, size_t *n, struct span *out)
{
	size_t from = *n;

	if (!*n)
		return false;
	while (from && list[from - 1] != ',')
		from--;
	*out = trimmed(list + from, *n - from);
	*n = from ? from - 1 : 0;
	return true;
}

/* RFC 7239: for="[2001:db8::1]:4711";proto=https; what `for` says, without its quotes. */
static bool find_for(struct span element, struct span *out)
{
	bool found = false;
	struct span pair;
	size_t n;

	for (const char *at = element.at, *end = at + element.n; at < end; at += n + 1) {
		const char *next = memchr(at, ';', (size_t)(end - at));

		n = next ? (size_t)(next - at) : (size_t)(end - at);
		pair = trimmed(at, n);
		if (pair.n < 4 || strncasecmp(pair.at, "for=", 4) != 0)
			continue;
		if (found)
			return false;
		found = true;
		*out = (struct span){ pair.at + 4, pair.n - 4 };
	}
	if (found && out->n > 1 && out->at[0] == '"' && out->at[out->n - 1] == '"')
		*out = (struct span){ out->at + 1, out->n - 2 };
	return found;
}

struct client client_behind(struct client at, const char *proxies, const char *header,
    const struct head *head)
{
	bool is_rfc = strcasecmp(header, "Forwarded") == 0;
	struct client before;
	struct span one;

	for (size_t i = head->n_headers; i-- > 0;) {
		size_t n = strlen(head->headers[i].value);

		if (strcasecmp(head->headers[i].name, header) != 0)
			continue;
		while (is_among(proxies, &at) && last_of(head->headers[i].value, &n, &one)) {
			if ((is_rfc && !find_for(one, &one)) || !read_address(one, &before))
				return at;
			at = before;
		}
	}
	return at;
}

struct client client_kept(const struct client *c, const char *how)
{
	struct client kept = { "" };
	char text[INET6_ADDRSTRLEN];
	struct in6_addr six;
	struct in_addr four;

	if (strcmp(how, "whole") == 0 || strcmp(c->text, "unix") == 0)
		return *c;
	if (strcmp(how, "network") == 0 && inet_pton(AF_INET, c->text, &four) == 1) {
		four.s_addr &= htonl(0xffffff00);
		inet_ntop(AF_INET, &four, text, sizeof(text));
		snprintf(kept.text, sizeof(kept.text), "%s/24", text);
		return kept;
	}
	if (strcmp(how, "network") == 0 && inet_pton(AF_INET6, c->text, &six) == 1) {
		memset(six.s6_addr + 6, 0, 10);
		inet_ntop(AF_INET6, &six, text, sizeof(text));
		snprintf(kept.text, sizeof(kept.text), "%s/48", text);
		return kept;
	}
	return named("-");
}
