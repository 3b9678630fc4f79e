/*
 * What the plans of every resource share: calling the ledger for the caller,
 * and turning what it replied into an answer.
 */
#ifndef DAEMON_API_COMMON_H
#define DAEMON_API_COMMON_H

#include "daemon/api/app.h"
#include "daemon/codec/codec.h"
#include "daemon/flow/problem.h"
#include "daemon/ledger/ledger.h"

/* One call of the ledger.  A plan's state begins with it. */
struct ask {
	struct caller who;
	uint8_t request_hash[32];
	struct ledger_arg args[LEDGER_MAX_ARGS];
	size_t n_args;
	struct reply reply;
};

typedef enum read_result body_reader(const struct codec *c, const char *body, size_t len,
    const char **coded);

void ask_text(struct ask *c, const char *text); /* NULL is SQL NULL */
void ask_bytes(struct ask *c, const void *p, size_t n);
/* Starts it: a step returns what this returns.  A POST carries its Idempotency-Key. */
enum next ask_ledger(struct flow *f, struct ask *c, enum ledger_op op);

/* The same beside what the flow waits for: the reply lives in `memory`, and the flow may not
 * end before `done`. */
void ask_ledger_beside(struct flow *f, struct ask *c, enum ledger_op op, struct arena *memory,
    struct done done);

/* A whole step: the path's decimal id, if the route has one, and the body by its reader
 * become arguments; or they are refused. */
enum next ask_read(struct flow *f, struct ask *ask, bool has_id, body_reader *read);
/* A whole step: look up what the path's decimal id names. */
enum next ask_by_id(struct flow *f, struct ask *ask, enum ledger_op op);

/* Own writes go into the mirror and the position into a header; true when the reply is an
 * answer, false when it is a refusal.  Called once, before anything is answered. */
bool ask_settle(struct flow *f, const struct ask *c);
/* The first half of it: nothing is said of the position. */
bool ask_apply(struct flow *f, const struct ask *c);
enum next ask_refuse(struct flow *f, const struct ask *c);
/* 200 for a repeat of what was 201. */
enum next ask_answer(struct flow *f, const struct ask *c, const char *json);

/* A whole step: the reply as it came.  `state` begins with a struct ask. */
enum next answer_reply(struct flow *f, void *state);

/* What the codec needs; false when the ledger's day is not known yet: refuse_no_clock. */
bool codec_begin(struct flow *f, struct codec *out);
enum next refuse_no_clock(struct flow *f);
enum next refuse_body(struct flow *f, enum read_result r, const struct faults *fs);
enum next refuse_input(struct flow *f, const struct faults *fs); /* 422 */
enum next refuse_missing(struct flow *f);                        /* 404 */

struct faults *faults_new(struct flow *f);
/* A fault of a path, query or header: "query/k".  `found` NULL is "". */
void input_fault(struct faults *fs, const char *where, const char *rule, const char *found,
    const char *expected);
/* A query parameter nobody reads is refused: a filter ignored in silence is a wrong answer. */
void query_only(struct flow *f, struct faults *fs, const char *const *known, size_t n);
/* If-None-Match on a PUT: "*" lets it make a thing and never replace one. */
bool wants_new_only(struct flow *f, struct faults *fs);
/* ?name=; absent leaves *out alone. */
void query_number(struct flow *f, struct faults *fs, const char *name, long min, long max,
    long *out);
void query_day(struct flow *f, struct faults *fs, const char *name, const char **out);
/* One of the words; NULL when absent or another, which is a fault. */
const char *query_word(struct flow *f, struct faults *fs, const char *name,
    const char *const *words, size_t n);

/* The {employer} of the path, its first part, in canonical form; a fault when it is none. */
const char *path_employer(struct flow *f, struct faults *fs);

/* BLAKE2b of p under the vault's key, so that a stored hash tells nothing about the body. */
void keyed_hash(struct flow *f, const void *p, size_t n, uint8_t out[static 32]);
/* Whether a place lies in the division whose prefix is the key's scope. */
bool in_scope(const struct principal *who, place_t place);
/* "<xid>.<id>", the token of a write; false when it cannot be one. */
bool read_position(const char *text, uint64_t *xid, uint64_t *id);

#endif
