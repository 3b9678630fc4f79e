/*
 * Pay as fen a month of the stated weekly hours, by integer arithmetic, rounded
 * down: an hour's by weekly_hours * 52 / 12, a day's (eight hours) by
 * weekly_hours / 8 * 52 / 12, a week's by 52 / 12, a year's by 1 / 12.  Periods are places in
 * LIST_PAY_PERIODS.
 */
#ifndef DAEMON_CODEC_PAY_H
#define DAEMON_CODEC_PAY_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* Whether the weekly hours must be said with it. */
bool codec_pay_needs_hours(int period);
/* 0 for pay by the piece and pay to be agreed: they cannot be compared. */
int64_t codec_pay_month(int64_t fen, int period, int weekly_hours);
/* "1200–1500元/月", "1200元/月起", "面议"; 0: that one is not stated. */
const char *codec_pay_text(struct arena *a, int64_t min, int64_t max, int period);

#endif
