/*
 * One form for every address, so that two are compared by their bytes.
 *
 * It refuses to know what an address is for, and resolves no names.
 */
#include "daemon/base/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define V4_BITS 96 /* of the ::ffff:0:0/96 that IPv4 stands in */

static void set_v4(struct network *n, const void *four)
{
	*n = (struct network){ .bytes = { [10] = 0xff, [11] = 0xff }, .bits = NETWORK_WHOLE };
	memcpy(n->bytes + 12, four, 4);
}

static void set_v6(struct network *n, const void *six)
{
	n->bits = NETWORK_WHOLE;
	memcpy(n->bytes, six, sizeof(n->bytes));
}

bool network_is_v4(const struct network *n)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	return n->bits >= V4_BITS && memcmp(n->bytes, mapped, sizeof(mapped)) == 0;
}

bool network_of(const struct sockaddr *from, struct network *out)
{
	if (from->sa_family == AF_INET)
		set_v4(out, &((const struct sockaddr_in *)(const void *)from)->sin_addr);
	else if (from->sa_family == AF_INET6)
		set_v6(out, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr);
	else
		return false;
	return true;
}

static void cut(struct network *n, int bits)
{
	n->bits = bits;
	for (int i = 0; i < 16; i++) {
		int kept = bits - 8 * i;

		if (kept < 8)
			n->bytes[i] &= kept <= 0 ? 0 : (unsigned char)(0xff << (8 - kept));
	}
}

struct network network_around(const struct network *n, int bits_v4, int bits_v6)
{
	struct network around = *n;

	cut(&around, network_is_v4(n) ? V4_BITS + bits_v4 : bits_v6);
	return around;
}

bool network_has(const struct network *n, const struct network *address)
{
	struct network around = *address;

	if (address->bits < n->bits || network_is_v4(n) != network_is_v4(address))
		return false;
	cut(&around, n->bits);
	return memcmp(around.bytes, n->bytes, sizeof(n->bytes)) == 0;
}

/* One to three digits; -1: it is no such number. */
static int width(struct piece digits)
{
	int bits = 0;

	if (digits.n == 0 || digits.n > 3 || (digits.n > 1 && digits.at[0] == '0'))
		return -1;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return -1;
		bits = bits * 10 + digits.at[i] - '0';
	}
	return bits;
}

bool network_read(struct piece text, struct network *out)
{
	const char *slash = text.n ? memchr(text.at, '/', text.n) : NULL;
	size_t n = slash ? (size_t)(slash - text.at) : text.n;
	unsigned char raw[sizeof(struct in6_addr)];
	char host[INET6_ADDRSTRLEN] = "";
	struct network around;
	int bits;

	if (n >= sizeof(host) || memchr(text.at, '\0', n))
		return false;
	memcpy(host, text.at, n);
	if (inet_pton(AF_INET, host, raw) == 1)
		set_v4(out, raw);
	else if (inet_pton(AF_INET6, host, raw) == 1)
		set_v6(out, raw);
	else
		return false;
	if (!slash)
		return true;
	bits = width((struct piece){ slash + 1, text.n - n - 1 });
	if (bits < 0 || bits > (strchr(host, ':') ? NETWORK_WHOLE : 32))
		return false;
	around = *out;
	cut(&around, strchr(host, ':') ? bits : V4_BITS + bits);
	if (memcmp(around.bytes, out->bytes, sizeof(out->bytes)) != 0)
		return false;
	*out = around;
	return true;
}

void network_print(const struct network *n, char text[NETWORK_TEXT])
{
	bool is_v4 = network_is_v4(n);
	size_t at;

	inet_ntop(is_v4 ? AF_INET : AF_INET6, n->bytes + (is_v4 ? 12 : 0), text, NETWORK_TEXT);
	at = strlen(text);
	if (n->bits < NETWORK_WHOLE)
		(void)snprintf(text + at, NETWORK_TEXT - at, "/%d",
		    is_v4 ? n->bits - V4_BITS : n->bits);
}

bool network_split(struct piece text, struct piece *host, struct piece *port)
{
	const char *end = text.at + text.n,
		   *colon = text.n ? memchr(text.at, ':', text.n) : NULL;

	*host = text;
	*port = (struct piece){ NULL, 0 };
	if (text.n && text.at[0] == '[') {
		const char *close = memchr(text.at, ']', text.n);

		if (!close || (close + 1 < end && close[1] != ':'))
			return false;
		*host = (struct piece){ text.at + 1, (size_t)(close - text.at - 1) };
		colon = close + 1 < end ? close + 1 : NULL;
	} else if (colon && memchr(colon + 1, ':', (size_t)(end - colon - 1))) {
		return true; /* the colons are its own */
	} else if (colon) {
		host->n = (size_t)(colon - text.at);
	}
	if (colon)
		*port = (struct piece){ colon + 1, (size_t)(end - colon - 1) };
	return true;
}
