/*
 * This worker's own writes, kept until the board has them too.
 */
#ifndef DAEMON_MIRROR_OWN_H
#define DAEMON_MIRROR_OWN_H

#include "daemon/base/change.h"

#include <stdbool.h>

struct own;
struct own *own_new(void);
void own_free(struct own *o);
/* Copies.  One an entity, the newest. */
void own_put(struct own *o, const struct change *c);
/* The board has this entity at this version: a copy that is not newer is dropped. */
void own_passed(struct own *o, char entity, uint64_t id, uint64_t version);
void own_each(const struct own *o, void (*each)(void *arg, const struct change *c), void *arg);

#endif
