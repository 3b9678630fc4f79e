/*
 * A connection: bytes in, requests to flows, answers out, one at a time.
 *
 * It owns the phases and their deadlines and refuses to know what is asked.
 * The phase *is* the state: enter() alone changes it, and sets the deadline
 * with it.  The surprising thing: reading goes on while a request waits,
 * because a closed socket is only seen by reading; the pipelined requests this
 * may bring stay in the buffer until it is full, and then reading stops.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/flow/problem.h"
#include "daemon/http/admit.h"
#include "daemon/http/inside.h"
#include "daemon/http/respond.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"

#define INPUT_MAX_BYTES                                                                        \
	((size_t)16384)      /* of pipelined requests that wait, and one read more             \
			      */
#define IN_FLIGHT_MAX    512 /* flows of one worker, those nobody waits for too */
#define LINGER_MS        1000
#define LINGER_MAX_BYTES ((size_t)1 << 20)
#define DRAIN_GRACE_MS   500
#define NEVER            INT64_MAX

enum phase {
	FRESH,  /* has sent nothing yet */
	IDLE,   /* between two requests */
	HEAD,   /* a head has begun */
	BODY,   /* a body is awaited */
	WAIT,   /* a flow works */
	WRITE,  /* an answer leaves */
	LINGER, /* our side is shut; what still comes is thrown away, so that no reset
		 * overtakes the answer */
};

struct connection {
	TAILQ_ENTRY(connection) link, idle_link;
	struct http *http;
	struct bufferevent *bev;
	struct event *timer;
	int64_t deadline_us,
	    armed_us; /* armed: when the timer fires, at or before the deadline */
	enum phase phase;
	bool keep_alive, is_old, is_head, has_ended, has_skipped_line;
	size_t scanned;       /* by the gate, of the head in the buffer */
	size_t lingered;      /* bytes thrown away */
	struct arena *memory; /* from the head until the flow takes it */
	struct visit visit;
	struct flow *flow;
	int64_t began_us;
	char id[33];
	const char *method; /* for the log */
};

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

static void enter(struct connection *c, enum phase to)
{
	const struct http_config *config = &c->http->config;
	int64_t now = clock_us();
	unsigned ms = 0;

	if (c->phase == IDLE)
		TAILQ_REMOVE(&c->http->idle, c, idle_link);
	c->phase = to;
	switch (to) {
	case FRESH:
	case HEAD:
		ms = config->header_deadline_ms;
		break;
	case IDLE:
		TAILQ_INSERT_TAIL(&c->http->idle, c, idle_link);
		ms = config->idle_deadline_ms;
		break;
	case BODY:
		ms = config->body_deadline_ms;
		break;
	case WAIT: /* the flow has its own */
		break;
	case WRITE:
		ms = config->write_deadline_ms;
		break;
	case LINGER:
		ms = LINGER_MS;
		break;
	}
	if (c->http->is_draining && to == IDLE && ms > DRAIN_GRACE_MS)
		ms = DRAIN_GRACE_MS;
	c->deadline_us = ms ? now + (int64_t)ms * 1000 : NEVER;
	arm(c, now);
	if ((to == IDLE || to == LINGER) && !c->has_ended)
		bufferevent_enable(c->bev, EV_READ);
}

void connection_free(struct connection *c)
{
	struct http *h = c->http;

	if (c->flow)
		flow_abandon(c->flow);
	if (c->phase == IDLE)
		TAILQ_REMOVE(&h->idle, c, idle_link);
	TAILQ_REMOVE(&h->connections, c, link);
	arena_free(c->memory);
	event_free(c->timer);
	bufferevent_free(c->bev);
	free(c);
	metric_add(M_HTTP_CONNECTIONS, -1);
	http_left(h);
}

static void new_id(char id[33])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[16];

	if (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw))
		abort(); /* cannot happen for 16 bytes once the system is up */
	for (size_t i = 0; i < sizeof(raw); i++) {
		id[2 * i] = digits[raw[i] >> 4];
		id[2 * i + 1] = digits[raw[i] & 15];
	}
	id[32] = '\0';
}

static void record(const struct connection *c, const struct request *r, const struct answer *a)
{
	int64_t us = clock_us() - c->began_us;
	char status[16], took[24], bytes[24];

	metric_add(M_HTTP_REQUESTS, 1);
	metric_add(M_HTTP_MICROSECONDS, us);
	if (a->status < 400)
		metric_add(M_HTTP_2XX, 1);
	else
		metric_add(a->status < 500 ? M_HTTP_4XX : M_HTTP_5XX, 1);
	snprintf(status, sizeof(status), "%d", a->status);
	snprintf(took, sizeof(took), "%lld", (long long)us);
	snprintf(bytes, sizeof(bytes), "%zu", a->body_len);
	log_event(LOG_LEVEL_INFO, "http.access", "method", c->method, "route",
	    c->visit.route ? c->visit.route->pattern : "-", "status", status, "us", took,
	    "bytes", bytes, "kid", r && r->who ? r->who->kid : "-", "request", c->id, NULL);
}

static void answer(struct connection *c, const struct request *r, const struct answer *a)
{
	struct http *h = c->http;
	struct manner m = {
		.request_id = c->id,
		.date = http_date(h),
		.is_old = c->is_old,
		.without_body = c->is_head,
	};

	if (h->is_draining)
		c->keep_alive = false;
	m.keep_alive = c->keep_alive;
	record(c, r, a);
	respond_write(bufferevent_get_output(c->bev), &h->scratch, a, &m);
	enter(c, WRITE);
}

/* A flow has answered. */
static void on_answer(void *arg, const struct request *r, const struct answer *a)
{
	struct connection *c = arg;

	c->flow = NULL;
	answer(c, r, a);
}

static void refuse(struct connection *c, const struct refusal *why)
{
	const struct request *r = c->visit.request;
	const struct problem_kind *kind = problem_kind(why->slug);
	struct answer a = { .status = kind->status,
		.content_type = "application/problem+json" };
	struct buf body = { 0 };
	struct faults fs;

	fs.n = 0;
	if (why->where)
		fault_add(&fs, why->where, why->rule, NULL, why->expected, why->en, why->zh);
	problem_write(&body, why->slug, r ? r->lang : LANG_EN, c->id, &fs, NULL);
	if (kind->status == 401)
		a.headers[a.n_headers++] =
		    (struct answer_header){ "WWW-Authenticate", "Bearer realm=\"vacancyd\"" };
	if (kind->status == 503)
		a.headers[a.n_headers++] = (struct answer_header){ "Retry-After", "1" };
	if (why->allow)
		a.headers[a.n_headers++] = (struct answer_header){ "Allow", why->allow };
	a.body = body.data;
	a.body_len = body.len;
	answer(c, r, &a);
	buf_free(&body);
	arena_free(c->memory); /* and with it the request; the next head begins a new visit */
	c->memory = NULL;
}

/* What the gate does not open for is answered, and nothing after it is believed. */
static void refuse_at_gate(struct connection *c, enum gate g)
{
	const struct gate_reason *said = gate_reason(g);
	struct refusal why = { said->slug, said->where, said->rule, said->expected, said->en,
		said->zh, NULL };

	metric_add(M_HTTP_REFUSED, 1);
	c->keep_alive = false;
	refuse(c, &why);
}

static void start_flow(struct connection *c)
{
	struct arena *memory = c->memory;

	if (flow_engine_alive(c->http->flows) >= IN_FLIGHT_MAX) {
		refuse(c, &(struct refusal){ .slug = "busy" });
		return;
	}
	c->memory = NULL;
	enter(c, WAIT);
	/* on_answer may be called in here, and then this is NULL. */
	c->flow = flow_start(c->http->flows, c->visit.route->plan, c->visit.request, memory,
	    on_answer, c);
}

/* The head was refused: its body, if all of it has come, is skipped; else the end. */
static void skip_body(struct connection *c, const struct gate_facts *said)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	if (said->length > evbuffer_get_length(in) || said->expects_continue)
		c->keep_alive = false;
	else
		evbuffer_drain(in, (size_t)said->length);
}

/* The bytes of a head are all there. */
static void begin(struct connection *c, const char *bytes, size_t n)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct refusal why;
	struct head head;
	enum gate g;

	c->memory = arena_new();
	g = head_parse(c->memory, bytes, n, &head);
	evbuffer_drain(in, n);
	if (g != GATE_OPEN) {
		refuse_at_gate(c, g);
		return;
	}
	c->method = head.method_name;
	c->keep_alive = head.keep_alive;
	c->is_old = head.facts.is_old;
	if (!admit(&c->http->config, c->http->routes, c->http->n_routes, &head, c->id,
		c->memory, &c->visit, &why)) {
		memcpy(c->id, c->visit.request->id, sizeof(c->id));
		skip_body(c, &head.facts);
		refuse(c, &why);
		return;
	}
	memcpy(c->id, c->visit.request->id, sizeof(c->id));
	if (!c->visit.length) {
		start_flow(c);
		return;
	}
	enter(c, BODY);
	if (c->visit.wants_continue && evbuffer_get_length(in) == 0)
		respond_continue(bufferevent_get_output(c->bev));
}

/* False: more bytes are needed. */
static bool take_head(struct connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	size_t have = evbuffer_get_length(in);
	size_t end = 0;
	const char *bytes;
	enum gate g;

	if (have == 0)
		return false;
	if (c->phase != HEAD) {
		enter(c, HEAD);
		c->scanned = 0;
		c->has_skipped_line = false;
		c->visit = (struct visit){ 0 };
		c->is_old = false;
		c->method = "-";
		new_id(c->id);
	}
	if (have > HEAD_MAX_BYTES)
		have = HEAD_MAX_BYTES;
	bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)have);
	/* RFC 9112, 2.2: one empty line before the request line is forgiven. */
	if (!c->has_skipped_line && bytes[0] == '\r') {
		if (have < 2)
			return false;
		c->has_skipped_line = true;
		if (bytes[1] == '\n') {
			evbuffer_drain(in, 2);
			return evbuffer_get_length(in) > 0;
		}
	}
	/* Even a refusal of what cannot be parsed has no body if it was asked so. */
	c->is_head = have >= 5 && memcmp(bytes, "HEAD ", 5) == 0;
	g = gate_find_end(bytes, have, &c->scanned, &end);
	if (g == GATE_MORE)
		return false;
	c->began_us = clock_us();
	if (g == GATE_OPEN)
		begin(c, bytes, end);
	else
		refuse_at_gate(c, g);
	return true;
}

static bool take_body(struct connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	size_t n = c->visit.length;
	char *body;

	if (evbuffer_get_length(in) < n)
		return false;
	body = arena_alloc(c->memory, n + 1);
	evbuffer_remove(in, body, n);
	if (memchr(body, '\0', n)) {
		refuse(c, &(struct refusal){ "malformed-json", "", "nul", "",
			      "The body contains NUL.", "请求正文含空字符。", NULL });
		return true;
	}
	c->visit.request->body = body;
	c->visit.request->body_len = n;
	start_flow(c);
	return true;
}

/* Throws away what still comes.  False when it is enough. */
static bool discard(struct connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	c->lingered += evbuffer_get_length(in);
	evbuffer_drain(in, evbuffer_get_length(in));
	return c->lingered < LINGER_MAX_BYTES;
}

/* Goes as far as the bytes allow.  The connection may be gone afterwards. */
static void go_on(struct connection *c)
{
	bool moved = true;

	while (moved) {
		switch (c->phase) {
		case FRESH:
		case IDLE:
		case HEAD:
			moved = take_head(c);
			break;
		case BODY:
			moved = take_body(c);
			break;
		case WAIT:
		case WRITE:
			/* Not by a watermark: at one, libevent calls on_read over and over. */
			if (evbuffer_get_length(bufferevent_get_input(c->bev)) >=
			    INPUT_MAX_BYTES)
				bufferevent_disable(c->bev, EV_READ);
			return;
		case LINGER:
			if (!discard(c))
				connection_free(c);
			return;
		}
	}
	/* The bytes that are missing will not come. */
	if (c->has_ended)
		connection_free(c);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	go_on(arg);
}

static void on_written(struct bufferevent *bev, void *arg)
{
	struct connection *c = arg;

	if (c->phase != WRITE || evbuffer_get_length(bufferevent_get_output(bev)))
		return;
	if (c->keep_alive) {
		enter(c, IDLE);
		go_on(c);
	} else if (c->has_ended || shutdown(bufferevent_getfd(bev), SHUT_WR) != 0) {
		connection_free(c);
	} else {
		enter(c, LINGER);
		go_on(c);
	}
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct connection *c = arg;

	(void)bev;
	c->has_ended = true;
	/* The client may have closed only its side: an answer that is leaving goes out whole.
	 * While a flow works, nobody can tell that from hanging up. */
	if ((what & BEV_EVENT_ERROR) || c->phase != WRITE)
		connection_free(c);
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
	switch (c->phase) {
	case HEAD:
	case BODY:
		if (c->phase == HEAD)
			c->began_us = now;
		c->keep_alive = false;
		refuse(c, &(struct refusal){ .slug = "request-timeout" });
		return;
	case FRESH:
	case IDLE:
	case WAIT:
	case WRITE:
	case LINGER:
		connection_free(c);
		return;
	}
}

void connection_open(struct http *h, int fd)
{
	struct connection *c = must_alloc(sizeof(*c));

	c->http = h;
	c->armed_us = NEVER;
	c->bev = bufferevent_socket_new(h->base, fd, BEV_OPT_CLOSE_ON_FREE);
	c->timer = evtimer_new(h->base, on_deadline, c);
	if (!c->bev || !c->timer)
		abort(); /* only ever for want of memory */
	TAILQ_INSERT_TAIL(&h->connections, c, link);
	h->n_connections++;
	metric_add(M_HTTP_CONNECTIONS, 1);
	bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
	enter(c, FRESH);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

void connections_hurry(struct http *h)
{
	int64_t now = clock_us();
	int64_t grace = now + (int64_t)DRAIN_GRACE_MS * 1000;
	struct connection *c;

	TAILQ_FOREACH(c, &h->connections, link)
	{
		if (c->phase != FRESH && c->phase != IDLE)
			continue;
		if (c->deadline_us > grace)
			c->deadline_us = grace;
		arm(c, now);
	}
}
