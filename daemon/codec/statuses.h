/*
 * A seeker's dated statuses: all of them, as they are registered; and each by itself.
 */
#ifndef DAEMON_CODEC_STATUSES_H
#define DAEMON_CODEC_STATUSES_H

#include "daemon/codec/codec.h"

body_shape unemployment_body, recognition_body, certificate_body, retirement_body;

/* Retirement, unemployment, recognitions and certificate, out of a seeker's own body. */
void take_statuses(const struct field *top, struct buf *b);

#endif
