/*
 * Limits: a bucket a key, a count an address (uthash).
 *
 * It owns both tables of one worker and refuses to know requests.  A bucket is one
 * instant, the one at which it will be full again, so nothing has to be refilled and a
 * full one can be forgotten.  Each worker counts for itself, since a connection stays
 * with its worker; with several, a key that spreads its connections has as much from
 * each.  (The analyser follows uthash's macros into a table that was freed with its
 * last entry, and is told not to.)
 */
#include "daemon/http/limits.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "daemon/base/oom.h"
#include "daemon/flow/request.h"

#define BUCKETS_KEPT 4096 /* then those that are full again go */

struct bucket {
	char kid[20];
	int64_t full_at_us;
	UT_hash_handle hh;
};

struct holder {
	struct address address;
	int connections;
	UT_hash_handle hh;
};

struct limits {
	struct bucket *buckets;
	struct holder *holders;
};

struct limits *limits_new(void)
{
	return must_alloc(sizeof(struct limits));
}

static void forget_full(struct limits *l, int64_t now_us)
{
	struct bucket *b, *next;

	HASH_ITER(hh, l->buckets, b, next)
	{
		if (b->full_at_us > now_us)
			continue;
		HASH_DEL(l->buckets, b); /* NOLINT(clang-analyzer-unix.Malloc) */
		free(b);
	}
}

void limits_free(struct limits *l)
{
	struct holder *h, *next;

	if (!l)
		return;
	forget_full(l, INT64_MAX);
	HASH_ITER(hh, l->holders, h, next)
	{
		HASH_DEL(l->holders, h); /* NOLINT(clang-analyzer-unix.Malloc) */
		free(h);
	}
	free(l);
}

static struct bucket *bucket_of(struct limits *l, const char *kid, int64_t now_us)
{
	struct bucket *b;

	HASH_FIND_STR(l->buckets, kid, b);
	if (b)
		return b;
	if (HASH_COUNT(l->buckets) >= BUCKETS_KEPT)
		forget_full(l, now_us);
	b = must_alloc(sizeof(*b));
	memcpy(b->kid, kid, strnlen(kid, sizeof(b->kid) - 1));
	HASH_ADD_STR(l->buckets, kid, b); /* NOLINT(clang-analyzer-unix.Malloc) */
	return b;
}

static unsigned seconds(int64_t us)
{
	return us <= 0 ? 0 : (unsigned)((us + 999999) / 1000000);
}

bool limits_take(struct limits *l, const struct principal *who, int64_t now_us,
    struct allowance *out)
{
	int64_t one, all, owed;
	struct bucket *b;
	bool taken;

	*out = (struct allowance){ 0 };
	if (who->rate <= 0 || who->burst <= 0)
		return true;
	one = 1000000 / who->rate;
	all = one * who->burst;
	b = bucket_of(l, who->kid, now_us);
	if (b->full_at_us < now_us)
		b->full_at_us = now_us;
	taken = b->full_at_us - now_us + one <= all;
	if (taken)
		b->full_at_us += one;
	owed = b->full_at_us - now_us;
	*out = (struct allowance){
		.quota = (unsigned)who->burst,
		.window_s = seconds(all),
		.remaining = (unsigned)((all - owed) / one),
		.reset_s = seconds(owed),
		.retry_s = taken ? 0 : seconds(owed + one - all),
	};
	return taken;
}

/* IPv4 in its whole, IPv6 by its network: a host has a whole one to choose from. */
static bool key_of(const struct sockaddr *from, struct address *out)
{
	const struct sockaddr_in *four = (const void *)from;
	const struct sockaddr_in6 *six = (const void *)from;

	*out = (struct address){ { 0 } };
	if (from->sa_family == AF_INET)
		memcpy(out->bytes + 12, &four->sin_addr, 4);
	else if (from->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		memcpy(out->bytes + 12, six->sin6_addr.s6_addr + 12, 4);
	else if (from->sa_family == AF_INET6)
		memcpy(out->bytes, six->sin6_addr.s6_addr, 8);
	else
		return false;
	out->bytes[8] = 1; /* so that no address is the one that nobody has */
	return true;
}

static struct holder *holder_of(struct limits *l, const struct address *a)
{
	struct holder *h;

	HASH_FIND(hh, l->holders, a, sizeof(*a), h);
	return h;
}

int limits_enter(struct limits *l, const struct sockaddr *from, struct address *out)
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

void limits_leave(struct limits *l, const struct address *a)
{
	struct holder *h = holder_of(l, a);

	if (!h || --h->connections > 0)
		return;
	HASH_DEL(l->holders, h);
	free(h);
}
