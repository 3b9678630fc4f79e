/*
 * Referrals and the licences of agencies.
 */
#ifndef DAEMON_CODEC_REFERRAL_H
#define DAEMON_CODEC_REFERRAL_H

#include "daemon/codec/codec.h"

body_shape agency_body, referral_body;
/* Of its steps: to consent, refuse, decline, fail, withdraw. */
body_shape consent_body, refusal_body, declining_body, failure_body, retreat_body;

#endif
