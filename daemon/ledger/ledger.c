/*
 * The ledger as a whole: its parts, its clock, and who a key belongs to.
 *
 * The pools are freed first, so that every call has been answered before the
 * parts that may be waiting for one go.
 */
#include "daemon/ledger/ledger.h"

#include <stdlib.h>

#include <event2/event.h>

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/heartbeat.h"
#include "daemon/ledger/key_cache.h"
#include "daemon/ledger/key_news.h"
#include "daemon/ledger/ledger_parts.h"
#include "daemon/ledger/pool.h"
#include "daemon/ledger/statements.h"
#include "daemon/metrics/metrics.h"

#define DAY_SECONDS       86400
#define SHANGHAI_SECONDS  28800 /* +08:00; no summer time since 1991 */
#define DAYS_1970_TO_2000 10957
#define HEARD_MS          1000 /* a beat that old is news no more */

static void on_keys_changed(void *arg, int64_t version, int64_t asked_ms)
{
	struct ledger *l = arg;

	l->keys_version = version;
	keys_follow(l->keys, version);
	if (asked_ms && keys_are_of(l->keys, version))
		key_news_known(l->process, asked_ms);
}

static void on_key_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ledger_end_key_waits(arg, false);
}

struct ledger *ledger_new(struct event_base *base, const struct ledger_config *c)
{
	struct ledger *l = must_alloc(sizeof(*l));
	struct heartbeat_config beat = { .city = c->city,
		.sandbox = c->sandbox,
		.process = c->process,
		.keys_changed = on_keys_changed,
		.arg = l };

	l->base = base;
	l->process = c->process;
	l->report_terms = (struct account_terms){ .times = c->report_percent ? 100 : 0,
		.of = c->report_percent,
		.most_us = c->report_percent
			       ? (int64_t)c->report_saved_ms * 1000 * 100 / c->report_percent
			       : 0 };
	TAILQ_INIT(&l->key_waits);
	l->key_timer = evtimer_new(base, on_key_timer, l);
	if (!l->key_timer)
		abort();
	LIST_INIT(&l->copies);
	for (int i = 0; i < LEDGER_ROLES; i++)
		l->pools[i] = i == LEDGER_REQUEST || c->as[i]
				  ? pool_new(base, c, (enum ledger_role)i)
				  : l->pools[LEDGER_REQUEST];
	l->keys = keys_new(l->pools[LEDGER_REQUEST], c->city, c->hash_secret);
	if (c->keeps_keys)
		keys_keep(l->keys);
	l->heartbeat = heartbeat_new(base, l->pools[LEDGER_REQUEST], &beat);
	return l;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	while (!LIST_EMPTY(&l->copies))
		ledger_copy_stop(LIST_FIRST(&l->copies));
	for (int i = LEDGER_ROLES - 1; i >= 0; i--)
		if (i == LEDGER_REQUEST || l->pools[i] != l->pools[LEDGER_REQUEST])
			pool_free(l->pools[i]);
	ledger_end_key_waits(l, true);
	event_free(l->key_timer);
	heartbeat_free(l->heartbeat);
	keys_free(l->keys);
	free(l);
}

struct pool *ledger_pool_of(const struct ledger *l, int statement)
{
	return l->pools[statement_of(statement)->role];
}

bool ledger_role_is_up(const struct ledger *l, enum ledger_role role)
{
	return pool_is_up(l->pools[role]);
}

bool ledger_is_up(const struct ledger *l)
{
	return ledger_role_is_up(l, LEDGER_REQUEST);
}

bool ledger_is_of_other_kind(const struct ledger *l)
{
	return heartbeat_is_of_other_kind(l->heartbeat);
}

bool ledger_is_ready(const struct ledger *l)
{
	return keys_are_known(l->keys);
}

size_t ledger_waiting(const struct ledger *l)
{
	return pool_waiting(l->pools[LEDGER_REQUEST]);
}

const struct principal *ledger_find_principal(struct ledger *l, const char *id,
    const char *secret)
{
	int64_t now_us = 0;
	bool fixed, known = heartbeat_now(l->heartbeat, &now_us, &fixed);
	const struct principal *p = keys_find(l->keys, id, secret, now_us);

	return known ? p : NULL;
}

const struct principal *ledger_find_officer(struct ledger *l, const char *id,
    const char *secret)
{
	int64_t now_us = 0;
	bool fixed, known = heartbeat_now(l->heartbeat, &now_us, &fixed);
	const struct principal *p = keys_find_officer(l->keys, id, secret, now_us);

	return known ? p : NULL;
}

bool ledger_recognises(const struct ledger *l, const char *code)
{
	return keys_recognise(l->keys, code);
}

bool ledger_knows_keys(const struct ledger *l)
{
	return keys_are_current(l->keys);
}

bool ledger_kept(const struct ledger *l, struct ledger_kept *out)
{
	const struct buf *keys = keys_kept(l->keys, &out->version);

	out->keys = keys->data;
	out->len = keys->len;
	return keys->len && keys_are_of(l->keys, l->keys_version) &&
	       heartbeat_heard(l->heartbeat, &out->now_us, &out->fixed, &out->heard_ms) &&
	       clock_ms() - out->heard_ms < HEARD_MS;
}

bool ledger_restore(struct ledger *l, const struct ledger_kept *kept, int64_t until_ms)
{
	if (!keys_restore(l->keys, kept->keys, kept->len, until_ms))
		return false;
	heartbeat_restore(l->heartbeat, kept->now_us, kept->fixed);
	return true;
}

bool ledger_goes_by_kept(const struct ledger *l)
{
	return keys_are_kept(l->keys);
}

bool ledger_clock(const struct ledger *l, int *day_2000, int64_t *unix_seconds, bool *fixed)
{
	int64_t now_us, local;

	if (!heartbeat_now(l->heartbeat, &now_us, fixed))
		return false;
	/* Whole seconds and days downwards; the ledger's past reaches before 2000, not 1970. */
	*unix_seconds = now_us / 1000000;
	local = *unix_seconds + SHANGHAI_SECONDS;
	*day_2000 = (int)(local / DAY_SECONDS) - DAYS_1970_TO_2000;
	return true;
}

unsigned ledger_wait_s(const struct ledger *l, enum ledger_op op, const char *organisation)
{
	int64_t owed_us;

	if (statement_of(op)->work != WORK_REPORT || !l->report_terms.times ||
	    account_take(account_number(organisation), FOR_REPORTS, &l->report_terms,
		clock_us(), &owed_us))
		return 0;
	metric_add(M_REPORTS_LIMITED, 1);
	return (unsigned)((owed_us - l->report_terms.most_us) / 1000000 + 1);
}

void ledger_follow_clock(struct ledger *l, struct done done)
{
	heartbeat_follow(l->heartbeat, done);
}

void ledger_prepare(int processes)
{
	accounts_share();
	key_news_share(processes);
	heartbeat_share_moves();
}

void ledger_horizon(const struct ledger *l, int64_t *age_ms, int *pid)
{
	heartbeat_horizon(l->heartbeat, age_ms, pid);
}

void ledger_on_commit(struct ledger *l, void (*fn)(void *arg), void *arg)
{
	l->on_commit = fn;
	l->on_commit_arg = arg;
}
