/*
 * From the ledger's reply to an answer, for every resource.
 */
#ifndef DAEMON_API_ANSWERING_H
#define DAEMON_API_ANSWERING_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/flow/flow.h"

struct ask;
struct faults;

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
/* 404: what that part of the path names. */
enum next refuse_missing(struct flow *f, size_t part);

/* "<xid>.<id>", the token of a write; false when it cannot be one. */
bool read_position(const char *text, uint64_t *xid, uint64_t *id);

#endif
