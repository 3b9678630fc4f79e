/*
 * Limits: an account a key and an organisation, a count an address (uthash).
 *
 * It owns the table of one worker's addresses and refuses to know requests.  A key has an
 * account, and its organisation another on which all its keys draw, at the rate of the fastest:
 * that one is charged with the requests and with the work that they were.  All workers share
 * them.  (The analyser follows uthash's macros into a table that was freed with its last entry,
 * and is told not to.)
 */
#include "daemon/http/limits.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "daemon/base/accounts.h"
#include "daemon/base/hash.h"
#include "daemon/base/oom.h"
#include "daemon/flow/request.h"

struct holder {
	struct network address;
	int connections;
	UT_hash_handle hh;
};

struct limits {
	int64_t work_us; /* of one request; 0: work is not counted */
	struct holder *holders;
};

struct limits *limits_new(int64_t work_us)
{
	struct limits *l = must_alloc(sizeof(*l));

	l->work_us = work_us;
	return l;
}

void limits_free(struct limits *l)
{
	struct holder *h, *next;

	if (!l)
		return;
	HASH_ITER(hh, l->holders, h, next)
	{
		HASH_DEL(l->holders, h); /* NOLINT(clang-analyzer-unix.Malloc) */
		free(h);
	}
	free(l);
}

static unsigned seconds(int64_t us)
{
	return us <= 0 ? 0 : (unsigned)((us + 999999) / 1000000);
}

typedef bool account_ask(uint64_t, enum account_kind, const struct account_terms *, int64_t,
    int64_t *);

/* One more of so many a second; *out says what is left. */
static bool ask(account_ask *has_room, uint64_t whose, int rate, int burst, int64_t work_us,
    int64_t now_us, struct allowance *out)
{
	const int64_t one = 1000000 / rate, most = one * burst;
	const struct account_terms terms = { .each_us = one,
		.times = work_us ? one : 0,
		.of = work_us,
		.most_us = most };
	int64_t owed;
	bool has = has_room(whose, FOR_REQUESTS, &terms, now_us, &owed);

	*out = (struct allowance){
		.quota = (unsigned)burst,
		.window_s = seconds(most),
		.remaining = owed < most ? (unsigned)((most - owed) / one) : 0,
		.reset_s = seconds(owed),
		.retry_s = has ? 0 : seconds(owed + one - most),
	};
	return has;
}

/* The key's account and its organisation's. */
static bool ask_both(account_ask *has_room, const struct limits *l, const struct principal *who,
    int64_t now_us, struct allowance *out)
{
	struct allowance all;
	bool has =
	    ask(has_room, account_number(who->kid), who->rate, who->burst, 0, now_us, out);

	if (who->organisation_rate <= 0 || who->organisation_burst <= 0)
		return has;
	if (!ask(has_room, account_number(who->organisation), who->organisation_rate,
		who->organisation_burst, l->work_us, now_us, &all))
		has = false;
	/* What all keys together have left, this one has at most; it waits for both. */
	if (all.remaining < out->remaining)
		out->remaining = all.remaining;
	if (all.reset_s > out->reset_s)
		out->reset_s = all.reset_s;
	if (all.retry_s > out->retry_s)
		out->retry_s = all.retry_s;
	return has;
}

bool limits_take(struct limits *l, const struct principal *who, int64_t now_us,
    struct allowance *out)
{
	*out = (struct allowance){ 0 };
	if (who->rate <= 0 || who->burst <= 0)
		return true;
	/* What the one refuses is not charged to the other. */
	return ask_both(account_look, l, who, now_us, out) &&
	       ask_both(account_take, l, who, now_us, out);
}

bool limits_is_late(const struct principal *who, int64_t now_us)
{
	/* A fifth of a processor, and twenty milliseconds saved: of 64 connections that ask at
	 * once not all are before another's. */
	static const struct account_terms terms = { .times = 5, .of = 1, .most_us = 100000 };
	int64_t owed;

	return !account_take(account_number(who->organisation), FOR_TURNS, &terms, now_us,
	    &owed);
}

/* IPv4 in its whole, IPv6 by its network: a host has a whole one to choose from. */
static bool key_of(const struct sockaddr *from, struct network *out)
{
	*out = (struct network){ .bits = 0 };
	if (!network_of(from, out))
		return false;
	*out = network_around(out, 32, 64);
	return true;
}

static struct holder *holder_of(struct limits *l, const struct network *a)
{
	struct holder *h;

	HASH_FIND(hh, l->holders, a, sizeof(*a), h);
	return h;
}

int limits_enter(struct limits *l, const struct sockaddr *from, struct network *out)
{
	struct holder *h;

	if (!key_of(from, out))
		return 0;
	h = holder_of(l, out);
	if (!h) {
		h = must_alloc(sizeof(*h));
		h->address = *out;
		HASH_ADD(hh, l->holders, address, sizeof(h->address), h);
	}
	return ++h->connections;
}

void limits_leave(struct limits *l, const struct network *a)
{
	struct holder *h = holder_of(l, a);

	if (!h || --h->connections > 0)
		return;
	HASH_DEL(l->holders, h);
	free(h);
}

bool limits_may_agree(const struct network *a, int most, int64_t now_us)
{
	const int64_t one = most > 0 ? 1000000 / most : 0;
	const struct account_terms terms = { .each_us = one, .most_us = 2 * one * most };
	int64_t owed;

	return most <= 0 || account_take(hash_bytes(HASH_BEGIN, a->bytes, sizeof(a->bytes)),
				FOR_HANDSHAKES, &terms, now_us, &owed);
}
