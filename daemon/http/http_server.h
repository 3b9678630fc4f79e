/*
 * What the files of this folder share about a running server.  Nobody outside
 * daemon/http includes this.
 */
#ifndef DAEMON_HTTP_HTTP_SERVER_H
#define DAEMON_HTTP_HTTP_SERVER_H

#include <sys/queue.h>
#include <time.h>

#include "daemon/base/buf.h"
#include "daemon/http/http.h"

struct connection;
struct event;
struct limits;
struct listener;
struct sockaddr;
struct tls;

TAILQ_HEAD(connections, connection);
TAILQ_HEAD(listeners, listener);

struct http {
	struct event_base *base;
	struct flow_engine *flows;
	const struct route *routes;
	size_t n_routes;
	struct http_config config;
	struct listeners listeners;
	struct connections connections;
	struct connections idle; /* those between two requests, longest idle first */
	int n_connections;
	struct limits *limits;
	bool is_paused; /* not accepting until there is room */
	struct event *retry_accept;
	bool is_draining;
	struct done drained;
	struct event *tell_drained;
	struct buf scratch; /* for the head of one answer */
	struct packer *packer;
	char date[32];
	time_t date_at;
	unsigned char chance[1024]; /* random bytes for ids, fetched together */
	size_t chance_used;
};

/* connection.c.  Takes the socket, on which TLS is spoken unless that is NULL. */
void connection_open(struct http *h, int fd, const struct tls *tls,
    const struct sockaddr *from);
void connection_free(struct connection *c); /* whatever it is doing; its flow is abandoned */
void connections_hurry(struct http *h);     /* the server drains: nobody waits for long */

/* listener.c */
void listeners_accept_all(struct http *h); /* whatever waits in the queues */
void listeners_free(struct http *h);
void listeners_resume(struct http *h);

/* http.c */
const char *http_date(struct http *h);
void http_new_id(struct http *h, char id[static 33]);
void http_left(struct http *h); /* a connection is gone */

#endif
