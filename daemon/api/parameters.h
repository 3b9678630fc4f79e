/*
 * What a request says beside its body: its path, its query, its headers.
 */
#ifndef DAEMON_API_PARAMETERS_H
#define DAEMON_API_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/tables/choices.h"
#include "matcher/model.h"

struct faults;
struct flow;

struct faults *faults_new(struct flow *f);

/* A fault of a path, query or header: "query/k".  `found` NULL is "". */
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
/* A code of a short list, and its place there; -1 when it is absent or wrong. */
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

#endif
