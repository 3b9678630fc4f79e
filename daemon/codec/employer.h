/*
 * An employer: its name, its kind, and the districts it files to.
 */
#ifndef DAEMON_CODEC_EMPLOYER_H
#define DAEMON_CODEC_EMPLOYER_H

#include "daemon/codec/codec.h"

body_shape employer_body;

#endif
