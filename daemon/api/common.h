/*
 * What the plans of every resource share: taking a request apart into a call of
 * the ledger, making that call for the caller, and turning what it replied into
 * an answer.
 */
#ifndef DAEMON_API_COMMON_H
#define DAEMON_API_COMMON_H

#include "daemon/api/app.h"
#include "daemon/codec/codec.h"
#include "daemon/flow/problem.h"
#include "daemon/ledger/ledger.h"
#include "daemon/tables/choices.h"

/* One call of the ledger.  A plan's state begins with it. */
struct ask {
	struct caller who;
	uint8_t request_hash[32];
	struct ledger_arg args[LEDGER_MAX_ARGS];
	size_t n_args;
	struct reply reply;

	struct faults *faults; /* of the request; NULL: none has been looked for */
	const char *refusal;   /* a problem that lies in none of its values */
	bool is_malformed, takes_parameters;
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

/* Own writes go into the mirror and the position into a header; true when the reply is an
 * answer, false when it is a refusal.  Called once, before anything is answered. */
bool ask_settle(struct flow *f, const struct ask *ask);
/* The first half of it: nothing is said of the position. */
bool ask_apply(struct flow *f, const struct ask *ask);
enum next ask_refuse(struct flow *f, const struct ask *ask);
/* 200 for a repeat of what was 201. */
enum next ask_answer(struct flow *f, const struct ask *ask, const char *json);
/* The answer's "version" as its ETag. */
void tag_version(struct flow *f, const char *json);

/* Whole steps: the reply as it came; with its ETag.  `state` begins with a struct ask. */
enum next answer_reply(struct flow *f, void *state);
enum next answer_tagged(struct flow *f, void *state);

/* For plans that ask the ledger nothing. */
enum next refuse_input(struct flow *f, const struct faults *fs); /* 422 */
enum next refuse_missing(struct flow *f);                        /* 404 */
struct faults *faults_new(struct flow *f);

/* Parameters (parameters.c).  A fault of a path, query or header: "query/k".  `found` NULL is
 * "".
 */
void input_fault(struct faults *fs, const char *where, const char *rule, const char *found,
    const char *expected);
void query_fault(struct flow *f, struct faults *fs, const char *name, const char *rule,
    const char *found, const char *expected);
/* A query parameter nobody reads is refused: a filter ignored in silence is a wrong answer. */
void query_only(struct flow *f, struct faults *fs, const char *const *known, size_t n);
/* ?name=; absent leaves *out alone. */
void query_number(struct flow *f, struct faults *fs, const char *name, long min, long max,
    long *out);
/* These return NULL when it is absent or wrong. */
const char *query_day(struct flow *f, struct faults *fs, const char *name);
const char *query_word(struct flow *f, struct faults *fs, const char *name,
    const char *const *words, size_t n);
/* A code of a short list (choices.h), and its place there; -1 when it is absent or wrong. */
const char *query_code(struct flow *f, struct faults *fs, const char *name, enum code_list of);
int query_choice(struct flow *f, struct faults *fs, const char *name, enum code_list of);
const char *query_flag(struct flow *f, struct faults *fs, const char *name);
/* An employer's code, in canonical form. */
const char *query_employer(struct flow *f, struct faults *fs, const char *name);
/* A person's id, as the ledger takes it. */
const char *query_person(struct flow *f, struct faults *fs, const char *name);
/* Codes of the catalogue: a division of any level; a detailed occupation or a group of two or
 * more digits. */
const char *query_division(struct flow *f, struct faults *fs, const char *name);
/* 0 when it is absent or wrong. */
occupation_t query_occupation(struct flow *f, struct faults *fs, const char *name);
/* The {employer} of the path, its first part, in canonical form. */
const char *path_employer(struct flow *f, struct faults *fs);
/* If-Match as the bare version; NULL: there is none, or it is not one of ours. */
const char *header_version(struct flow *f, struct faults *fs);
bool header_new_only(struct flow *f, struct faults *fs);

/* BLAKE2b of p under the vault's key, so that a stored hash tells nothing about the body. */
void keyed_hash(struct flow *f, const void *p, size_t n, uint8_t out[static 32]);
/* Whether a place lies in the division whose prefix is the key's scope. */
bool in_scope(const struct principal *who, place_t place);
/* "<xid>.<id>", the token of a write; false when it cannot be one. */
bool read_position(const char *text, uint64_t *xid, uint64_t *id);

#endif
