/*
 * A connection: bytes in, requests to flows, answers out, one at a time.
 *
 * It owns the phases and their deadlines and refuses to know what is asked.  The
 * phase *is* the state: connection_enter() alone changes it, and sets the
 * deadline with it.  Reading goes on while a request waits, because a closed
 * socket is only seen by reading; the pipelined requests this may bring stay in
 * the buffer until it is full, and then reading stops.
 */
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/http/connection.h"
#include "daemon/http/tls.h"
#include "daemon/metrics/metrics.h"

/* Of pipelined requests that wait, and one read more. */
#define INPUT_MAX_BYTES  ((size_t)16384)
#define FILE_PACE        64  /* bytes a millisecond at which a file may leave */
#define TURN_REQUESTS    16  /* pipelined ones, then the other connections have a turn */
#define HELD_MS          100 /* after a 429: who asks at once is refused so often at most */
#define LINGER_MS        1000
#define LINGER_MAX_BYTES ((size_t)1 << 20)
#define DRAIN_GRACE_MS   500
#define LATE_US          100000 /* a loop that comes later than this has kept them waiting */
#define FRESH_GRACE_MS                                                                         \
	2000 /* who has just connected is about to ask, and would not ask again */
#define NEVER INT64_MAX

/* The timer is only touched when it must fire earlier: most deadlines are never met. */
static void arm(struct connection *c, int64_t now)
{
	struct timeval tv;

	if (c->deadline_us >= c->armed_us)
		return;
	tv = clock_span_us(c->deadline_us - now);
	evtimer_add(c->timer, &tv);
	c->armed_us = c->deadline_us;
}

void connection_enter(struct connection *c, enum phase to)
{
	const struct http_config *config = &c->http->config;
	int64_t now = 0;
	unsigned ms = 0;

	if (c->phase == IDLE)
		TAILQ_REMOVE(&c->http->idle, c, idle_link);
	c->phase = to;
	switch (to) {
	case HANDSHAKE:
		ms = config->handshake_deadline_ms;
		break;
	case FRESH:
	case HEAD:
		ms = config->header_deadline_ms;
		break;
	case IDLE:
		TAILQ_INSERT_TAIL(&c->http->idle, c, idle_link);
		ms = config->idle_deadline_ms;
		break;
	case BODY:
	case STREAM:
		ms = config->body_deadline_ms;
		break;
	case TURN:
		ms = config->turn_deadline_ms;
		break;
	case WAIT: /* the flow has its own */
		break;
	case HELD:
		ms = HELD_MS;
		break;
	case WRITE:
		ms = socket_is_clear(&c->socket) ? 0 : config->write_deadline_ms;
		ms += (unsigned)(socket_file_left(&c->socket) / FILE_PACE);
		break;
	case LINGER:
		ms = LINGER_MS;
		break;
	}
	if (c->http->is_draining && to == IDLE && ms > DRAIN_GRACE_MS)
		ms = DRAIN_GRACE_MS;
	c->deadline_us = NEVER;
	if (ms) {
		now = clock_us();
		c->deadline_us = now + (int64_t)ms * 1000;
		arm(c, now);
	}
	if ((to == IDLE || to == LINGER) && !c->has_ended)
		socket_read(&c->socket, true);
}

void connection_free(struct connection *c)
{
	struct http *h = c->http;

	if (c->flow)
		flow_abandon(c->flow);
	if (c->stream) {
		c->stream->from = NULL;
		c->stream->is_cut = c->stream->left > 0;
		stream_tell(c->stream);
	}
	if (c->phase == IDLE)
		TAILQ_REMOVE(&h->idle, c, idle_link);
	TAILQ_REMOVE(&h->connections, c, link);
	limits_leave(h->limits, &c->address);
	arena_free(c->memory);
	event_free(c->timer);
	if (c->turn)
		event_free(c->turn);
	socket_close(&c->socket);
	free(c);
	metric_add(M_HTTP_CONNECTIONS, -1);
	http_left(h);
}

/* Throws away what still comes.  False when it is enough. */
static bool discard(struct connection *c)
{
	c->lingered += socket_length(&c->socket);
	socket_take(&c->socket, socket_length(&c->socket));
	return c->lingered < LINGER_MAX_BYTES;
}

/* The answer has left.  False: so does the connection. */
static bool end_answer(struct connection *c)
{
	if (c->keep_alive) {
		connection_enter(c, c->was_too_many && !c->has_ended ? HELD : IDLE);
		return true;
	}
	if (c->has_ended || !socket_shut(&c->socket))
		return false;
	connection_enter(c, LINGER);
	return true;
}

/* They are answered whatever they were about to ask. */
static void begin_unheard(struct connection *c)
{
	c->began_us = clock_us();
	c->method = "-";
	http_new_id(c->http, c->id);
}

/* Goes as far as the bytes allow.  False: the connection has nothing more to do. */
static bool proceed(struct connection *c)
{
	int answers = 0;

	for (;;) {
		if (c->is_broken)
			return false;
		switch (c->phase) {
		case HANDSHAKE:
			if (!socket_is_ready(&c->socket))
				return !c->has_ended;
			connection_enter(c, FRESH);
			if (socket_missed_tls(&c->socket)) {
				begin_unheard(c);
				connection_refuse_at_gate(c, GATE_PLAIN);
			}
			break;
		case FRESH:
		case IDLE:
		case HEAD:
			/* The bytes that are missing will not come. */
			if (!connection_take_head(c))
				return !c->has_ended;
			break;
		case BODY:
			if (!connection_take_body(c))
				return !c->has_ended;
			break;
		case STREAM:
			if (socket_length(&c->socket) >= STREAM_MAX_BYTES)
				socket_read(&c->socket, false);
			stream_tell(c->stream);
			if (c->phase == STREAM)
				return true;
			break;
		case TURN:
		case WAIT:
		case HELD:
		case WRITE:
			if (c->phase == WRITE && socket_is_clear(&c->socket)) {
				if (!end_answer(c))
					return false;
				if (c->phase != IDLE || ++answers < TURN_REQUESTS ||
				    socket_length(&c->socket) == 0)
					break;
				socket_come_again(&c->socket);
				return true;
			}
			if (socket_length(&c->socket) >= INPUT_MAX_BYTES)
				socket_read(&c->socket, false);
			return true;
		case LINGER:
			return discard(c);
		}
	}
}

void connection_go_on(struct connection *c)
{
	bool stays;

	c->is_going_on = true;
	stays = proceed(c);
	c->is_going_on = false;
	if (!stays)
		connection_free(c);
}

static void have_turn(struct connection *c)
{
	c->is_going_on = true;
	connection_start_flow(c);
	c->is_going_on = false;
	connection_go_on(c);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	have_turn(arg);
}

void connection_wait_turn(struct connection *c)
{
	if (!c->turn) {
		c->turn = event_new(c->http->base, -1, 0, on_turn, c);
		if (!c->turn)
			abort();
		/* A loop of one priority has one queue, in which this is the last. */
		(void)event_priority_set(c->turn, HTTP_LATE);
	}
	connection_enter(c, TURN);
	event_active(c->turn, EV_TIMEOUT, 1);
}

static void on_come(void *arg)
{
	connection_go_on(arg);
}

static void on_ended(void *arg, bool broken)
{
	struct connection *c = arg;

	c->has_ended = true;
	/* The client may have closed only its side: an answer that is leaving goes out whole,
	 * and what it had asked before is answered.  While a flow works, nobody can tell that
	 * from hanging up. */
	if (broken || c->phase != WRITE)
		connection_free(c);
}

static const struct socket_calls socket_calls = { on_come, on_come, on_ended };

/* It was we who were late, and what they sent may be there unread: they have as long again. */
static bool is_ours(struct connection *c, int64_t now)
{
	int64_t late = now - c->deadline_us;

	if (late < LATE_US || c->phase == TURN || c->phase == HELD)
		return false;
	c->deadline_us = now + late;
	arm(c, now);
	return true;
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;
	int64_t now = clock_us();

	(void)fd;
	(void)what;
	c->armed_us = NEVER;
	if (now < c->deadline_us) {
		arm(c, now);
		return;
	}
	if (is_ours(c, now))
		return;
	switch (c->phase) {
	case HEAD:
	case BODY:
		if (c->phase == HEAD)
			c->began_us = now;
		c->keep_alive = false;
		connection_refuse(c, &(struct refusal){ .slug = "request-timeout" });
		connection_go_on(c);
		return;
	case STREAM:
		if (!c->stream->arrived.fn) { /* it is we who take our time */
			connection_enter(c, STREAM);
			return;
		}
		connection_free(c);
		return;
	case HELD:
		if (c->is_to_refuse)
			connection_refuse_too_many(c);
		else
			connection_enter(c, IDLE);
		connection_go_on(c);
		return;
	case TURN: /* the others never come to an end */
		event_del(c->turn);
		have_turn(c);
		return;
	case HANDSHAKE:
	case FRESH:
	case IDLE:
	case WAIT:
	case WRITE:
	case LINGER:
		connection_free(c);
		return;
	}
}

void connection_open(struct http *h, int fd, const struct tls *tls, const struct sockaddr *from)
{
	struct network address;
	int held = limits_enter(h->limits, from, &address);
	bool is_one_too_many = h->config.max_per_address && held > h->config.max_per_address;
	struct connection *c;

	/* A handshake costs more than they are owed. */
	if (tls && (is_one_too_many ||
		       !limits_may_agree(&address, h->config.max_per_address, clock_us()))) {
		metric_add(M_TLS_FAILURES, 1);
		limits_leave(h->limits, &address);
		close(fd);
		return;
	}
	c = must_alloc(sizeof(*c));
	c->address = address;
	c->peer = c->client = client_at(from);
	c->http = h;
	c->armed_us = NEVER;
	c->timer = evtimer_new(h->base, on_deadline, c);
	if (!c->timer)
		abort(); /* only ever for want of memory */
	TAILQ_INSERT_TAIL(&h->connections, c, link);
	h->n_connections++;
	metric_add(M_HTTP_CONNECTIONS, 1);
	socket_open(&c->socket, h->base, fd, tls ? tls_accept(tls, fd) : NULL, &socket_calls,
	    c);
	connection_enter(c, tls ? HANDSHAKE : FRESH);
	if (is_one_too_many) {
		begin_unheard(c);
		connection_refuse(c, &(struct refusal){ .slug = "too-many-connections" });
		connection_go_on(c);
	}
}

void connections_hurry(struct http *h)
{
	int64_t now = clock_us();
	struct connection *c;
	int64_t grace;

	TAILQ_FOREACH(c, &h->connections, link)
	{
		/* Who agrees on TLS is about to ask. */
		if (c->phase != FRESH && c->phase != IDLE)
			continue;
		grace =
		    now + (int64_t)(c->phase == IDLE ? DRAIN_GRACE_MS : FRESH_GRACE_MS) * 1000;
		if (c->deadline_us > grace)
			c->deadline_us = grace;
		arm(c, now);
	}
}
