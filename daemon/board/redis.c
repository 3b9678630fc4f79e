/*
 * Owns a hiredis context, its clock and its reconnects.
 *
 * It refuses to know any command but the one that says who we are, which goes before any
 * other on each connection.  hiredis 0.14 has no time-outs, so ours run
 * here: the oldest call too old, and the context is freed, which completes all.
 * A call outlives its completion.  hiredis holds our pointer until it has run
 * its own callback, so a call that was completed early by us stays behind as an
 * orphan that only waits to be freed.
 */
#include "daemon/board/redis.h"

#include "daemon/base/clock.h"
#include "daemon/base/endpoint.h"
#include "daemon/base/oom.h"
#include "daemon/board/redis_replies.h"
#include "daemon/log/log.h"

#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { BACK_OFF_FIRST_MS = 20, BACK_OFF_MOST_MS = 1000 };

struct redis_call {
	TAILQ_ENTRY(redis_call) link;
	struct redis *c; /* NULL: an orphan, already completed */
	redis_done *fn;
	void *arg;
	int64_t due_ms;
};
TAILQ_HEAD(redis_calls, redis_call);

struct redis {
	struct event_base *base;
	struct redis_server server;
	unsigned timeout_ms;
	redis_change *change;
	void *arg;
	redisAsyncContext *ctx; /* NULL between attempts */
	bool up;
	struct redis_calls calls; /* sent, not completed; oldest first */
	struct event *clock;      /* of the oldest call, or of the attempt to come up */
	struct event *retry;
	unsigned back_off_ms;
	const char *said; /* the last error reply in the log: said once, not at every attempt */
	int refs;         /* frames below us that will touch us again */
	bool is_freed;    /* freed by our owner: the last frame frees the memory */
};

static void connect_now(struct redis *c);
static void send_call(struct redis *c, unsigned blocks_ms, size_t argc, const char **argv,
    const size_t *lens, redis_done *fn, void *arg);

static void ref(struct redis *c)
{
	c->refs++;
}

/* False when it was freed meanwhile: do not touch it again. */
static bool unref(struct redis *c)
{
	if (--c->refs > 0 || !c->is_freed)
		return !c->is_freed;
	free(c);
	return false;
}

/* Whoever is outstanding hears that there will be no answer. */
static void fail_all(struct redis *c)
{
	struct redis_call *call;

	while ((call = TAILQ_FIRST(&c->calls))) {
		TAILQ_REMOVE(&c->calls, call, link);
		call->c = NULL;
		call->fn(call->arg, E_UNAVAILABLE, NULL);
	}
}

static void arm(struct event *e, int64_t ms)
{
	struct timeval tv = clock_span(ms);

	evtimer_add(e, &tv);
}

static void connect_later(struct redis *c)
{
	/* Spread, so that many daemons do not come back together. */
	arm(c->retry, c->back_off_ms + clock_jitter(c->back_off_ms / 2));
	c->back_off_ms *= 2;
	if (c->back_off_ms > BACK_OFF_MOST_MS)
		c->back_off_ms = BACK_OFF_MOST_MS;
}

/* The context is gone, or on its way: say so, and come back later. */
static void set_down(struct redis *c, const char *why)
{
	c->ctx = NULL;
	c->up = false;
	evtimer_del(c->clock);
	connect_later(c);
	ref(c);
	fail_all(c);
	if (!c->is_freed)
		c->change(c->arg, false, why);
	(void)unref(c);
}

/* We drop it: hiredis then runs its callbacks, which find only orphans. */
static void drop(struct redis *c, const char *why)
{
	redisAsyncContext *ctx = c->ctx;

	ctx->data = NULL;
	set_down(c, why);
	redisAsyncFree(ctx);
}

static void on_clock(evutil_socket_t fd, short what, void *arg)
{
	struct redis *c = arg;
	struct redis_call *oldest = TAILQ_FIRST(&c->calls);

	(void)fd;
	(void)what;
	if (!c->ctx)
		return;
	if (!c->up)
		drop(c, "connecting took too long");
	else if (oldest && oldest->due_ms <= clock_ms())
		drop(c, "no answer in time");
	else if (oldest)
		arm(c->clock, oldest->due_ms - clock_ms());
}

static void come_up(struct redis *c)
{
	evtimer_del(c->clock);
	c->up = true;
	c->change(c->arg, true, "");
}

/* Refused, or gone: on_reply or set_down sees to it. */
static void on_admitted(void *arg, enum status st, const redisReply *r)
{
	(void)r;
	if (st == OK)
		come_up(arg);
}

/* The time that connecting may take goes on. */
static void say_who(struct redis *c)
{
	const char *as_user[] = { "AUTH", c->server.user, c->server.password };
	const char *as_default[] = { "AUTH", c->server.password };

	if (c->server.user)
		send_call(c, 0, 3, as_user, NULL, on_admitted, c);
	else
		send_call(c, 0, 2, as_default, NULL, on_admitted, c);
}

static void on_connect(const redisAsyncContext *ctx, int status)
{
	struct redis *c = ctx->data;

	if (!c)
		return;
	if (status != REDIS_OK) {
		/* hiredis frees the context after this; nothing else will be called. */
		set_down(c, ctx->errstr ? ctx->errstr : "cannot connect");
		return;
	}
	if (c->server.password)
		say_who(c);
	else
		come_up(c);
}

static void on_disconnect(const redisAsyncContext *ctx, int status)
{
	struct redis *c = ctx->data;

	(void)status;
	if (c)
		set_down(c, ctx->errstr && *ctx->errstr ? ctx->errstr : "closed");
}

static redisAsyncContext *open_context(const char *address)
{
	struct endpoint at;

	if (!endpoint_read((struct piece){ address, strlen(address) }, &at))
		return NULL;
	return *at.path ? redisAsyncConnectUnix(at.path) : redisAsyncConnect(at.host, at.port);
}

static void connect_now(struct redis *c)
{
	redisAsyncContext *ctx = open_context(c->server.address);

	if (!ctx || ctx->err) {
		char why[160];

		(void)snprintf(why, sizeof(why), "%s", ctx ? ctx->errstr : "not an address");
		if (ctx)
			redisAsyncFree(ctx);
		set_down(c, why);
		return;
	}
	ctx->data = c;
	c->ctx = ctx;
	redisLibeventAttach(ctx, c->base);
	/* This starts waiting for the socket: attach comes first. */
	redisAsyncSetConnectCallback(ctx, on_connect);
	redisAsyncSetDisconnectCallback(ctx, on_disconnect);
	arm(c->clock, c->timeout_ms);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	connect_now(arg);
}

struct redis *redis_new(struct event_base *base, const struct redis_server *server,
    unsigned timeout_ms, redis_change *change, void *arg)
{
	struct redis *c = must_alloc(sizeof(*c));

	c->base = base;
	c->server = *server;
	c->timeout_ms = timeout_ms;
	c->change = change;
	c->arg = arg;
	c->back_off_ms = BACK_OFF_FIRST_MS;
	TAILQ_INIT(&c->calls);
	c->clock = evtimer_new(base, on_clock, c);
	c->retry = evtimer_new(base, on_retry, c);
	/* From the loop, so that nobody hears of it before we have returned. */
	arm(c->retry, 0);
	return c;
}

void redis_free(struct redis *c)
{
	redisAsyncContext *ctx;

	if (!c)
		return;
	ctx = c->ctx;
	c->ctx = NULL;
	c->up = false;
	c->is_freed = true;
	event_free(c->clock);
	event_free(c->retry);
	ref(c);
	fail_all(c);
	(void)unref(c);
	if (ctx) {
		ctx->data = NULL;
		redisAsyncFree(ctx);
	}
}

bool redis_is_up(const struct redis *c)
{
	return c->up;
}

/* An error reply becomes a status here, once; it is logged by whoever stops passing it up. */
static enum status read_error(const redisReply *r, const struct error_reply **error)
{
	*error = NULL;
	if (r->type != REDIS_REPLY_ERROR)
		return OK;
	*error = error_reply_find(r->str);
	return (*error)->status;
}

static void on_reply(redisAsyncContext *ctx, void *reply, void *privdata)
{
	struct redis_call *call = privdata;
	struct redis *c = call->c;
	redis_done *fn = call->fn;
	void *arg = call->arg;
	const struct error_reply *error = NULL;
	enum status st = E_UNAVAILABLE;

	(void)ctx;
	if (c)
		TAILQ_REMOVE(&c->calls, call, link);
	free(call);
	if (!c)
		return;
	if (reply)
		st = read_error(reply, &error);
	if (st == OK) {
		c->said = NULL;
		c->back_off_ms = BACK_OFF_FIRST_MS;
	}
	if (error && error->meaning != c->said)
		log_event(LOG_LEVEL_WARN, "board.error_reply", "meaning", error->meaning,
		    "text", ((const redisReply *)reply)->str, NULL);
	if (error)
		c->said = error->meaning;
	ref(c);
	fn(arg, st, st == OK ? reply : NULL);
	if (!unref(c))
		return;
	if (error && (error->reconnect || !c->up) && c->ctx)
		drop(c, error->meaning);
}

static void send_call(struct redis *c, unsigned blocks_ms, size_t argc, const char **argv,
    const size_t *lens, redis_done *fn, void *arg)
{
	struct redis_call *call;
	bool first;

	call = must_alloc(sizeof(*call));
	call->c = c;
	call->fn = fn;
	call->arg = arg;
	call->due_ms = clock_ms() + c->timeout_ms + blocks_ms;
	first = TAILQ_EMPTY(&c->calls);
	TAILQ_INSERT_TAIL(&c->calls, call, link);
	if (redisAsyncCommandArgv(c->ctx, on_reply, call, (int)argc, argv, lens) != REDIS_OK) {
		/* Broken, and its pending callbacks are running right now. */
		TAILQ_REMOVE(&c->calls, call, link);
		free(call);
		fn(arg, E_UNAVAILABLE, NULL);
		return;
	}
	if (first && c->up)
		arm(c->clock, c->timeout_ms + blocks_ms);
}

void redis_call(struct redis *c, unsigned blocks_ms, size_t argc, const char **argv,
    const size_t *lens, redis_done *fn, void *arg)
{
	if (!c->up || !c->ctx)
		fn(arg, E_UNAVAILABLE, NULL);
	else
		send_call(c, blocks_ms, argc, argv, lens, fn, arg);
}
