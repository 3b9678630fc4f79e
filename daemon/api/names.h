/*
 * Names beside codes: what the codes of an answer mean, for whoever shows it to people.
 */
#ifndef DAEMON_API_NAMES_H
#define DAEMON_API_NAMES_H

#include "daemon/flow/flow.h"

/* The object with its `code_names`, code to names in both languages, when it holds codes of a
 * long list; else as it was. */
const char *names_beside(struct flow *f, const char *json);

#endif
