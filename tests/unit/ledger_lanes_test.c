/*
 * Which calls go together, without a server: what waits, in which order it goes, and how many
 * at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/accounts.h"
#include "daemon/ledger/call_batch.h"
#include "daemon/ledger/lanes.h"

/* A call in city 4101 that waits; `mark` is its second parameter, and whose it is. */
static struct call *wait_in(struct lanes *l, int number, const char *city, const char *mark)
{
	struct ledger_arg params[CALL_MAX_PARAMS] = { ARG_TEXT(city), ARG_TEXT(mark) };
	uint64_t organisation = number < LEDGER_OPS ? account_number(mark) : 0;
	struct call *c =
	    call_new(number, params, statement_of(number)->n_params, organisation, NULL, NULL);

	lanes_add(l, c, false);
	return c;
}

static struct call *next_of(const struct lanes *l)
{
	return lanes_next(l, (struct room){ true, true });
}

/* The marks of a batch in order, and its end. */
static void end_batch(struct lanes *l, struct call *batch, const char *marks)
{
	char found[256] = "";
	size_t n = 0;
	struct call *c;
	size_t in_lane = batch->in_lane;
	int number = batch->number;
	uint64_t caller = batch->organisation;

	while ((c = batch_take(batch))) {
		assert_true(n < sizeof(found));
		n += (size_t)snprintf(found + n, sizeof(found) - n, "%s", c->values[1]);
		call_free(c);
	}
	call_free(batch);
	lanes_leave(l, number, in_lane, caller);
	assert_string_equal(found, marks);
}

/* A call that travelled by itself is back. */
static void leave(struct lanes *l, struct call *call)
{
	lanes_leave(l, call->number, call->in_lane, call->organisation);
	call_free(call);
}

static void one_alone_is_a_batch_of_one(void **state)
{
	struct lanes l = { 0 };
	struct call *batch;

	(void)state;
	lanes_init(&l, 2, 0);
	wait_in(&l, LEDGER_REGISTER_SEEKER, "4101", "a");
	batch = lanes_take(&l, next_of(&l));
	assert_true(call_is_batch(batch));
	assert_string_equal(batch->values[0], "4101");
	assert_string_equal(batch->values[1], "{\"a\"}");
	assert_null(next_of(&l));
	end_batch(&l, batch, "a");
}

static void what_takes_one_goes_as_it_is(void **state)
{
	struct lanes l = { 0 };
	struct call *first, *second;

	(void)state;
	lanes_init(&l, 2, 0);
	first = wait_in(&l, LEDGER_READ_SEEKER, "4101", "a");
	second = wait_in(&l, LEDGER_READ_SEEKER, "4101", "b");
	assert_ptr_equal(lanes_take(&l, next_of(&l)), first);
	assert_ptr_equal(lanes_take(&l, next_of(&l)), second);
	leave(&l, first);
	leave(&l, second);
}

/* Only calls of one statement and one city go together, and nothing overtakes its like. */
static void a_batch_is_of_one_statement_and_one_city(void **state)
{
	struct lanes l = { 0 };
	struct call *people, *placements, *elsewhere;

	(void)state;
	lanes_init(&l, 2, 0);
	wait_in(&l, LEDGER_REGISTER_SEEKER, "4101", "a");
	wait_in(&l, LEDGER_REPORT_PLACEMENT, "4101", "p");
	wait_in(&l, LEDGER_REGISTER_SEEKER, "4102", "x");
	wait_in(&l, LEDGER_REGISTER_SEEKER, "4101", "b");
	wait_in(&l, LEDGER_REPORT_PLACEMENT, "4101", "q");
	people = lanes_take(&l, next_of(&l));
	placements = lanes_take(&l, next_of(&l));
	elsewhere = lanes_take(&l, next_of(&l));
	assert_int_equal(l.n_waiting, 0);
	end_batch(&l, people, "ab");
	end_batch(&l, placements, "pq");
	end_batch(&l, elsewhere, "x");
}

/* Who comes while all lanes of its statement are taken gathers; others are not held up. */
static void full_lanes_hold_back_their_own_statement_only(void **state)
{
	struct lanes l = { 0 };
	struct call *under_way[3], *other;

	(void)state;
	lanes_init(&l, 2, 0);
	for (int i = 0; i < 3; i++) {
		wait_in(&l, LEDGER_REGISTER_SEEKER, "4101", "a");
		under_way[i] = lanes_take(&l, next_of(&l));
	}
	wait_in(&l, LEDGER_REGISTER_SEEKER, "4101", "b");
	wait_in(&l, LEDGER_REGISTER_SEEKER, "4101", "c");
	assert_null(next_of(&l));
	wait_in(&l, LEDGER_REPORT_PLACEMENT, "4101", "p");
	other = lanes_take(&l, next_of(&l));
	assert_int_equal(other->number, LEDGER_REPORT_PLACEMENT);
	end_batch(&l, other, "p");
	end_batch(&l, under_way[0], "a");
	end_batch(&l, lanes_take(&l, next_of(&l)), "bc");
	end_batch(&l, under_way[1], "a");
	end_batch(&l, under_way[2], "a");
}

/* A lane does not take whoever waits: the next ones get their share. */
static void many_are_shared_out(void **state)
{
	struct lanes l = { 0 };
	struct call *batch[3];

	(void)state;
	lanes_init(&l, 2, 0);
	for (int i = 0; i < 60; i++)
		wait_in(&l, LEDGER_REGISTER_SEEKER, "4101", "a");
	for (int i = 0; i < 3; i++) {
		batch[i] = lanes_take(&l, next_of(&l));
		assert_int_equal(batch[i]->n_members, 20);
	}
	for (int i = 0; i < 3; i++)
		end_batch(&l, batch[i], "aaaaaaaaaaaaaaaaaaaa");
}

/* Each kind goes where there is room for it, and nothing of the other keeps it. */
static void what_has_no_room_keeps_nobody(void **state)
{
	struct lanes l = { 0 };
	struct call *report, *read;

	(void)state;
	lanes_init(&l, 2, 8);
	report = wait_in(&l, LEDGER_READ_PROGRESS, "4101", "a");
	read = wait_in(&l, LEDGER_READ_SEEKER, "4101", "b");
	assert_null(lanes_next(&l, (struct room){ false, false }));
	assert_ptr_equal(lanes_next(&l, (struct room){ .for_reports = true }), report);
	assert_ptr_equal(lanes_next(&l, (struct room){ .for_others = true }), read);
	leave(&l, lanes_take(&l, read));
	assert_null(lanes_next(&l, (struct room){ .for_others = true }));
	leave(&l, lanes_take(&l, report));
	assert_null(l.owners);
}

/* Of those that have as many under way, who was served longest ago goes next. */
static void who_was_served_longest_ago_goes_next(void **state)
{
	static const char *const order[] = { "a", "b", "c", "a", "b", "c", "a", "a" };
	struct lanes l = { 0 };

	(void)state;
	lanes_init(&l, 2, 8);
	for (int i = 0; i < 4; i++)
		wait_in(&l, LEDGER_READ_SEEKER, "4101", "a");
	for (int i = 0; i < 2; i++)
		wait_in(&l, LEDGER_FILE_RETURN, "4101", "b");
	for (int i = 0; i < 2; i++)
		wait_in(&l, LEDGER_READ_SEEKER, "4101", "c");
	for (int i = 0; i < 8; i++) {
		struct call *sent = lanes_take(&l, next_of(&l));

		assert_string_equal(sent->values[1], order[i]);
		leave(&l, sent);
	}
	assert_null(l.owners);
}

/* Lists of any kind share a number of places; nobody else waits behind those that wait. */
static void lists_have_a_share(void **state)
{
	struct lanes l = { 0 };
	struct call *under_way[2], *other, *third;

	(void)state;
	lanes_init(&l, 2, 0);
	wait_in(&l, LEDGER_LIST_SEEKERS, "4101", "a");
	wait_in(&l, LEDGER_READ_PROGRESS, "4101", "b");
	third = wait_in(&l, LEDGER_SEARCH_VACANCIES, "4101", "c");
	other = wait_in(&l, LEDGER_READ_SEEKER, "4101", "d");
	assert_ptr_equal(lanes_take(&l, next_of(&l)), other); /* it came last */
	for (int i = 0; i < 2; i++)
		under_way[i] = lanes_take(&l, next_of(&l));
	assert_true(lanes_are_full(&l, third));
	assert_null(next_of(&l));
	assert_int_equal(l.n_reports_waiting, 1);
	leave(&l, other);
	assert_null(next_of(&l));
	leave(&l, under_way[0]);
	assert_ptr_equal(lanes_take(&l, next_of(&l)), third);
	assert_int_equal(l.n_reports_waiting, 0);
	leave(&l, under_way[1]);
	leave(&l, third);
	assert_int_equal(l.n_reports, 0);
}

/* One caller's lists have half of the places, and leave them as they end. */
static void a_caller_has_half_of_the_share(void **state)
{
	struct lanes l = { 0 };
	struct call *first, *second, *third, *others;

	(void)state;
	lanes_init(&l, 2, 0);
	first = wait_in(&l, LEDGER_LIST_SEEKERS, "4101", "a");
	second = wait_in(&l, LEDGER_LIST_LOOKS, "4101", "a");
	others = wait_in(&l, LEDGER_LIST_LOOKS, "4101", "b");
	assert_false(lanes_have_no_place(&l, others, 16));
	assert_ptr_equal(lanes_take(&l, next_of(&l)), first);
	assert_true(lanes_are_full(&l, second));
	/* Of sixteen that may wait four may be lists, two of them one caller's. */
	third = wait_in(&l, LEDGER_LIST_SEEKERS, "4101", "a");
	assert_true(lanes_have_no_place(&l, third, 16));
	assert_false(lanes_have_no_place(&l, third, 20));
	assert_false(lanes_have_no_place(&l, others, 16));
	assert_ptr_equal(lanes_take(&l, next_of(&l)), others);
	assert_true(lanes_have_no_place(&l, others, 8));
	assert_null(next_of(&l));
	leave(&l, others);
	assert_null(next_of(&l));
	leave(&l, first);
	assert_ptr_equal(lanes_take(&l, next_of(&l)), second);
	leave(&l, second);
	assert_ptr_equal(lanes_take(&l, next_of(&l)), third);
	leave(&l, third);
	assert_int_equal(l.n_reports, 0);
}

/* However much one asks for, who comes next finds a place, and waits behind nobody's heap. */
static void one_that_floods_keeps_nobody_waiting(void **state)
{
	struct lanes l = { 0 };
	struct call *flood[40], *sent[4], *other, *own;
	size_t n = 0;

	(void)state;
	lanes_init(&l, 2, 2);
	for (int i = 0; i < 40; i++)
		flood[i] = wait_in(&l, LEDGER_READ_SEEKER, "4101", "greedy");
	while ((other = next_of(&l)))
		sent[n++] = lanes_take(&l, other);
	assert_int_equal(n, 2);
	assert_int_equal(l.n_waiting, 38);
	/* The flood has its part of the queue; another has room, and goes at once. */
	assert_true(lanes_have_no_place(&l, flood[39], 76));
	assert_false(lanes_have_no_place(&l, flood[39], 78));
	other = wait_in(&l, LEDGER_FILE_RETURN, "4101", "modest");
	assert_false(lanes_have_no_place(&l, other, 4));
	assert_ptr_equal(lanes_take(&l, next_of(&l)), other);
	assert_null(next_of(&l));
	/* What is our own has no share. */
	own = wait_in(&l, STATEMENT_HEARTBEAT, "4101", "");
	assert_ptr_equal(lanes_take(&l, next_of(&l)), own);
	leave(&l, own);
	leave(&l, other);
	/* Each that comes back lets one go, the oldest. */
	for (int i = 0; i < 38; i++) {
		leave(&l, sent[i % 2]);
		sent[i % 2] = lanes_take(&l, next_of(&l));
		assert_ptr_equal(sent[i % 2], flood[i + 2]);
		assert_null(next_of(&l));
	}
	leave(&l, sent[0]);
	leave(&l, sent[1]);
	assert_int_equal(l.n_waiting, 0);
	assert_null(l.owners);
}

/* Whoever has the fewest under way goes next, and of one's own a list goes last. */
static void turns_go_round(void **state)
{
	static const char *const order[] = { "a", "b", "c", "a", "b", "a", "a" };
	static const int numbers[] = { LEDGER_READ_SEEKER, LEDGER_READ_SEEKER,
		LEDGER_SEARCH_VACANCIES, LEDGER_READ_SEEKER, LEDGER_READ_SEEKER,
		LEDGER_READ_SEEKER, LEDGER_LIST_SEEKERS };
	struct lanes l = { 0 };
	struct call *sent[7];

	(void)state;
	lanes_init(&l, 2, 8);
	wait_in(&l, LEDGER_LIST_SEEKERS, "4101", "a");
	for (int i = 0; i < 3; i++)
		wait_in(&l, LEDGER_READ_SEEKER, "4101", "a");
	wait_in(&l, LEDGER_SEARCH_VACANCIES, "4101", "c");
	for (int i = 0; i < 2; i++)
		wait_in(&l, LEDGER_READ_SEEKER, "4101", "b");
	for (int i = 0; i < 7; i++) {
		sent[i] = lanes_take(&l, next_of(&l));
		assert_string_equal(sent[i]->values[1], order[i]);
		assert_int_equal(sent[i]->number, numbers[i]);
	}
	assert_null(next_of(&l));
	for (int i = 0; i < 7; i++)
		leave(&l, sent[i]);
}

static void one_that_failed_in_a_batch_goes_alone(void **state)
{
	struct lanes l = { 0 };
	struct call *alone;

	(void)state;
	lanes_init(&l, 2, 0);
	alone = wait_in(&l, LEDGER_REGISTER_SEEKER, "4101", "a");
	alone->is_alone = true;
	wait_in(&l, LEDGER_REGISTER_SEEKER, "4101", "b");
	end_batch(&l, lanes_take(&l, next_of(&l)), "a");
	end_batch(&l, lanes_take(&l, next_of(&l)), "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_alone_is_a_batch_of_one),
		cmocka_unit_test(what_takes_one_goes_as_it_is),
		cmocka_unit_test(a_batch_is_of_one_statement_and_one_city),
		cmocka_unit_test(full_lanes_hold_back_their_own_statement_only),
		cmocka_unit_test(many_are_shared_out),
		cmocka_unit_test(what_has_no_room_keeps_nobody),
		cmocka_unit_test(who_was_served_longest_ago_goes_next),
		cmocka_unit_test(lists_have_a_share),
		cmocka_unit_test(a_caller_has_half_of_the_share),
		cmocka_unit_test(one_that_floods_keeps_nobody_waiting),
		cmocka_unit_test(turns_go_round),
		cmocka_unit_test(one_that_failed_in_a_batch_goes_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
