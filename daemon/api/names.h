/*
 * Names beside codes: what the codes of an answer mean, for whoever shows it to people.
 */
#ifndef DAEMON_API_NAMES_H
#define DAEMON_API_NAMES_H

#include "daemon/flow/flow.h"
#include "matcher/model.h"

struct buf;

/* The object with its `code_names`, code to names in both languages, when it holds codes of a
 * long list; else as it was. */
const char *names_beside(struct flow *f, const char *json);

/* The same where an answer is written and not read: after its last member, the names of the
 * codes that are said one by one; names_end puts the brace behind. */
struct naming;
struct naming *names_begin(struct flow *f);
void names_occupation(struct naming *x, occupation_t o);
/* digits: 6 or 12 of it. */
void names_place(struct naming *x, place_t place, int digits);
void names_end(struct naming *x, struct buf *object);

#endif
