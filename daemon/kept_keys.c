/*
 * Keys and officers handed on to be kept, and taken up again.
 *
 * It knows where the file is, how old it may be, and no key.  It never waits for a disk to
 * write; to read it does, once, in a worker that serves nobody yet.
 */
#include "daemon/kept_keys.h"

#include <limits.h>
#include <stdio.h>

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/kept_file.h"
#include "daemon/kept_post.h"
#include "daemon/log/log.h"
#include "daemon/parts.h"

#define AGAIN_MS 60000

static const char *whose(const struct kept_keys *k, char *to, size_t size)
{
	const struct config *c = k->parts->config;

	snprintf(to, size, "%d %s", c->city, c->sandbox ? "sandbox" : "production");
	return to;
}

static bool is_kept(const struct kept_keys *k, const struct ledger_kept *now)
{
	bool is_same =
	    now->version == k->last.version && (!now->fixed || now->now_us == k->last.now_us);

	return k->last.heard_ms && is_same && now->heard_ms - k->last.heard_ms < AGAIN_MS;
}

void kept_keys_hand_on(struct kept_keys *k)
{
	struct buf sealed = { 0 };
	struct ledger_kept now;
	struct kept_time at;
	char of[32];

	if (!k->is_keeper || !ledger_kept(k->ledger, &now) || is_kept(k, &now) ||
	    !kept_post_take(k->process))
		return;
	at = kept_time(clock_ms() - now.heard_ms);
	kept_seal(&sealed, k->parts->vault, whose(k, of, sizeof(of)), &now, &at);
	if (sealed.len <= KEPT_MOST) {
		kept_post_put(sealed.data, sealed.len);
	} else {
		kept_post_gone(k->process);
		log_event(LOG_LEVEL_ERROR, "keys.not-kept", "why", "too many", NULL);
	}
	k->last = now;
	buf_free(&sealed);
}

void kept_keys_restore(struct kept_keys *k)
{
	const struct config *c = k->parts->config;
	const struct kept_time now = kept_time(0);
	int64_t most_us = (int64_t)c->keys_kept_s * 1000000, age_us = 0;
	struct ledger_kept kept;
	struct buf plain = { 0 };
	char path[PATH_MAX], age[24], of[32];
	const char *why;

	k->has_looked = true;
	snprintf(path, sizeof(path), "%s/" KEPT_NAME, c->state_dir);
	why = kept_read(path, k->parts->vault, whose(k, of, sizeof(of)), &now, most_us, &plain,
	    &kept, &age_us);
	if (!why && !ledger_restore(k->ledger, &kept, clock_ms() + (most_us - age_us) / 1000))
		why = "another version's";
	buf_free(&plain);
	snprintf(age, sizeof(age), "%lld", (long long)(age_us / 1000000));
	if (why)
		log_event(LOG_LEVEL_WARN, "keys.not-restored", "why", why, NULL);
	else
		log_event(LOG_LEVEL_WARN, "keys.restored", "age_s", age, NULL);
}
