/*
 * Public-welfare posts, as a district approves them.
 */
#ifndef DAEMON_CODEC_POSTS_H
#define DAEMON_CODEC_POSTS_H

#include "daemon/codec/codec.h"

body_shape posts_body;

#endif
