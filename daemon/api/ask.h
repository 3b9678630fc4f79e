/*
 * A request on its way to the ledger: taken apart into the arguments of one
 * call, checked, and called for the caller.  What becomes of the reply is
 * answering.h's.
 */
#ifndef DAEMON_API_ASK_H
#define DAEMON_API_ASK_H

#include "daemon/codec/codec.h"
#include "daemon/ledger/ledger.h"

/* One call of the ledger.  A plan's state begins with it. */
struct ask {
	struct caller who;
	uint8_t request_hash[32];
	struct ledger_arg args[LEDGER_MAX_ARGS];
	size_t n_args;
	struct reply reply;
	enum ledger_op op; /* of the last call */

	struct faults *faults; /* of the request; NULL: none has been looked for */
	const char *refusal;   /* a problem that lies in none of its values */
	size_t missing_part;   /* of the path, which names nothing, when it is "not-found" */
	bool is_malformed, takes_parameters;
	const struct registry *registry; /* whose entry the body is, or NULL */
};

/* The next argument. */
void ask_text(struct ask *ask, const char *text); /* NULL is SQL NULL */
void ask_bytes(struct ask *ask, const void *p, size_t n);

/*
 * The next argument, out of the request.  What is wrong with it is kept, and answered by
 * ask_check together with all else that is.
 */
/* A part of the path: a decimal id; the 16 digits of a person, which are returned too. */
void ask_id(struct flow *f, struct ask *ask, size_t part);
uint64_t ask_person(struct flow *f, struct ask *ask, size_t part);
void ask_body(struct flow *f, struct ask *ask, body_shape *shape);
/* If-Match as the version it names, NULL without one. */
void ask_if_match(struct flow *f, struct ask *ask);
/* Whether it may only make a thing, and never replace one: a PUT with If-None-Match: *. */
void ask_new_only(struct flow *f, struct ask *ask);
/* ?as_of=; a day to come is a fault. */
void ask_as_of(struct flow *f, struct ask *ask);

/* No argument: the query parameters there may be (without this there may be none); a body of
 * which nothing is wanted; a body that was read with the codec of ask_codec. */
void ask_parameters(struct flow *f, struct ask *ask, const char *const *known, size_t n);
void ask_nothing(struct flow *f, struct ask *ask);
void ask_read(struct ask *ask, enum read_result result);
/* What the codec needs; its faults are the ask's.  False while the ledger's day is not known.
 */
bool ask_codec(struct flow *f, struct ask *ask, struct codec *out);
struct faults *ask_faults(struct flow *f, struct ask *ask);
/* The problem that it will be refused with; the first one counts. */
void ask_wrong(struct ask *ask, const char *slug);
void ask_missing(struct ask *ask, size_t part);

/* STEP_NEXT; or what was wrong is answered. */
enum next ask_check(struct flow *f, struct ask *ask);
/* ask_check, then the call: a step returns what this returns.  A POST carries its
 * Idempotency-Key. */
enum next ask_ledger(struct flow *f, struct ask *ask, enum ledger_op op);
/* A further call of a request that has been checked. */
enum next ask_again(struct flow *f, struct ask *ask, enum ledger_op op);
/* The same beside what the flow waits for: the reply lives in `memory`, and the flow may not
 * end before `done`. */
void ask_ledger_beside(struct flow *f, struct ask *ask, enum ledger_op op, struct arena *memory,
    struct done done);

#endif
