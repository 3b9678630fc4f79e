/*
 * Pay: what was stated, as a month (rules/pay-comparison), and as people read it.
 *
 * Integer arithmetic only; a fraction of a fen is dropped, never rounded up, so
 * a post is never made to look better paid than it was stated.
 */
#include "daemon/codec/pay.h"

#include <stdio.h>

#include "daemon/base/arena.h"
#include "daemon/tables/choices.h"

bool codec_pay_needs_hours(int period)
{
	return period == PAY_PERIODS_HOUR || period == PAY_PERIODS_DAY ||
	       period == PAY_PERIODS_PIECE;
}

int64_t codec_pay_month(int64_t fen, int period, int weekly_hours)
{
	switch (period) {
	case PAY_PERIODS_HOUR:
		return fen * weekly_hours * 52 / 12;
	case PAY_PERIODS_DAY: /* fen * (weekly_hours / 8) * 52 / 12, multiplied first */
		return fen * weekly_hours * 52 / 8 / 12;
	case PAY_PERIODS_WEEK:
		return fen * 52 / 12;
	case PAY_PERIODS_MONTH:
		return fen;
	case PAY_PERIODS_YEAR:
		return fen / 12;
	default: /* by the piece, to be agreed */
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

const char *codec_pay_text(struct arena *a, int64_t min, int64_t max, int period)
{
	static const char *const unit[] = { [PAY_PERIODS_HOUR] = "元/小时",
		[PAY_PERIODS_DAY] = "元/天",
		[PAY_PERIODS_WEEK] = "元/周",
		[PAY_PERIODS_MONTH] = "元/月",
		[PAY_PERIODS_YEAR] = "元/年",
		[PAY_PERIODS_PIECE] = "元/月（计件）" };

	if (period == PAY_PERIODS_NEGOTIABLE)
		return "面议";
	if (min > 0 && !max)
		return arena_printf(a, "%s%s起", yuan(a, min), unit[period]);
	if (min > 0 && min < max)
		return arena_printf(a, "%s–%s%s", yuan(a, min), yuan(a, max), unit[period]);
	return arena_printf(a, "%s%s", yuan(a, max), unit[period]);
}
