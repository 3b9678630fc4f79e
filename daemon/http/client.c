/*
 * Addresses of clients, read, believed and shortened.
 *
 * It refuses to know sockets and what addresses are for.  Only what a proxy of ours wrote is
 * believed, and it writes behind what it was sent; so a list is read from its end, and what
 * cannot be read ends it.
 */
#include "daemon/http/client.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/network.h"
#include "daemon/base/piece.h"
#include "daemon/http/head.h"

static struct client named(const char *text)
{
	struct client c = { "" };

	snprintf(c.text, sizeof(c.text), "%s", text);
	return c;
}

static struct client printed(const struct network *n)
{
	struct client c = { "" };

	network_print(n, c.text);
	return c;
}

static bool read_client(const struct client *c, struct network *out)
{
	return network_read((struct piece){ c->text, strlen(c->text) }, out);
}

struct client client_at(const struct sockaddr *from)
{
	struct network at;

	return network_of(from, &at) ? printed(&at) : named("unix");
}

static struct piece trimmed(const char *at, size_t n)
{
	while (n && (at[0] == ' ' || at[0] == '\t')) {
		at++;
		n--;
	}
	while (n && (at[n - 1] == ' ' || at[n - 1] == '\t'))
		n--;
	return (struct piece){ at, n };
}

/* With a port or without; in one spelling. */
static bool read_address(struct piece text, struct client *out)
{
	struct piece host, port;
	struct network at;

	if (!network_split(text, &host, &port) || !network_read(host, &at) ||
	    at.bits < NETWORK_WHOLE)
		return false;
	*out = printed(&at);
	return true;
}

static bool is_among(const char *proxies, const struct client *c)
{
	struct network at, one;
	bool is_address = read_client(c, &at);
	struct piece proxy;

	while (piece_next(&proxies, &proxy))
		if (piece_is(proxy, c->text) ||
		    (is_address && network_read(proxy, &one) && network_has(&one, &at)))
			return true;
	return false;
}

/* The last of a list's first `*n` bytes, which become those before it. */
static bool last_of(const char *list, size_t *n, struct piece *out)
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
static bool find_for(struct piece element, struct piece *out)
{
	bool found = false;
	struct piece pair;
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
		*out = (struct piece){ pair.at + 4, pair.n - 4 };
	}
	if (found && out->n > 1 && out->at[0] == '"' && out->at[out->n - 1] == '"')
		*out = (struct piece){ out->at + 1, out->n - 2 };
	return found;
}

struct client client_behind(struct client at, const char *proxies, const char *header,
    const struct head *head)
{
	bool is_rfc = strcasecmp(header, "Forwarded") == 0;
	struct client before;
	struct piece one;

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
	struct network at;

	if (strcmp(how, "whole") == 0 || strcmp(c->text, "unix") == 0)
		return *c;
	if (strcmp(how, "network") != 0 || !read_client(c, &at))
		return named("-");
	at = network_around(&at, 24, 48);
	return printed(&at);
}
