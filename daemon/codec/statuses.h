/*
 * A seeker's dated statuses, for seeker.c and changes.c.
 */
#ifndef DAEMON_CODEC_STATUSES_H
#define DAEMON_CODEC_STATUSES_H

#include "daemon/codec/spot.h"

/* retirement, unemployment, recognitions, certificate: read, checked, written coded. */
void read_statuses(const struct spot *top, struct buf *b);
/* The member "unemployment" alone, or null. */
void read_unemployment(const struct spot *top, struct buf *b);

#endif
