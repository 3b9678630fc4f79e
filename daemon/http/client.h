/*
 * Whose address a request comes from: the other end's, or, when that is a proxy of ours, the
 * one that it says.  Pure.
 */
#ifndef DAEMON_HTTP_CLIENT_H
#define DAEMON_HTTP_CLIENT_H

#include "daemon/base/network.h"

struct head;
struct sockaddr;

/* As text: "192.0.2.1", "2001:db8::1", "unix". */
struct client {
	char text[NETWORK_TEXT];
};

struct client client_at(const struct sockaddr *from);

/*
 * `proxies` are those that are believed, by comma ("10.0.0.0/8, unix"), and `header` is where
 * they say whom they have it from: "X-Forwarded-For" or "Forwarded".  What stands there is
 * followed from its end as long as it was one of them who wrote it.
 */
struct client client_behind(struct client at, const char *proxies, const char *header,
    const struct head *head);

/* What of it may be kept: "network" (192.0.2.0/24, 2001:db8::/48), "whole", or nothing. */
struct client client_kept(const struct client *c, const char *how);

#endif
