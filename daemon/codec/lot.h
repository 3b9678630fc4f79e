/*
 * The decision about a lot.
 */
#ifndef DAEMON_CODEC_LOT_H
#define DAEMON_CODEC_LOT_H

#include "daemon/codec/codec.h"

body_shape lot_decision_body;

#endif
