/*
 * A request is a table of steps.
 *
 * Five laws:
 *  1. A step finishes now (STEP_NEXT, STEP_DONE) or starts one operation and
 *     returns STEP_WAIT.
 *  2. Every operation started completes exactly once, with a status.  So a
 *     flow is never freed while one is outstanding, and nothing is cancelled.
 *  3. A step begins by reading what the previous wait brought; what must
 *     outlive a wait is a field of the plan's state struct.
 *  4. A wait that failed ends the request with the problem of its status,
 *     unless the step that waited says .may_fail.
 *  5. The deadline answers 504 and lets the work run out; a later answer is
 *     dropped quietly.
 *
 * A flow knows no sockets: it is given a request, and calls `respond` once.
 */
#ifndef DAEMON_FLOW_FLOW_H
#define DAEMON_FLOW_FLOW_H

#include <stdint.h>

#include "daemon/base/status.h"
#include "daemon/flow/request.h"

struct app;
struct arena;
struct buf;
struct event_base;
struct flow;

enum next { STEP_NEXT, STEP_DONE, STEP_WAIT };

struct step {
	const char *name;
	enum next (*run)(struct flow *f, void *state);
	bool may_fail; /* a failed wait of this step does not end the request */
	bool again;    /* after a wait it is taken again, until it says STEP_NEXT */
};

#define PLAN_MAX_STEPS 8

struct plan {
	const char *name; /* "POST placement" */
	size_t state_size;
	struct step steps[PLAN_MAX_STEPS]; /* ends at the first with no name */
	/* Its body comes as request.stream, and its work has no deadline but those of what
	 * it waits for. */
	bool streams;
	/* Gives back what the state holds beside the arena; once, when the flow is over. */
	void (*release)(void *state);
};

/* Where a flow's life is observed: one per worker. */
struct flow_engine;
struct flow_engine *flow_engine_new(struct event_base *base, struct app *app,
    unsigned deadline_ms);
void flow_engine_free(struct flow_engine *e); /* no flow may be alive */
size_t flow_engine_alive(const struct flow_engine *e);

/* Called once.  `answer` and what it points to are valid only during the call. */
typedef void flow_respond(void *arg, const struct request *r, const struct answer *answer);

/*
 * Takes `memory` (the arena in which `r` and all its strings live) and frees it
 * at the end.  `respond` may be called before this returns: then this returns
 * NULL.  A flow that was returned may be abandoned (the client hung up) until
 * `respond` is called, and then `respond` never is; its work runs out.
 */
struct flow *flow_start(struct flow_engine *e, const struct plan *plan, struct request *r,
    struct arena *memory, flow_respond *respond, void *arg);
void flow_abandon(struct flow *f);

/* For steps. */
struct app *flow_app(struct flow *f);
const struct request *flow_request(const struct flow *f);
struct arena *flow_arena(struct flow *f);
enum status flow_status(const struct flow *f); /* how the last wait went */
struct done flow_resume(struct flow *f);       /* give it to the one operation you start */

/* It is answered when its work is done, however late: there is a bound of its own. */
void flow_takes_long(struct flow *f);
/* Whether somebody still waits for the answer. */
bool flow_is_listened_to(const struct flow *f);
/* A step returns it: others have their turn, then the flow goes on.  For long work without a
 * wait of its own, in pieces. */
enum next flow_yield(struct flow *f);
/* A step returns it: `work` runs in a thread of its own, touches nothing but `arg`, and the
 * flow goes on when it has ended.  E_BUSY: too many run. */
enum next flow_aside(struct flow *f, void (*work)(void *arg), void *arg);

/* Answer and be done.  `json` is borrowed from the arena. */
enum next flow_reply(struct flow *f, int status, const char *json);
/* Answer with any type; `content_type` and `body` are borrowed likewise. */
enum next flow_reply_as(struct flow *f, int status, const char *content_type, const char *body,
    size_t len);
/* Answer with a refusal (flow_refuse makes its body). */
enum next flow_reply_problem(struct flow *f, const struct problem_kind *kind, const char *body,
    size_t len);
/* Answer with the first `len` bytes of a file, which is closed later in any case. */
enum next flow_reply_file(struct flow *f, int status, const char *content_type, int file,
    size_t len);
/* The answer to come changes without its ETag: it is sent whole each time. */
void flow_derived(struct flow *f);
/* Answer with what is the same for everybody: it may be kept, and `tag` says which text it is.
 */
enum next flow_reply_public(struct flow *f, const char *content_type, const char *text,
    uint64_t tag);
/*
 * For long answers that are made often: a buffer of the engine's, empty and of
 * a size that has served before.  The step that takes it answers from it and is
 * done; nobody else has it meanwhile.
 */
struct buf *flow_page(struct flow *f);
/* One more header of the answer, copied; refusals keep those set before. */
void flow_header(struct flow *f, const char *name, const char *value);

#endif
