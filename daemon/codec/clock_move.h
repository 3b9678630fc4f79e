/*
 * Where the operator moves the clock of a sandbox to.
 */
#ifndef DAEMON_CODEC_CLOCK_MOVE_H
#define DAEMON_CODEC_CLOCK_MOVE_H

#include "daemon/codec/codec.h"

body_shape clock_body;

#endif
