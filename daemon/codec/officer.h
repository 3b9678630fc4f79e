/*
 * Officers, and what one hands to another.
 */
#ifndef DAEMON_CODEC_OFFICER_H
#define DAEMON_CODEC_OFFICER_H

#include "daemon/codec/codec.h"

body_shape officer_body, officer_change_body, delegation_body, secret_code_body;

#endif
