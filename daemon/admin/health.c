/*
 * GET /livez, GET /readyz, GET /metrics: how this worker is.
 *
 * Nothing is asked of PostgreSQL or Redis here: an answer about a back-end that
 * is away must not wait for it.  Losing one of the two leaves the daemon ready,
 * because one still serves (matches from the mirror, or writes into the
 * ledger); losing both, or never having had both, does not.
 */
#include "daemon/admin/admin_plans.h"
#include "daemon/admin/figures.h"
#include "daemon/base/buf.h"
#include "daemon/board/board.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/mirror.h"

static enum next live(struct flow *f, void *state)
{
	(void)state;
	return flow_reply(f, 200, "{\"live\":true}");
}

static void put_truth(struct buf *b, const char *key, bool value)
{
	buf_key(b, key);
	buf_puts(b, value ? "true" : "false");
}

static void put_number(struct buf *b, const char *key, int64_t value)
{
	buf_key(b, key);
	buf_putd(b, value);
}

static void put_ledger(struct buf *b, const struct ledger *l)
{
	int64_t horizon_ms, instant;
	char text[11];
	int pid, day;
	bool fixed;

	buf_key(b, "ledger");
	buf_putc(b, '{');
	put_truth(b, "up", ledger_is_up(l));
	put_truth(b, "applier_up", ledger_role_is_up(l, LEDGER_APPLIER));
	put_truth(b, "admin_up", ledger_role_is_up(l, LEDGER_ADMIN));
	put_number(b, "waiting", (int64_t)ledger_waiting(l));
	if (ledger_clock(l, &day, &instant, &fixed)) {
		day_print(day, text);
		buf_key(b, "day");
		buf_json(b, text);
		put_truth(b, "clock_fixed", fixed);
	}
	put_truth(b, "keys_kept", ledger_goes_by_kept(l));
	ledger_horizon(l, &horizon_ms, &pid);
	put_number(b, "horizon_age_ms", horizon_ms);
	buf_key(b, "horizon_pid");
	if (pid)
		buf_putd(b, pid);
	else
		buf_puts(b, "null");
	buf_putc(b, '}');
}

static void put_mirror(struct buf *b, const struct mirror *m)
{
	buf_key(b, "mirror");
	buf_putc(b, '{');
	put_truth(b, "ready", mirror_is_ready(m));
	put_truth(b, "following", mirror_is_following(m));
	put_number(b, "age_ms", mirror_age_ms(m));
	put_number(b, "seq", (int64_t)mirror_seq(m));
	put_number(b, "vacancies", (int64_t)index_count_vacancies(mirror_index(m)));
	put_number(b, "seekers", (int64_t)index_count_seekers(mirror_index(m)));
	buf_key(b, "resync");
	buf_json(b, mirror_why(m));
	buf_putc(b, '}');
}

static enum next ready(struct flow *f, void *state)
{
	const struct admin *a = flow_admin(f);
	bool board_up = board_is_up(a->board);
	bool ledger_up = ledger_is_up(a->app.ledger);
	bool is_ready = !a->is_draining && ledger_is_ready(a->app.ledger) &&
			mirror_is_ready(a->app.mirror) && (board_up || ledger_up);
	struct buf b = { 0 };

	(void)state;
	buf_putc(&b, '{');
	put_truth(&b, "ready", is_ready);
	put_truth(&b, "degraded", is_ready && !(board_up && ledger_up));
	put_truth(&b, "draining", a->is_draining);
	buf_key(&b, "version");
	buf_json(&b, VACANCYD_VERSION);
	put_number(&b, "city", a->app.city);
	buf_key(&b, "policy");
	buf_json(&b, a->app.policy->version);
	put_ledger(&b, a->app.ledger);
	buf_key(&b, "board");
	buf_putc(&b, '{');
	put_truth(&b, "up", board_up);
	buf_putc(&b, '}');
	put_mirror(&b, a->app.mirror);
	buf_putc(&b, '}');
	return admin_reply(f, is_ready ? 200 : 503, "application/json", &b);
}

static void put_certificate(struct buf *b, int64_t until)
{
	static const char name[] = "tls_certificate_expiry_timestamp_seconds";

	if (!until)
		return;
	metrics_put_head(b, name, "When the certificate expires, since 1970.", "gauge");
	metrics_put_line(b, name, NULL, until, 0);
}

static enum next write_metrics(struct flow *f, void *state)
{
	const struct admin *a = flow_admin(f);
	struct buf b = { 0 };

	(void)state;
	metrics_measure_process();
	metrics_write(&b);
	put_certificate(&b, a->certificate_until);
	figures_write(a->figures, &b);
	return admin_reply(f, 200, "text/plain; version=0.0.4; charset=utf-8", &b);
}

const struct plan get_livez = {
	.name = "GET livez",
	.state_size = 1,
	.steps = { { "live", live } },
};

const struct plan get_readyz = {
	.name = "GET readyz",
	.state_size = 1,
	.steps = { { "ready", ready } },
};

const struct plan get_metrics = {
	.name = "GET metrics",
	.state_size = 1,
	.steps = { { "write", write_metrics } },
};
