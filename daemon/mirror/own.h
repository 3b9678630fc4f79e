/*
 * This worker's own writes, kept until the board has them too.
 *
 * A position is that of a write in the outbox: (xid, id), as in its token.
 */
#ifndef DAEMON_MIRROR_OWN_H
#define DAEMON_MIRROR_OWN_H

#include "daemon/base/change.h"

#include <stdbool.h>

struct own;
struct own *own_new(void);
void own_free(struct own *o);

/* Copies.  One an entity, the newest. */
void own_put(struct own *o, const struct change *c, uint64_t xid, uint64_t id);
/* The write at this position is ours, and all of it was put. */
void own_note(struct own *o, uint64_t xid, uint64_t id);
/* Whether it was noted.  The oldest of very many are forgotten, with Redis long away. */
bool own_has(const struct own *o, uint64_t xid, uint64_t id);

/* The image in the making has this entity at this version: a copy that is not newer is not
 * to be put over it. */
void own_passed(struct own *o, char entity, uint64_t id, uint64_t version);
/* The image that serves has everything up to here by itself. */
void own_reached(struct own *o, uint64_t xid, uint64_t id);
/* A new image is begun, from what may be an older board than the one that was followed
 * until here: what was passed counts no more. */
void own_again(struct own *o, uint64_t xid, uint64_t id);
/* What an image with everything up to here still lacks. */
void own_each(const struct own *o, uint64_t xid, uint64_t id,
    void (*each)(void *arg, const struct change *c), void *arg);

#endif
