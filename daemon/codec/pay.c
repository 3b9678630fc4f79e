/*
 * Pay: what was stated, as a month (rules/pay-comparison), and as people read it.
 *
 * Integer arithmetic only; a fraction of a fen is dropped, never rounded up, so
 * a post is never made to look better paid than it was stated.
 */
#include "daemon/codec/pay.h"

#include <stdio.h>

#include "daemon/base/arena.h"

int64_t codec_pay_month(int64_t fen, enum pay_period period, int weekly_hours)
{
	switch (period) {
	case PAY_HOUR:
		return fen * weekly_hours * 52 / 12;
	case PAY_DAY: /* fen * (weekly_hours / 8) * 52 / 12, multiplied first, then divided */
		return fen * weekly_hours * 52 / 8 / 12;
	case PAY_MONTH:
		return fen;
	case PAY_PIECE:
		break;
	}
	return 0;
}

/* "1200", or "7.50" when it is not whole yuan. */
static const char *yuan(struct arena *a, int64_t fen)
{
	if (fen % 100 == 0)
		return arena_printf(a, "%lld", (long long)(fen / 100));
	return arena_printf(a, "%lld.%02d", (long long)(fen / 100), (int)(fen % 100));
}

const char *codec_pay_text(struct arena *a, int64_t min, int64_t max, enum pay_period period)
{
	static const char *const unit[] = { [PAY_HOUR] = "元/小时",
		[PAY_DAY] = "元/天",
		[PAY_MONTH] = "元/月",
		[PAY_PIECE] = "元/月（计件）" };

	if (min > 0 && min < max)
		return arena_printf(a, "%s–%s%s", yuan(a, min), yuan(a, max), unit[period]);
	return arena_printf(a, "%s%s", yuan(a, max), unit[period]);
}
