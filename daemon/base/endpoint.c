/*
 * Owns how a place to listen or connect is written, and refuses to know what is served there.
 */
#include "daemon/base/endpoint.h"

#include <string.h>

#include "daemon/base/network.h"

#define UNIX "unix:"

/* As much of it as there is room for, less one; false: it is empty or longer. */
static bool fits(char *out, size_t room, struct piece from)
{
	if (from.n == 0 || from.n >= room)
		return false;
	memcpy(out, from.at, from.n);
	return true;
}

static bool read_port(struct piece digits, int *out)
{
	int port = 0;

	if (digits.n == 0 || digits.n > 5)
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return false;
		port = port * 10 + digits.at[i] - '0';
	}
	*out = port;
	return port <= 65535;
}

bool endpoint_read(struct piece text, struct endpoint *out)
{
	const size_t n = strlen(UNIX);
	struct piece host, port;

	*out = (struct endpoint){ .port = 0 };
	if (text.n >= n && memcmp(text.at, UNIX, n) == 0)
		return fits(out->path, sizeof(out->path),
		    (struct piece){ text.at + n, text.n - n });
	return network_split(text, &host, &port) && read_port(port, &out->port) &&
	       fits(out->host, sizeof(out->host), host);
}

static bool read_host(const struct endpoint *e, struct network *out)
{
	/* "fe80::1%eth0": of that link */
	return network_read((struct piece){ e->host, strcspn(e->host, "%") }, out) &&
	       out->bits == NETWORK_WHOLE;
}

bool endpoint_is_plain(const struct endpoint *e)
{
	struct network at;

	return *e->path || read_host(e, &at);
}

bool endpoint_is_local(const struct endpoint *e)
{
	static const struct piece own[] = { { "127.0.0.0/8", 11 }, { "::1", 3 } };
	struct network at, loopback;

	if (*e->path)
		return true;
	if (!read_host(e, &at))
		return false;
	for (size_t i = 0; i < 2; i++)
		if (network_read(own[i], &loopback) && network_has(&loopback, &at))
			return true;
	return false;
}
