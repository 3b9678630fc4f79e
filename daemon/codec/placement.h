/*
 * What is said about a placement, from its report to its end.
 */
#ifndef DAEMON_CODEC_PLACEMENT_H
#define DAEMON_CODEC_PLACEMENT_H

#include "daemon/codec/codec.h"

#define PLACEMENTS_MAX 200 /* of one batch */

body_shape placement_body, registration_body, withdrawal_body, voiding_body, undoing_body;
body_shape decision_body;

/* A list of placements, up to PLACEMENTS_MAX: [{"key","body"}], or {"errors"} for one that is
 * wrong. */
enum read_result codec_read_placements(const struct codec *c, const char *text, size_t len,
    const char **coded);

#endif
