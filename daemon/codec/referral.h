/*
 * Referrals and the licences of agencies.
 */
#ifndef DAEMON_CODEC_REFERRAL_H
#define DAEMON_CODEC_REFERRAL_H

#include "daemon/codec/codec.h"

body_shape agency_body, referral_body;
/* Of one of a referral's verbs: "consent", "refuse", "accept", ... */
body_shape *referral_step_body(const char *verb);

#endif
