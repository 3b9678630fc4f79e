/*
 * From bytes to a request that a flow works on: the head, its admission, its body.
 *
 * The gate decides where a head ends and admit() who may ask; here is only the
 * order in which they are asked.  A refused head's body is skipped when all of
 * it has come already, and else the connection ends.
 */
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/http/connection.h"
#include "daemon/http/head.h"
#include "daemon/http/respond.h"

#define IN_FLIGHT_MAX 512 /* flows of one worker, those nobody waits for too */

void connection_start_flow(struct connection *c)
{
	struct arena *memory = c->memory;

	if (flow_engine_alive(c->http->flows) >= IN_FLIGHT_MAX) {
		/* A body that a flow would have read is no request. */
		if (c->admission.route->plan->streams && c->admission.length)
			c->keep_alive = false;
		connection_refuse(c, &(struct refusal){ .slug = "busy" });
		return;
	}
	c->memory = NULL;
	if (c->admission.route->plan->streams)
		stream_open(c, memory);
	connection_enter(c, c->stream && c->stream->left ? STREAM : WAIT);
	/* connection_answered may be called in here, and then this is NULL. */
	c->flow = flow_start(c->http->flows, c->admission.route->plan, c->admission.request,
	    memory, connection_answered, c);
}

/* Whoever has had much of the processor waits for those who have not, up to a deadline. */
static void start_flow(struct connection *c)
{
	const struct principal *who = c->admission.request->who;

	if (who && !c->admission.route->plan->streams && limits_is_late(who, c->began_us))
		connection_wait_turn(c);
	else
		connection_start_flow(c);
}

/* The head was refused: its body, if all of it has come, is skipped; else the end. */
static void skip_body(struct connection *c, const struct gate_facts *said)
{
	if (said->length > socket_length(&c->socket) || said->expects_continue)
		c->keep_alive = false;
	else
		socket_take(&c->socket, (size_t)said->length);
}

void connection_refuse_too_many(struct connection *c)
{
	c->is_to_refuse = false;
	connection_refuse(c,
	    &(struct refusal){ .slug = "rate-limited", .retry_s = c->admission.left.retry_s });
}

/* Who is refused on a connection that then ends would be back on a new one at once: they are
 * told no sooner than who has to wait on the old one. */
static void hold_or_refuse(struct connection *c)
{
	if (c->keep_alive) {
		connection_refuse_too_many(c);
		return;
	}
	c->is_to_refuse = true;
	connection_enter(c, HELD);
}

/* The bytes of a head are all there. */
static void begin(struct connection *c, const char *bytes, size_t n)
{
	const struct http_config *config = &c->http->config;
	struct refusal why;
	struct head head;
	bool admitted, is_too_many;
	enum gate g;

	c->memory = arena_new();
	g = head_parse(c->memory, bytes, n, &head);
	socket_take(&c->socket, n);
	if (g != GATE_OPEN) {
		connection_refuse_at_gate(c, g);
		return;
	}
	c->method = head.method_name;
	if (config->proxies && *config->proxies)
		c->client =
		    client_behind(c->peer, config->proxies, config->proxy_header, &head);
	c->keep_alive = head.keep_alive;
	c->is_old = head.facts.is_old;
	admitted = admit(config, c->http->routes, c->http->n_routes, &head, c->id, c->memory,
	    &c->admission, &why);
	is_too_many = c->admission.request->who &&
		      !limits_take(c->http->limits, c->admission.request->who, c->began_us,
			  &c->admission.left);
	if (is_too_many || !admitted)
		skip_body(c, &head.facts);
	if (is_too_many) {
		hold_or_refuse(c);
		return;
	}
	if (!admitted) {
		connection_refuse(c, &why);
		return;
	}
	if (!c->admission.length || c->admission.route->plan->streams) {
		start_flow(c);
		return;
	}
	connection_enter(c, BODY);
	if (c->admission.wants_continue && socket_length(&c->socket) == 0)
		c->is_broken = !socket_send(&c->socket, &respond_continue, 1);
}

/* The first bytes of a head: what the last request left is forgotten. */
static void begin_head(struct connection *c)
{
	c->scanned = 0;
	c->has_skipped_line = false;
	c->admission = (struct admission){ 0 };
	c->is_old = false;
	c->method = "-";
	c->client = c->peer;
	http_new_id(c->http, c->id);
}

/* RFC 9112, 2.2: one empty line before the request line is forgiven.  False: it may be one. */
static bool skip_line(struct connection *c)
{
	size_t have;
	const char *bytes = socket_bytes(&c->socket, &have);

	if (c->has_skipped_line || bytes[0] != '\r')
		return true;
	if (have < 2)
		return false;
	c->has_skipped_line = true;
	if (bytes[1] == '\n')
		socket_take(&c->socket, 2);
	return socket_length(&c->socket) > 0;
}

bool connection_take_head(struct connection *c)
{
	size_t have = socket_length(&c->socket);
	enum gate g = GATE_MORE;
	const char *bytes = "";
	size_t end = 0;

	if (have == 0)
		return false;
	if (c->phase != HEAD)
		begin_head(c);
	if (skip_line(c)) {
		bytes = socket_bytes(&c->socket, &have);
		if (have > HEAD_MAX_BYTES)
			have = HEAD_MAX_BYTES;
		/* Even a refusal of what cannot be parsed has no body if it was asked so. */
		c->is_head = have >= 5 && memcmp(bytes, "HEAD ", 5) == 0;
		g = gate_find_end(bytes, have, &c->scanned, &end);
	}
	if (g == GATE_MORE) {
		if (c->phase != HEAD)
			connection_enter(c, HEAD);
		return false;
	}
	c->began_us = clock_us();
	if (g == GATE_OPEN)
		begin(c, bytes, end);
	else
		connection_refuse_at_gate(c, g);
	return true;
}

bool connection_take_body(struct connection *c)
{
	size_t n = c->admission.length, have;
	const char *bytes = socket_bytes(&c->socket, &have);
	char *body;

	if (have < n)
		return false;
	body = arena_strndup(c->memory, bytes, n);
	socket_take(&c->socket, n);
	if (memchr(body, '\0', n)) {
		connection_refuse(c,
		    &(struct refusal){ "malformed-json", "", "nul", "",
			"The body contains NUL.", "请求正文含空字符。", NULL });
		return true;
	}
	c->admission.request->body = body;
	c->admission.request->body_len = n;
	start_flow(c);
	return true;
}
