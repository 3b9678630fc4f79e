/*
 * POST /board/rebuild, POST /board/verify: the board against the ledger.
 *
 * The work is the outbox's; here its report becomes an answer.  Differences
 * are no failure of the request: they are 200 with `differences` above 0.
 */
#include "daemon/admin/admin_plans.h"
#include "daemon/base/buf.h"
#include "daemon/board/board.h"
#include "daemon/flow/problem.h"
#include "daemon/outbox/outbox.h"

static void put_count(struct buf *b, const char *key, uint64_t n)
{
	buf_key(b, key);
	buf_putu(b, n);
}

/* What a failed wait means is known here alone: which back-end was away, that an empty board
 * is being filled, that a position which never stood still will. */
static enum next refuse_wait(struct flow *f)
{
	enum status st = flow_status(f);

	if (st == E_UNAVAILABLE && !board_is_up(flow_admin(f)->board))
		return flow_refuse(f, "board-away", NULL, NULL);
	if (st == E_NOT_FOUND)
		return flow_refuse(f, "mirror-loading", NULL, NULL);
	return flow_refuse(f, st == E_CONFLICT ? "busy" : problem_of_status(st), NULL, NULL);
}

static enum next rebuild(struct flow *f, void *state)
{
	outbox_rebuild(flow_admin(f)->outbox, state, flow_resume(f));
	return STEP_WAIT;
}

static enum next tell_rebuilt(struct flow *f, void *state)
{
	const struct rebuild_report *r = state;
	struct buf b = { 0 };

	if (flow_status(f) != OK)
		return refuse_wait(f);
	buf_putc(&b, '{');
	put_count(&b, "generation", r->generation);
	put_count(&b, "vacancies", r->vacancies);
	put_count(&b, "seekers", r->seekers);
	put_count(&b, "caught_up", r->caught_up);
	put_count(&b, "milliseconds", (uint64_t)r->milliseconds);
	buf_putc(&b, '}');
	return admin_reply(f, 200, "application/json", &b);
}

static enum next verify(struct flow *f, void *state)
{
	outbox_verify(flow_admin(f)->outbox, state, flow_resume(f));
	return STEP_WAIT;
}

static void put_difference(struct buf *b, const struct difference *d)
{
	buf_comma(b);
	buf_putc(b, '{');
	buf_key(b, d->entity == 'v' ? "vacancy" : "seeker");
	buf_printf(b, d->entity == 'v' ? "\"%llu\"" : "\"%016llx\"", (unsigned long long)d->id);
	buf_key(b, "what");
	buf_json(b, d->what);
	buf_putc(b, '}');
}

static enum next tell_verified(struct flow *f, void *state)
{
	const struct verify_report *r = state;
	struct buf b = { 0 };

	if (flow_status(f) != OK)
		return refuse_wait(f);
	buf_putc(&b, '{');
	put_count(&b, "differences", r->n_differences);
	put_count(&b, "vacancies", r->vacancies);
	put_count(&b, "seekers", r->seekers);
	put_count(&b, "generation", r->position.generation);
	put_count(&b, "seq", r->position.seq);
	put_count(&b, "attempts", (uint64_t)r->attempts);
	put_count(&b, "milliseconds", (uint64_t)r->milliseconds);
	buf_key(&b, "first");
	buf_putc(&b, '[');
	for (size_t i = 0; i < r->n_differences && i < VERIFY_MAX_DIFFERENCES; i++)
		put_difference(&b, &r->differences[i]);
	buf_puts(&b, "]}");
	return admin_reply(f, 200, "application/json", &b);
}

const struct plan post_board_rebuild = {
	.name = "POST board rebuild",
	.state_size = sizeof(struct rebuild_report),
	.steps = { { "rebuild", rebuild, .may_fail = true }, { "tell", tell_rebuilt } },
};

const struct plan post_board_verification = {
	.name = "POST board verification",
	.state_size = sizeof(struct verify_report),
	.steps = { { "verify", verify, .may_fail = true }, { "tell", tell_verified } },
};
