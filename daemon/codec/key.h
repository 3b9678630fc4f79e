/*
 * What the operator says of a key.
 */
#ifndef DAEMON_CODEC_KEY_H
#define DAEMON_CODEC_KEY_H

#include "daemon/codec/codec.h"

body_shape key_body, rotation_body;

#endif
