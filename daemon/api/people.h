/*
 * What the plans about people share: ids in paths, versions, blind indexes.
 */
#ifndef DAEMON_API_PEOPLE_H
#define DAEMON_API_PEOPLE_H

#include "daemon/api/common.h"

/* The {seeker} of the path as the ledger takes it; false: it names nobody (refuse_missing). */
bool ask_seeker(struct flow *f, struct ask *c);
/* If-Match as the next argument, NULL without one; a fault when it is not one of our tags. */
void ask_if_match(struct flow *f, struct faults *fs, struct ask *c);
/* ?as_of= as the next argument; a day to come is a fault. */
void ask_as_of(struct flow *f, struct faults *fs, struct ask *c);
/* The answer's "version" as its ETag. */
void tag_version(struct flow *f, const char *json);
/* A whole step: the reply as it came, with its ETag. */
enum next answer_tagged(struct flow *f, void *state);

/* The blind indexes of a name and of a telephone, in hex; NULL for NULL. */
const char *blind_name(struct flow *f, const char *name);
const char *blind_telephone(struct flow *f, const char *telephone);

#endif
