/*
 * Whose turn it is to load: a lock on a file that workers have in common.
 */
#ifndef DAEMON_MIRROR_TURN_H
#define DAEMON_MIRROR_TURN_H

#include "daemon/base/status.h"

#include <stdbool.h>

struct turn;
struct turn *turn_new(const char *path); /* NULL: it is always our turn */
void turn_free(struct turn *t);
/* False: it is another's.  When the file cannot be opened it is ours, and the log says so. */
MUST_CHECK bool turn_take(struct turn *t);
void turn_pass_on(struct turn *t); /* also when we do not have it */

#endif
