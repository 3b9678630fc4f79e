/*
 * What ends or voids a thing, and why.
 */
#ifndef DAEMON_CODEC_CHANGES_H
#define DAEMON_CODEC_CHANGES_H

#include "daemon/codec/codec.h"

body_shape leaving_body, recovery_body, household_end_body, job_end_body;
body_shape fact_void_body, inspection_body, seeker_return_body, merge_body;

#endif
