/*
 * An engine on a loop of its own, a plan of three steps, and who hears the answer.
 */
#ifndef TESTS_UNIT_FLOW_BENCH_H
#define TESTS_UNIT_FLOW_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/flow/flow.h"

#define MANY 1000

static struct bench {
	struct event_base *base;
	struct flow_engine *engine;
	struct done pending[MANY]; /* operations started and not completed */
	size_t n_pending;
	bool at_once;       /* complete before the call that starts it returns */
	enum status result; /* with which `at_once` completes */
	unsigned steps_taken;
	enum status seen; /* flow_status in the step after a wait */
} bench;

struct heard {
	unsigned times;
	int status;
	char type[40], body[2048], headers[256];
};

static int set_up(void **state)
{
	(void)state;
	memset(&bench, 0, sizeof(bench));
	bench.base = event_base_new();
	bench.engine = flow_engine_new(bench.base, NULL, 20);
	return bench.engine ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	flow_engine_free(bench.engine);
	event_base_free(bench.base);
	return 0;
}

static void hear(void *arg, const struct request *r, const struct answer *a)
{
	struct heard *h = arg;

	assert_non_null(r);
	h->times++;
	h->status = a->status;
	snprintf(h->type, sizeof(h->type), "%s", a->content_type);
	snprintf(h->body, sizeof(h->body), "%.*s", (int)a->body_len, a->body);
	h->headers[0] = '\0';
	for (size_t i = 0; i < a->n_headers; i++)
		snprintf(h->headers + strlen(h->headers),
		    sizeof(h->headers) - strlen(h->headers), "%s: %s\n", a->headers[i].name,
		    a->headers[i].value);
}

static struct flow *start(const struct plan *plan, struct heard *h)
{
	struct arena *memory = arena_new();
	struct request *r = arena_alloc(memory, sizeof(*r));

	r->path = "/";
	r->traceparent = "";
	memset(r->id, 'a', 32);
	return flow_start(bench.engine, plan, r, memory, hear, h);
}

static enum next count(struct flow *f, void *state)
{
	unsigned *n = state;

	(void)f;
	assert_int_equal(*n, bench.steps_taken);
	*n = ++bench.steps_taken;
	return STEP_NEXT;
}

static enum next reply(struct flow *f, void *state)
{
	(void)state;
	bench.seen = flow_status(f);
	flow_header(f, "ETag", "\"3\"");
	return flow_reply(f, 200, arena_strdup(flow_arena(f), "{\"ok\":true}"));
}

static const struct plan plain = {
	.name = "plain",
	.state_size = sizeof(unsigned),
	.steps = { { "one", count }, { "two", count }, { "reply", reply } },
};

#endif
