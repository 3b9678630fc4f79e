/*
 * HTTP: listeners, connections, framing, limits, routes.
 *
 * llhttp parses behind a strict gate (gate.c): what two parsers could read in
 * two ways is refused with 400 and the connection is closed.  Every phase of a
 * connection has an absolute deadline.  This folder turns bytes into a
 * struct request, starts the route's plan, and writes the answer; it knows no
 * resource of the exchange.
 */
#ifndef DAEMON_HTTP_HTTP_H
#define DAEMON_HTTP_HTTP_H

#include <sys/types.h>

#include "daemon/base/status.h"
#include "daemon/flow/flow.h"

/* Of the loop's priorities, so many, this one is for what may wait for all the rest; it is best
 * taken one at a time (event_config_set_max_dispatch_interval). */
enum { HTTP_LATE = 2, HTTP_PRIORITIES };

struct http;
struct tls;

struct route {
	enum method method;
	const char *pattern; /* "/v1/returns/{employer}/{district}/{quarter}" */
	const struct plan *plan;
	unsigned roles : 16;  /* who may call it: a set of enum role; 0: everybody, no key */
	unsigned actors : 16; /* those roles behind whom an officer must stand */
	bool needs_idempotency_key;
	bool needs_length;  /* a body is expected */
	size_t max_body;    /* 0: the general limit */
	const char *action; /* its rows in the table of authorisation, which gives the roles */
	/* What each role does not see, by its number: "rank,household" or "". */
	const char *const *masked;
	const void *arg; /* for the plan, which finds it in the request */
};

/* Zero is the default: 5 s, 5 s, 10 s, 15 s, 10 s, 2.5 s; 4,000 connections; 64 KiB. */
struct http_config {
	unsigned handshake_deadline_ms, header_deadline_ms, body_deadline_ms, idle_deadline_ms,
	    write_deadline_ms, turn_deadline_ms; /* of who waits until others have had theirs */
	int max_connections;
	int max_per_address; /* 0: no limit; of one IPv4 address or IPv6 /64, in this process */
	size_t max_body;
	int64_t request_work_us; /* limits.h */
	/* "vd_<id>_<secret>" already split; NULL refuses.  What it returns is copied. */
	const struct principal *(
	    *find_principal)(void *arg, const char *id, const char *secret);
	/* The same for "vo_<id>_<secret>". */
	const struct principal *(*find_officer)(void *arg, const char *id, const char *secret);
	const char *origins; /* whose pages may read answers, by comma; NULL: none */
	const char *proxies; /* who is believed whom they ask for; see client.h; NULL: none */
	const char *proxy_header;
	const char *log_clients; /* what the log keeps of their addresses; NULL: nothing */
	bool (*knows_keys)(void *arg); /* NULL: always; false: keys are refused with 503 */
	bool is_measured;              /* its routes are those that metrics_open was told of */
	void *arg;
};

/*
 * Blocking: "127.0.0.1:8080", "[::1]:8080", "unix:/path" (of that mode; a file
 * that nobody listens on any more is replaced).  -1: errno says why.
 */
int http_bind(const char *address, mode_t mode);
/* Whether a socket that somebody else has bound is at that address. */
bool http_is_bound(int fd, const char *address);

/*
 * `routes` and `c->arg` must stay.  NULL: a pattern cannot be matched (it is in
 * the log), or the loop refuses.  The process ignores SIGPIPE from now on.
 */
struct http *http_new(struct event_base *base, struct flow_engine *flows,
    const struct route *routes, size_t n_routes, const struct http_config *c);

/* Takes a listening socket, which may be shared with other workers; false leaves it.  TLS is
 * spoken there with `tls`, which must stay; NULL: plain HTTP. */
MUST_CHECK bool http_listen(struct http *h, int fd, const struct tls *tls);

/*
 * Stop taking connections, after those that wait in the queue; answer what is
 * asked with Connection: close, and close who asks nothing for half a second.
 * `done` when the last is gone, from the loop: the server may be freed in it.
 */
void http_drain(struct http *h, struct done done);

/* Closes whatever is open; flows that still work are abandoned and run out. */
void http_free(struct http *h);

#endif
