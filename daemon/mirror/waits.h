/*
 * Who waits for a position of the outbox to be in the mirror.
 */
#ifndef DAEMON_MIRROR_WAITS_H
#define DAEMON_MIRROR_WAITS_H

#include "daemon/base/status.h"

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct waits;
struct waits *waits_new(struct event_base *base);
void waits_free(struct waits *w); /* nobody may be waiting */

/* Completes once, from the loop: OK when it is served, E_TIMEOUT after `ms`. */
void waits_add(struct waits *w, uint64_t xid, uint64_t id, unsigned ms, struct done done);
/* Something has come: whose position is in by now goes on. */
void waits_serve(struct waits *w, bool (*is_in)(void *arg, uint64_t xid, uint64_t id),
    void *arg);
void waits_end(struct waits *w); /* E_TIMEOUT for all: nothing more will come */

#endif
