/*
 * Addresses of the network, and networks of them: "192.0.2.1", "2001:db8::1", "10.0.0.0/8".
 * Pure.
 */
#ifndef DAEMON_BASE_NETWORK_H
#define DAEMON_BASE_NETWORK_H

#include <stdbool.h>

#include "daemon/base/piece.h"

struct sockaddr;

enum {
	NETWORK_WHOLE = 128, /* the bits of an address */
	NETWORK_TEXT = 64    /* room for one in print */
};

/* IPv4 stands as IPv6 writes it, ::ffff:192.0.2.1, so that one address has one form. */
struct network {
	unsigned char bytes[16];
	int bits; /* NETWORK_WHOLE: an address */
};

/* False: it is neither, or names more than its bits ("10.0.0.1/8"). */
bool network_read(struct piece text, struct network *out);
/* The address of the other end; false: it has none, as at a unix socket. */
bool network_of(const struct sockaddr *from, struct network *out);

bool network_is_v4(const struct network *n);
/* Of its own sort alone: "::/0" has no IPv4, and "0.0.0.0/0" nothing else. */
bool network_has(const struct network *n, const struct network *address);
/* What of it is this wide, of IPv4 or of IPv6. */
struct network network_around(const struct network *n, int bits_v4, int bits_v6);
void network_print(const struct network *n, char text[NETWORK_TEXT]);

/* "192.0.2.1:80", "[2001:db8::1]:80", "192.0.2.1", "2001:db8::1", "host:80": where the port
 * ends and begins.  `port->at` is NULL where there is none; false: the brackets do not fit. */
bool network_split(struct piece text, struct piece *host, struct piece *port);

#endif
