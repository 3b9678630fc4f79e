/*
 * Accounts: a table in shared memory, without locks.
 *
 * It owns places and instants, and knows no key, no request and no statement.  Two workers
 * that come to one place at the same moment may lose what one of them notes then: a
 * microsecond's work, never somebody else's account.  Who owes nothing and was not heard of
 * for a minute gives up the place; where all are taken, the newcomer has no account of its
 * own but that of who owes least.
 */
#include "daemon/base/accounts.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "daemon/base/clock.h"
#include "daemon/base/hash.h"

enum { GROUPS = 4096, IN_GROUP = 8 };

#define REST_US      INT64_C(60000000)
#define MOST_DEBT_US INT64_C(60000000) /* beyond the terms: nobody is shut out for longer */

struct account {
	_Atomic uint64_t organisation; /* 0: nobody's yet */
	_Atomic int64_t seen_us;
	_Atomic int64_t until_us[ACCOUNT_KINDS];
	_Atomic int64_t work_us[ACCOUNT_KINDS]; /* noted, not charged */
};

/* One process alone needs no sharing, and few organisations. */
static struct account alone[IN_GROUP];
static struct account *accounts = alone;
static size_t n_groups = 1;

void accounts_share(void)
{
	void *p = mmap(NULL, sizeof(*accounts) * GROUPS * IN_GROUP, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("accounts: mmap");
		exit(1);
	}
	accounts = p;
	n_groups = GROUPS;
}

uint64_t account_number(const char *organisation)
{
	uint64_t number;

	if (!organisation)
		return 0;
	number = hash_text(HASH_BEGIN, organisation);
	return number ^ number >> 32; /* so that the low bits are of all of it */
}

static void begin(struct account *a)
{
	for (int i = 0; i < ACCOUNT_KINDS; i++) {
		atomic_store(&a->until_us[i], 0);
		atomic_store(&a->work_us[i], 0);
	}
}

static int64_t owed_until(struct account *a)
{
	int64_t until = atomic_load(&a->seen_us) + REST_US;

	for (int i = 0; i < ACCOUNT_KINDS; i++)
		if (atomic_load(&a->until_us[i]) > until)
			until = atomic_load(&a->until_us[i]);
	return until;
}

static struct account *account_of(uint64_t organisation, int64_t now_us)
{
	struct account *group = &accounts[organisation % n_groups * IN_GROUP], *free_one = NULL;
	uint64_t whose;

	for (size_t i = 0; i < IN_GROUP; i++) {
		whose = atomic_load(&group[i].organisation);
		if (whose == organisation)
			return &group[i];
		if (!free_one || !whose ||
		    (atomic_load(&free_one->organisation) &&
			owed_until(&group[i]) < owed_until(free_one)))
			free_one = &group[i];
	}
	whose = atomic_load(&free_one->organisation);
	if (whose && owed_until(free_one) > now_us)
		return free_one;
	if (atomic_compare_exchange_strong(&free_one->organisation, &whose, organisation))
		begin(free_one);
	return free_one;
}

void account_note(uint64_t organisation, enum account_kind kind, int64_t work_us)
{
	if (organisation && work_us > 0)
		atomic_fetch_add(&account_of(organisation, clock_us())->work_us[kind], work_us);
}

bool account_take(uint64_t organisation, enum account_kind kind, const struct account_terms *t,
    int64_t now_us, int64_t *owed_us)
{
	struct account *a = account_of(organisation, now_us);
	int64_t work = atomic_exchange(&a->work_us[kind], 0);
	int64_t before = atomic_load(&a->until_us[kind]), after, most = now_us + t->most_us;
	bool taken;

	atomic_store(&a->seen_us, now_us);
	work = t->times ? work * t->times / t->of : 0;
	do {
		after = (before > now_us ? before : now_us) + work;
		if (after > most + MOST_DEBT_US)
			after = most + MOST_DEBT_US;
		taken = after + t->each_us <= most;
		if (taken)
			after += t->each_us;
	} while (!atomic_compare_exchange_weak(&a->until_us[kind], &before, after));
	*owed_us = after - now_us;
	return taken;
}
