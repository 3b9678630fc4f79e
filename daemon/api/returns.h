/*
 * What the resources around a return read alike: its path, its quarter, its
 * version.
 */
#ifndef DAEMON_API_RETURNS_H
#define DAEMON_API_RETURNS_H

#include "daemon/codec/return.h"

struct ask;
struct faults;
struct flow;

/* The path's three parts become the next arguments. */
void ask_return(struct flow *f, struct ask *ask, struct return_path *path);

/* A parameter at `where`; what was not given (NULL) is no fault. */
const char *return_district(struct flow *f, struct faults *fs, const char *where,
    const char *given);
const char *return_quarter(struct faults *fs, const char *where, const char *given);

/* If-Match as the bare version, "0" with If-None-Match, or NULL. */
const char *return_if_match(struct flow *f, struct faults *fs);

#endif
