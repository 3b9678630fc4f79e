/*
 * Accounts: what one process notes another charges, and nobody's account is another's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/accounts.h"
#include "daemon/base/clock.h"

/* A hundredth of a second each, a tenth saved; work costs twice its time. */
static const struct account_terms terms = { .each_us = 10000,
	.times = 2,
	.of = 1,
	.most_us = 100000 };

static uint64_t numbered(const char *text, int n)
{
	char name[40];

	snprintf(name, sizeof(name), "%s %d", text, n);
	return account_number(name);
}

static int taken_at(uint64_t organisation, int64_t now)
{
	int64_t owed;
	int n = 0;

	while (account_take(organisation, FOR_REQUESTS, &terms, now, &owed))
		n++;
	return n;
}

static void nobody_has_no_number(void **state)
{
	(void)state;
	assert_int_equal(account_number(NULL), 0);
	assert_int_not_equal(account_number(""), 0);
	assert_int_not_equal(account_number("a"), account_number("b"));
}

static void what_one_kind_owes_the_other_does_not(void **state)
{
	uint64_t a = account_number("kinds");
	int64_t now = clock_us(), owed;

	(void)state;
	account_note(a, FOR_REPORTS, 60000);
	assert_int_equal(taken_at(a, now), 10);
	assert_false(account_take(a, FOR_REPORTS, &terms, now, &owed));
	assert_int_equal(owed, 120000);
	assert_true(account_take(a, FOR_REPORTS, &terms, now + 30000, &owed));
}

/* However much was done: a minute beyond the terms is the most. */
static void nobody_is_shut_out_for_ever(void **state)
{
	uint64_t a = account_number("very busy");
	int64_t now = clock_us(), owed;

	(void)state;
	account_note(a, FOR_REQUESTS, INT64_C(3600000000));
	assert_false(account_take(a, FOR_REQUESTS, &terms, now, &owed));
	assert_int_equal(owed, 60100000);
	assert_true(account_take(a, FOR_REQUESTS, &terms, now + 60020000, &owed));
}

static void workers_share_them(void **state)
{
	uint64_t a = account_number("shared");
	int64_t now = clock_us(), owed;
	int how;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		account_note(a, FOR_REQUESTS, 20000);
		_exit(taken_at(a, now) == 6 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &how, 0), pid);
	assert_int_equal(how, 0);
	assert_false(account_take(a, FOR_REQUESTS, &terms, now, &owed));
}

/* A hundred thousand that come and go, a thousand a minute, find room; who owes keeps its
 * account among them as long as it owes. */
static void who_rests_gives_up_the_place(void **state)
{
	uint64_t debtor = account_number("debtor");
	int64_t now = clock_us(), owed;

	(void)state;
	account_note(debtor, FOR_REQUESTS, INT64_C(3600000000));
	assert_false(account_take(debtor, FOR_REQUESTS, &terms, now, &owed));
	for (int i = 0; i < 100; i++) {
		for (int j = 0; j < 1000; j++)
			assert_int_equal(taken_at(numbered("guest", 1000 * i + j), now), 10);
		if (i == 0)
			assert_false(account_take(debtor, FOR_REQUESTS, &terms, now, &owed));
		now += 61000000;
	}
	assert_int_equal(taken_at(debtor, now), 10);
}

static int share(void **state)
{
	(void)state;
	accounts_share();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_has_no_number),
		cmocka_unit_test(what_one_kind_owes_the_other_does_not),
		cmocka_unit_test(nobody_is_shut_out_for_ever),
		cmocka_unit_test(workers_share_them),
		cmocka_unit_test(who_rests_gives_up_the_place),
	};

	return cmocka_run_group_tests(tests, share, NULL);
}
