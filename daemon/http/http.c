/*
 * The server: its connections as a set, its limits, its end.
 *
 * It refuses to know bytes.  Draining leaves idle connections open for a
 * moment, because their clients may be sending the next request just now and
 * would not know whether it was taken.
 */
#include "daemon/http/http.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>

#include <event2/event.h>

#include "daemon/base/hex.h"
#include "daemon/base/oom.h"
#include "daemon/http/coding.h"
#include "daemon/http/http_server.h"
#include "daemon/http/limits.h"
#include "daemon/http/route_match.h"
#include "daemon/log/log.h"

static void on_retry_accept(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	listeners_resume(arg);
}

static void on_drained(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;

	(void)fd;
	(void)what;
	done_call(h->drained, OK);
}

/* Zero means the default. */
static struct http_config with_defaults(struct http_config c)
{
	if (!c.handshake_deadline_ms)
		c.handshake_deadline_ms = 5000;
	if (!c.header_deadline_ms)
		c.header_deadline_ms = 5000;
	if (!c.body_deadline_ms)
		c.body_deadline_ms = 10000;
	if (!c.idle_deadline_ms)
		c.idle_deadline_ms = 15000;
	if (!c.write_deadline_ms)
		c.write_deadline_ms = 10000;
	if (!c.turn_deadline_ms)
		c.turn_deadline_ms = 2500;
	if (c.max_connections <= 0)
		c.max_connections = 4000;
	if (!c.max_body)
		c.max_body = 65536;
	return c;
}

struct http *http_new(struct event_base *base, struct flow_engine *flows,
    const struct route *routes, size_t n_routes, const struct http_config *c)
{
	struct http *h = must_alloc(sizeof(*h));

	for (size_t i = 0; i < n_routes; i++) {
		if (!route_is_sound(&routes[i])) {
			log_event(LOG_LEVEL_ERROR, "http.route", "pattern", routes[i].pattern,
			    NULL);
			goto free_server;
		}
	}
	/* A client that hangs up while we write is an error of that write, not a signal. */
	signal(SIGPIPE, SIG_IGN);
	h->base = base;
	h->flows = flows;
	h->routes = routes;
	h->n_routes = n_routes;
	h->config = with_defaults(*c);
	h->limits = limits_new(c->request_work_us);
	h->packer = packer_new();
	h->chance_used = sizeof(h->chance);
	TAILQ_INIT(&h->listeners);
	TAILQ_INIT(&h->connections);
	TAILQ_INIT(&h->idle);
	h->retry_accept = evtimer_new(base, on_retry_accept, h);
	if (!h->retry_accept)
		goto free_server;
	h->tell_drained = evtimer_new(base, on_drained, h);
	if (!h->tell_drained)
		goto free_retry;
	return h;

free_retry:
	event_free(h->retry_accept);
free_server:
	packer_free(h->packer);
	limits_free(h->limits);
	free(h);
	return NULL;
}

const char *http_date(struct http *h)
{
	time_t now = time(NULL);
	struct tm tm;

	if (now != h->date_at) {
		h->date_at = now;
		gmtime_r(&now, &tm);
		/* No locale is ever set, so the names are English. */
		strftime(h->date, sizeof(h->date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	}
	return h->date;
}

void http_new_id(struct http *h, char id[static 33])
{
	const unsigned char *raw;

	if (h->chance_used == sizeof(h->chance)) {
		/* The kernel gives up to 256 bytes whole. */
		for (size_t got = 0; got < sizeof(h->chance); got += 256)
			if (getrandom(h->chance + got, 256, 0) != 256)
				abort(); /* cannot happen once the system is up */
		h->chance_used = 0;
	}
	raw = h->chance + h->chance_used;
	h->chance_used += 16;
	*hex_put(id, raw, 16) = '\0';
}

static void when_drained(struct http *h)
{
	/* From the loop: whoever hears it may free the server at once. */
	if (h->is_draining && h->n_connections == 0)
		event_active(h->tell_drained, EV_TIMEOUT, 1);
}

void http_left(struct http *h)
{
	h->n_connections--;
	if (h->is_paused && !evtimer_pending(h->retry_accept, NULL))
		listeners_resume(h);
	when_drained(h);
}

void http_drain(struct http *h, struct done done)
{
	assert(!h->is_draining);
	h->drained = done;
	listeners_accept_all(h);
	listeners_free(h);
	h->is_draining = true;
	connections_hurry(h);
	when_drained(h);
}

void http_free(struct http *h)
{
	if (!h)
		return;
	listeners_free(h);
	h->is_draining = false;
	while (!TAILQ_EMPTY(&h->connections))
		connection_free(TAILQ_FIRST(&h->connections));
	event_free(h->tell_drained);
	event_free(h->retry_accept);
	packer_free(h->packer);
	limits_free(h->limits);
	buf_free(&h->scratch);
	free(h);
}
