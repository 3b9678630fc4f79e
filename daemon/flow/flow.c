/*
 * The flow engine: walks a request through its plan's steps.
 *
 * It owns the life of a request from the first step to the last completion, and
 * the deadline; it refuses to know sockets, routes and resources.  An operation
 * may complete before the call that started it returns, so steps are taken by
 * one loop and a completion only ever marks.
 */
#include "daemon/flow/flow.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/base/accounts.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/flow/aside.h"
#include "daemon/flow/problem.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"

TAILQ_HEAD(flow_list, flow);

struct flow_engine {
	struct app *app;
	struct event *alarm;     /* set for the oldest of `timely` */
	struct flow_list timely; /* unanswered, oldest first: all have the same deadline */
	int64_t deadline_us;
	size_t alive;
	int64_t noted_us; /* of the processor, for whomever */
	struct buf page;
};

struct flow {
	TAILQ_ENTRY(flow) link; /* in `timely` as long as respond is set */
	struct flow_engine *engine;
	const struct plan *plan;
	const struct request *request;
	struct arena *memory;
	flow_respond *respond; /* NULL: answered, late or abandoned; nobody listens */
	void *arg;
	void *state;
	struct answer answer;
	size_t at; /* the step to take, or the one that waits */
	int64_t started_us, waits_since_us;
	enum status last;
	bool outstanding; /* an operation has been started and has not completed */
	bool waited;      /* the step at `at` has returned STEP_WAIT */
	bool running;     /* inside the loop of run() */
	bool decided;     /* `answer` is filled in */
	bool over;
	bool takes_long; /* not in `timely` */
};

/* Who listens is told once; from then on nobody does. */
static void deliver(struct flow *f)
{
	flow_respond *respond = f->respond;

	if (!respond)
		return;
	f->respond = NULL;
	if (!f->takes_long)
		TAILQ_REMOVE(&f->engine->timely, f, link);
	respond(f->arg, f->request, &f->answer);
	f->answer.is_file = false; /* taken */
	buf_wipe(&f->engine->page);
}

static void defect(struct flow *f, const char *why)
{
	log_event(LOG_LEVEL_ERROR, "flow.defect", "plan", f->plan->name, "why", why, "request",
	    f->request->id, NULL);
	flow_refuse(f, "internal", NULL, NULL);
	f->over = true;
}

static void take_step(struct flow *f)
{
	const struct step *s = &f->plan->steps[f->at];

	if (f->at == PLAN_MAX_STEPS || !s->name) {
		defect(f, "the last step did not answer");
		return;
	}
	f->waits_since_us = 0;
	switch (s->run(f, f->state)) {
	case STEP_NEXT:
		f->at++;
		return;
	case STEP_DONE:
		f->over = true;
		if (!f->decided)
			defect(f, "done without an answer");
		return;
	case STEP_WAIT:
		f->waited = true;
		if (!f->waits_since_us)
			defect(f, "waits for nothing");
		return;
	}
}

/* The operation of the step at `at` has completed. */
static void judge_wait(struct flow *f)
{
	const struct step *s = &f->plan->steps[f->at];
	char us[24];

	f->waited = false;
	if (f->last != OK) {
		snprintf(us, sizeof(us), "%lld", (long long)(clock_us() - f->waits_since_us));
		log_event(LOG_LEVEL_WARN, s->may_fail ? "flow.going-on" : "flow.failed", "plan",
		    f->plan->name, "step", s->name, "status", status_name(f->last), "us", us,
		    "request", f->request->id, NULL);
	}
	if (f->last == E_UNKNOWN && f->request->method == METHOD_GET)
		f->last = E_UNAVAILABLE; /* a read has no outcome */
	if (f->last != OK && !s->may_fail) {
		flow_refuse(f, problem_of_status(f->last), NULL, NULL);
		f->over = true;
		return;
	}
	if (!s->again)
		f->at++;
}

static void end(struct flow *f)
{
	f->engine->alive--;
	metric_add(M_FLOWS_ALIVE, -1);
	if (f->answer.is_file)
		close(f->answer.file);
	if (f->plan->release)
		f->plan->release(f->state);
	arena_free(f->memory); /* and with it the flow itself */
}

static void note_work(struct flow *f, int64_t us)
{
	uint64_t whose = f->request->who ? account_number(f->request->who->organisation) : 0;

	account_note(whose, FOR_REQUESTS, us);
	account_note(whose, FOR_TURNS, us);
	f->engine->noted_us += us;
}

/* False when the flow has answered, and so may be gone. */
static bool run(struct flow *f)
{
	int64_t began_us = clock_processor_us() - f->engine->noted_us;

	f->running = true;
	while (!f->over && !f->outstanding) {
		if (f->waited)
			judge_wait(f);
		else
			take_step(f);
	}
	f->running = false;
	if (f->over)
		deliver(f);
	/* Packing and sealing an answer is work as well; but what was asked behind it, and had
	 * its flow meanwhile, is noted already. */
	note_work(f, clock_processor_us() - f->engine->noted_us - began_us);
	if (!f->over)
		return true;
	if (!f->outstanding)
		end(f);
	return false;
}

static void on_completion(void *arg, enum status st)
{
	struct flow *f = arg;

	assert(f->outstanding);
	f->outstanding = false;
	f->last = st;
	if (!f->running)
		run(f);
}

static void set_alarm(struct flow_engine *e)
{
	const struct flow *oldest = TAILQ_FIRST(&e->timely);
	struct timeval tv;

	if (!oldest)
		return;
	tv = clock_span_us(oldest->started_us + e->deadline_us - clock_us());
	evtimer_add(e->alarm, &tv);
}

static void on_alarm(evutil_socket_t fd, short what, void *arg)
{
	struct flow_engine *e = arg;
	int64_t now = clock_us();
	struct flow *f;

	(void)fd;
	(void)what;
	while ((f = TAILQ_FIRST(&e->timely)) && f->started_us + e->deadline_us <= now) {
		flow_refuse(f, "deadline", NULL, NULL);
		deliver(f);
	}
	set_alarm(e);
}

struct flow_engine *flow_engine_new(struct event_base *base, struct app *app,
    unsigned deadline_ms)
{
	struct flow_engine *e = must_alloc(sizeof(*e));

	e->app = app;
	e->deadline_us = (int64_t)deadline_ms * 1000;
	TAILQ_INIT(&e->timely);
	e->alarm = evtimer_new(base, on_alarm, e);
	if (!e->alarm) {
		free(e);
		return NULL;
	}
	return e;
}

void flow_engine_free(struct flow_engine *e)
{
	if (!e)
		return;
	assert(e->alive == 0);
	event_free(e->alarm);
	buf_free(&e->page);
	free(e);
}

size_t flow_engine_alive(const struct flow_engine *e)
{
	return e->alive;
}

struct flow *flow_start(struct flow_engine *e, const struct plan *plan, struct request *r,
    struct arena *memory, flow_respond *respond, void *arg)
{
	struct flow *f = arena_alloc(memory, sizeof(*f));

	f->engine = e;
	f->plan = plan;
	f->request = r;
	f->memory = memory;
	f->respond = respond;
	f->arg = arg;
	f->state = arena_alloc(memory, plan->state_size);
	f->started_us = clock_us();
	f->takes_long = plan->streams;
	if (!f->takes_long)
		TAILQ_INSERT_TAIL(&e->timely, f, link);
	e->alive++;
	metric_add(M_FLOWS_ALIVE, 1);
	if (!run(f))
		return NULL;
	if (!evtimer_pending(e->alarm, NULL))
		set_alarm(e);
	return f;
}

void flow_abandon(struct flow *f)
{
	assert(f->respond);
	f->respond = NULL;
	if (!f->takes_long)
		TAILQ_REMOVE(&f->engine->timely, f, link);
}

struct app *flow_app(struct flow *f)
{
	return f->engine->app;
}

const struct request *flow_request(const struct flow *f)
{
	return f->request;
}

struct arena *flow_arena(struct flow *f)
{
	return f->memory;
}

enum status flow_status(const struct flow *f)
{
	return f->last;
}

struct done flow_resume(struct flow *f)
{
	assert(!f->outstanding);
	f->outstanding = true;
	f->waits_since_us = clock_us();
	return (struct done){ on_completion, f };
}

void flow_takes_long(struct flow *f)
{
	if (f->respond && !f->takes_long)
		TAILQ_REMOVE(&f->engine->timely, f, link);
	f->takes_long = true;
}

bool flow_is_listened_to(const struct flow *f)
{
	return f->respond != NULL;
}

struct event_base *flow_base(const struct flow *f)
{
	return event_get_base(f->engine->alarm);
}

enum next flow_reply_as(struct flow *f, int status, const char *content_type, const char *body,
    size_t len)
{
	f->answer.status = status;
	f->answer.content_type = content_type;
	f->answer.body = body;
	f->answer.body_len = len;
	f->answer.problem = NULL;
	f->decided = true;
	return STEP_DONE;
}

enum next flow_reply_problem(struct flow *f, const struct problem_kind *kind, const char *body,
    size_t len)
{
	flow_reply_as(f, kind->status, "application/problem+json", body, len);
	f->answer.problem = kind;
	return STEP_DONE;
}

void flow_derived(struct flow *f)
{
	f->answer.is_derived = true;
}

enum next flow_reply_public(struct flow *f, const char *content_type, const char *text,
    uint64_t tag)
{
	flow_header(f, "ETag", arena_printf(f->memory, "\"%016" PRIx64 "\"", tag));
	f->answer.may_be_kept = true;
	return flow_reply_as(f, 200, content_type, text, strlen(text));
}

enum next flow_reply_file(struct flow *f, int status, const char *content_type, int file,
    size_t len)
{
	f->answer.is_file = true;
	f->answer.file = file;
	return flow_reply_as(f, status, content_type, NULL, len);
}

enum next flow_reply(struct flow *f, int status, const char *json)
{
	return flow_reply_as(f, status, "application/json", json, strlen(json));
}

struct buf *flow_page(struct flow *f)
{
	buf_clear(&f->engine->page);
	return &f->engine->page;
}

void flow_header(struct flow *f, const char *name, const char *value)
{
	struct answer *a = &f->answer;

	if (!f->respond)
		return;
	assert(a->n_headers < ANSWER_MAX_HEADERS);
	if (a->n_headers == ANSWER_MAX_HEADERS)
		return;
	a->headers[a->n_headers].name = arena_strdup(f->memory, name);
	a->headers[a->n_headers++].value = arena_strdup(f->memory, value);
}
