/*
 * A household that applies for help, and who belongs to it from another day on.
 */
#ifndef DAEMON_CODEC_HOUSEHOLD_H
#define DAEMON_CODEC_HOUSEHOLD_H

#include "daemon/codec/codec.h"

body_shape household_body, household_change_body;

#endif
