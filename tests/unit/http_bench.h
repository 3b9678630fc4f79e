/*
 * A bench for HTTP: a server on loopback and its clients in one process and one
 * loop, so that every wait is for a condition and has a bound.
 */
#ifndef TESTS_UNIT_HTTP_BENCH_H
#define TESTS_UNIT_HTTP_BENCH_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/http/http_server.h"

#define BOUND_MS  5000
#define ID        "0123456789abcdef"
#define SECRET    "0123456789abcdefghijABCDEFGHIJ0123456789abc"
#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

/* The server under test, made anew for every test. */
static struct {
	struct event_base *base;
	struct flow_engine *flows;
	struct http *http;
	struct sockaddr_in at;
	struct done pending[512]; /* operations of /later that have not completed */
	size_t n_pending;
	unsigned canaries;         /* how often the request behind a probe was served */
	unsigned canaries_at_echo; /* how many had been served when the last body was said */
	unsigned drained;
	int rate; /* of the only key; 0: no limit */
} server;

static inline enum next say_ok(struct flow *f, void *state)
{
	(void)state;
	return flow_reply(f, 200, "{\"ok\":true}");
}

static inline enum next count_canary(struct flow *f, void *state)
{
	(void)state;
	server.canaries++;
	return flow_reply(f, 200, "\"canary\"");
}

static inline enum next say_param(struct flow *f, void *state)
{
	(void)state;
	return flow_reply(f, 200,
	    arena_printf(flow_arena(f), "%s", flow_request(f)->params[0]));
}

static inline enum next say_body(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);

	(void)state;
	server.canaries_at_echo = server.canaries;
	flow_header(f, "ETag", "\"7\"");
	flow_header(f, "Forged", "a\r\nSet-Cookie: b");
	return flow_reply_as(f, 201, "application/json", r->body, r->body_len);
}

static inline enum next say_much(struct flow *f, void *state)
{
	size_t n = (size_t)8 << 20;
	char *much = arena_alloc(flow_arena(f), n);

	(void)state;
	memset(much, 'x', n);
	return flow_reply_as(f, 200, "text/plain", much, n);
}

static inline enum next wait_long(struct flow *f, void *state)
{
	(void)state;
	server.pending[server.n_pending++] = flow_resume(f);
	return STEP_WAIT;
}

static const struct plan at_once = { .name = "at once", .steps = { { "ok", say_ok } } };
static const struct plan canary = { .name = "canary", .steps = { { "count", count_canary } } };
static const struct plan param = { .name = "param", .steps = { { "param", say_param } } };
static const struct plan echo = { .name = "echo", .steps = { { "echo", say_body } } };
static const struct plan much = { .name = "much", .steps = { { "much", say_much } } };
/* Answers without a look at its body. */
static const struct plan unread = { .name = "unread",
	.streams = true,
	.steps = { { "ok", say_ok } } };
static const struct plan later = {
	.name = "later",
	.steps = { { "wait", wait_long }, { "ok", say_ok } },
};

static const struct route routes[] = {
	{ METHOD_GET, "/openapi.yaml", &at_once },
	{ METHOD_POST, "/v1/placements", &echo, ROLE_BUREAU, .needs_length = true },
	{ METHOD_GET, "/canary", &canary },
	{ METHOD_GET, "/number/{n}", &param },
	{ METHOD_PUT, "/echo", &echo, .max_body = 100000, .needs_length = true },
	{ METHOD_GET, "/much", &much },
	{ METHOD_POST, "/unread", &unread, .needs_length = true },
	{ METHOD_GET, "/later", &later },
};

static inline const struct principal *only_one(void *arg, const char *id, const char *secret)
{
	static struct principal bureau = { .kid = ID,
		.role = ROLE_BUREAU,
		.organisation = "bureau" };

	(void)arg;
	bureau.rate = bureau.burst = server.rate;
	return strcmp(id, ID) == 0 && strcmp(secret, SECRET) == 0 ? &bureau : NULL;
}

static inline void make_server(struct http_config c, unsigned patience_ms)
{
	socklen_t len = sizeof(server.at);
	int fd = http_bind("127.0.0.1:0", 0660);

	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&server.at, &len), 0);
	c.find_principal = only_one;
	server.base = event_base_new();
	assert_int_equal(event_base_priority_init(server.base, HTTP_PRIORITIES), 0);
	server.flows = flow_engine_new(server.base, NULL, patience_ms);
	server.http =
	    http_new(server.base, server.flows, routes, sizeof(routes) / sizeof(*routes), &c);
	assert_non_null(server.http);
	assert_true(http_listen(server.http, fd, NULL));
}

static inline int fresh(void **state)
{
	(void)state;
	memset(&server, 0, sizeof(server));
	return 0;
}

static inline void complete_all(enum status st)
{
	for (size_t i = 0; i < server.n_pending; i++)
		done_call(server.pending[i], st);
	server.n_pending = 0;
}

static inline int unmake_server(void **state)
{
	(void)state;
	http_free(server.http);
	complete_all(OK);
	assert_int_equal(flow_engine_alive(server.flows), 0);
	flow_engine_free(server.flows);
	event_base_free(server.base);
	return 0;
}

static inline int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void turn(void)
{
	event_base_loop(server.base, EVLOOP_NONBLOCK);
}

/* One more turn of the loop, unless the bound has passed. */
#define until(condition)                                                                       \
	for (int64_t until_ = now_ms() + BOUND_MS; !(condition);) {                            \
		if (now_ms() > until_)                                                         \
			fail_msg("never: %s", #condition);                                     \
		turn();                                                                        \
	}

struct client {
	int fd;
	bool ended; /* the server has closed */
	struct buf got;
};

static inline struct client connect_to(const struct sockaddr *at, socklen_t len)
{
	struct client c = { .fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0) };

	assert_true(connect(c.fd, at, len) == 0 || errno == EINPROGRESS);
	return c;
}

static inline struct client open_client(void)
{
	return connect_to((const struct sockaddr *)&server.at, sizeof(server.at));
}

static inline void close_client(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	buf_free(&c->got);
}

/* What has come, without waiting. */
static inline void hear(struct client *c)
{
	char some[65536];
	ssize_t n;

	turn();
	while (!c->ended && (n = recv(c->fd, some, sizeof(some), 0)) != -1) {
		if (n == 0)
			c->ended = true;
		else
			buf_put(&c->got, some, (size_t)n);
	}
	if (!c->ended && errno != EAGAIN && errno != ENOTCONN)
		c->ended = true;
}

/* False: the server has closed before all was sent. */
static inline bool say_n(struct client *c, const char *bytes, size_t n)
{
	int64_t bound = now_ms() + BOUND_MS;

	while (n) {
		ssize_t sent = send(c->fd, bytes, n, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN && errno != ENOTCONN)
			return false;
		if (now_ms() > bound)
			fail_msg("the server does not read");
		if (sent > 0) {
			bytes += sent;
			n -= (size_t)sent;
		}
		turn();
	}
	return true;
}

static inline bool say(struct client *c, const char *text)
{
	return say_n(c, text, strlen(text));
}

/* One answer in what came: where it ends, and its status; 0 when it is not whole. */
static inline size_t whole_answer(const char *at, bool is_head, int *status)
{
	const char *end = at ? strstr(at, "\r\n\r\n") : NULL;
	const char *length;
	size_t n;

	if (!end)
		return 0;
	assert_memory_equal(at, "HTTP/1.1 ", 9);
	*status = (int)strtol(at + 9, NULL, 10);
	n = (size_t)(end - at) + 4;
	length = strcasestr(at, "\r\nContent-Length: ");
	if (*status == 100)
		return n;
	assert_non_null(length);
	if (!is_head)
		n += strtoul(length + 18, NULL, 10);
	return strlen(at) < n ? 0 : n;
}

/* How many whole answers there are; the status of the first. */
static inline size_t answers(const struct client *c, bool is_head, int *first)
{
	const char *at = c->got.data;
	size_t n = 0, len;
	int status;

	while (at && *at && (len = whole_answer(at, is_head && n == 0, &status))) {
		if (n++ == 0)
			*first = status;
		at += len;
	}
	if (c->ended && at)
		assert_string_equal(at, ""); /* nothing but whole answers */
	return n;
}

/* The status of the one answer that comes next; forgets it. */
static inline int next_status(struct client *c)
{
	int status = 0;
	size_t n;

	until((hear(c), (n = whole_answer(c->got.data, false, &status))) || c->ended);
	assert_true(n);
	memmove(c->got.data, c->got.data + n, c->got.len - n + 1);
	c->got.len -= n;
	return status;
}

static inline void until_ended(struct client *c)
{
	until((hear(c), c->ended));
}

#endif
