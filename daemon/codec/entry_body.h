/*
 * An entry of a register (daemon/tables/registers.h): as it is recorded, what is changed of
 * it, how it ends.  Whose entry it is, the codec says.
 */
#ifndef DAEMON_CODEC_ENTRY_BODY_H
#define DAEMON_CODEC_ENTRY_BODY_H

#include "daemon/codec/codec.h"

body_shape entry_body, entry_change_body, entry_end_body;

/* "2007", "2007Q2", "2007-03": a year, a quarter or a month. */
#define PERIOD_FORM "a year, a quarter or a month: 2007, 2007Q2, 2007-03"
bool codec_period(const char *text);

#endif
