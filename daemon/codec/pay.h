/*
 * Pay as fen a month of the stated weekly hours, by integer arithmetic, rounded
 * down: an hour's by weekly_hours * 52 / 12, a day's (eight hours) by
 * weekly_hours / 8 * 52 / 12.  A month's and a piece-worker's stand as stated.
 */
#ifndef DAEMON_CODEC_PAY_H
#define DAEMON_CODEC_PAY_H

#include <stdint.h>

struct arena;

enum pay_period { PAY_HOUR, PAY_DAY, PAY_MONTH, PAY_PIECE };
/* 0 for pay by the piece: it cannot be compared. */
int64_t codec_pay_month(int64_t fen, enum pay_period period, int weekly_hours);
/* "1200–1500元/月"; min 0: none stated. */
const char *codec_pay_text(struct arena *a, int64_t min, int64_t max, enum pay_period period);

#endif
