/*
 * What the ledger makes of what a server says: what errors mean, how rows are
 * read, which servers are taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libpq-fe.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/ledger/hosts.h"
#include "daemon/ledger/load_catalogue.h"
#include "daemon/ledger/read_reply.h"
#include "daemon/ledger/server_check.h"
#include "daemon/ledger/sqlstate.h"
#include "daemon/ledger/statements.h"

/* --- errors --- */

static void every_class_of_errors_has_its_verdict(void **state)
{
	static const struct {
		const char *sqlstate;
		enum verdict verdict;
	} cases[] = {
		{ "", VERDICT_FINE },
		{ "40001", VERDICT_AGAIN },
		{ "40P01", VERDICT_AGAIN },
		{ "55P03", VERDICT_AGAIN },
		{ "57P01", VERDICT_AWAY },
		{ "57P02", VERDICT_AWAY },
		{ "57P03", VERDICT_AWAY },
		{ "08006", VERDICT_AWAY },
		{ "08P01", VERDICT_AWAY },
		{ "25006", VERDICT_AWAY },
		{ "53300", VERDICT_AWAY },
		{ "26000", VERDICT_STALE },
		{ "0A000", VERDICT_STALE },
		{ "57014", VERDICT_LATE },
		{ "53100", VERDICT_FULL },
		{ "53200", VERDICT_FULL },
		{ "58030", VERDICT_FULL },
		{ "40000", VERDICT_DEFECT },
		{ "23505", VERDICT_DEFECT },
		{ "42883", VERDICT_DEFECT },
		{ "P0001", VERDICT_DEFECT },
		{ "XX000", VERDICT_DEFECT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(sqlstate_verdict(cases[i].sqlstate), cases[i].verdict);
}

static void every_statement_has_as_many_parameters_as_it_says(void **state)
{
	(void)state;
	for (int i = 0; i < STATEMENTS; i++) {
		const struct statement *s = statement_of(i);
		char last[8], beyond[8];

		assert_non_null(s->name);
		snprintf(last, sizeof(last), "$%zu", s->n_params);
		snprintf(beyond, sizeof(beyond), "$%zu", s->n_params + 1);
		if (s->n_params)
			assert_non_null(strstr(s->sql, last));
		assert_null(strstr(s->sql, beyond));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(s->name, statement_of(k)->name);
	}
}

/* --- rows --- */

enum { CHAR = 18, INT8 = 20, INT4 = 23, TEXT = 25, BYTEA = 17 };

static PGresult *rows_of(int n, const Oid *types, int format)
{
	PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc columns[8] = { { 0 } };
	char name[] = "c";

	for (int i = 0; i < n; i++)
		columns[i] = (PGresAttDesc){ .name = name,
			.format = format,
			.typid = types[i],
			.typlen = -1 };
	assert_true(PQsetResultAttrs(r, n, columns));
	return r;
}

static void put(PGresult *r, int row, int column, const void *bytes, int n)
{
	char copy[256];

	memcpy(copy, bytes, (size_t)n);
	assert_true(PQsetvalue(r, row, column, copy, n));
}

static void put_null(PGresult *r, int row, int column)
{
	assert_true(PQsetvalue(r, row, column, NULL, -1));
}

static void put_text(PGresult *r, int row, int column, const char *s)
{
	put(r, row, column, s, (int)strlen(s));
}

static void put_number(PGresult *r, int row, int column, uint64_t v, int n)
{
	unsigned char bytes[8];

	for (int i = 0; i < n; i++)
		bytes[i] = (unsigned char)(v >> (8 * (n - 1 - i)));
	put(r, row, column, bytes, n);
}

static const Oid reply_types[] = { CHAR, INT4, TEXT, TEXT, INT8, INT8, BYTEA, TEXT };

static void put_answer(PGresult *r, int row, int status, const char *code, const char *body,
    const char *label)
{
	put_text(r, row, 0, "a");
	put_number(r, row, 1, (uint64_t)status, 4);
	put_text(r, row, 2, code);
	put_text(r, row, 3, body);
	put_null(r, row, 4);
	put_null(r, row, 5);
	put_null(r, row, 6);
	put_text(r, row, 7, label);
}

static void put_record(PGresult *r, int row, const char *kind, uint64_t id, uint64_t version,
    const char *record, const char *label)
{
	put_text(r, row, 0, kind);
	put_null(r, row, 1);
	put_null(r, row, 2);
	put_null(r, row, 3);
	put_number(r, row, 4, id, 8);
	put_number(r, row, 5, version, 8);
	put_text(r, row, 6, record);
	put_text(r, row, 7, label);
}

static void a_reply_is_an_answer_its_changes_and_its_sealed_fields(void **state)
{
	struct arena *a = arena_new();
	PGresult *r = rows_of(8, reply_types, 1);
	struct reply reply;

	(void)state;
	put_answer(r, 0, 201, "ok", "{\"seeker\":\"1\"}", "");
	put_number(r, 0, 4, 9007199254740993u, 8);
	put_number(r, 0, 5, 12, 8);
	put_record(r, 1, "s", (uint64_t)1 << 61, 3, "abc", "");
	put_record(r, 2, "v", 5, 4, "",
	    "保安\x1f某厂\x1f"
	    "800");
	put_record(r, 3, "x", 9, 0, "sealed", "name");
	assert_true(reply_read(r, a, &reply));
	PQclear(r); /* nothing of it is needed any more */
	assert_int_equal(reply.status, 201);
	assert_string_equal(reply.code, "ok");
	assert_string_equal(reply.body, "{\"seeker\":\"1\"}");
	assert_string_equal(reply.position, "9007199254740993.12");
	assert_false(reply.replayed);
	assert_int_equal(reply.n_changes, 2);
	assert_int_equal(reply.changes[0].entity, 's');
	assert_true(reply.changes[0].id == (uint64_t)1 << 61);
	assert_int_equal(reply.changes[0].record.len, 3);
	assert_memory_equal(reply.changes[0].record.data, "abc", 3);
	assert_int_equal(reply.changes[1].record.len, 0);
	assert_string_equal(reply.changes[1].label, "保安\x1f某厂\x1f"
						    "800");
	assert_int_equal(reply.n_sealed, 1);
	assert_string_equal(reply.sealed[0].column, "name");
	assert_int_equal(reply.sealed[0].row, 9);
	assert_memory_equal(reply.sealed[0].bytes.data, "sealed", 6);
	arena_free(a);
}

static void a_refusal_brings_its_members_without_braces(void **state)
{
	static const struct {
		const char *body, *members;
	} cases[] = {
		{ "{}", "" },
		{ "", "" },
		{ " { } ", "" },
		{ "{\"open\":[\"a\"]}", "\"open\":[\"a\"]" },
		{ " { \"a\": {} } \n", "\"a\": {}" },
		{ "[1]", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new();
		PGresult *r = rows_of(8, reply_types, 1);
		struct reply reply;

		put_answer(r, 0, 409, "vacancy-filled", cases[i].body, "replayed");
		assert_true(reply_read(r, a, &reply));
		assert_string_equal(reply.body, cases[i].members);
		assert_string_equal(reply.position, "");
		assert_true(reply.replayed);
		PQclear(r);
		arena_free(a);
	}
}

static void rows_that_are_no_reply_are_refused(void **state)
{
	static const Oid other[] = { CHAR, INT8, TEXT, TEXT, INT8, INT8, BYTEA, TEXT };
	struct arena *a = arena_new();
	struct reply reply;
	PGresult *r;

	(void)state;
	r = rows_of(8, reply_types, 1); /* no answer among none */
	assert_false(reply_read(r, a, &reply));
	put_answer(r, 0, 200, "ok", "{}", "");
	assert_true(reply_read(r, a, &reply));
	put_answer(r, 1, 200, "ok", "{}", ""); /* two answers */
	assert_false(reply_read(r, a, &reply));
	put_record(r, 1, "?", 1, 1, "", ""); /* an unknown kind */
	assert_false(reply_read(r, a, &reply));
	put_record(r, 1, "v", 1, 1, "", "");
	assert_true(reply_read(r, a, &reply));
	put(r, 1, 4, "short", 5); /* a bigint of five bytes */
	assert_false(reply_read(r, a, &reply));
	PQclear(r);
	r = rows_of(8, other, 1); /* another type */
	assert_false(reply_read(r, a, &reply));
	PQclear(r);
	r = rows_of(8, reply_types, 0); /* text instead of binary */
	assert_false(reply_read(r, a, &reply));
	PQclear(r);
	r = rows_of(7, reply_types, 1); /* a column less */
	assert_false(reply_read(r, a, &reply));
	PQclear(r);
	arena_free(a);
}

static void more_sealed_fields_than_a_reply_holds_are_refused(void **state)
{
	struct arena *a = arena_new();
	PGresult *r = rows_of(8, reply_types, 1);
	struct reply reply;

	(void)state;
	put_answer(r, 0, 200, "ok", "{}", "");
	for (int i = 1; i <= REPLY_MAX_SEALED; i++)
		put_record(r, i, "x", 1, 0, "sealed", "name");
	assert_true(reply_read(r, a, &reply));
	put_record(r, REPLY_MAX_SEALED + 1, "x", 1, 0, "sealed", "name");
	assert_false(reply_read(r, a, &reply));
	PQclear(r);
	arena_free(a);
}

/* --- servers --- */

static const char *refusal(const char *recovery, const char *read_only, const char *owns,
    const char *timeline, int *highest)
{
	static const Oid types[] = { TEXT, TEXT, TEXT, INT4, TEXT, TEXT, TEXT, TEXT };
	const char *values[] = { recovery, read_only, owns, timeline, "on", "on", "on", "0" };
	PGresult *r = rows_of(8, types, 0);
	const char *why;

	for (int i = 0; i < 8; i++)
		put_text(r, 0, i, values[i]);
	why = server_check_refusal(r, "host", highest);
	PQclear(r);
	return why;
}

static void a_standby_a_read_only_and_a_replaced_server_are_refused_and_so_is_an_owner(
    void **state)
{
	int highest = 0;

	(void)state;
	assert_null(refusal("f", "off", "f", "3", &highest));
	assert_int_equal(highest, 3);
	assert_non_null(strstr(refusal("t", "on", "f", "0", &highest), "recovery"));
	assert_non_null(strstr(refusal("f", "on", "f", "3", &highest), "read-only"));
	assert_non_null(strstr(refusal("f", "off", "t", "3", &highest), "owns"));
	assert_null(refusal("f", "off", "f", "4", &highest)); /* promoted */
	assert_non_null(strstr(refusal("f", "off", "f", "3", &highest), "timeline"));
	assert_int_equal(highest, 4);
	assert_non_null(server_check_refusal(NULL, "host", &highest));
}

static void hosts_are_separated_by_bars_and_labels_have_no_passwords(void **state)
{
	struct hosts h;

	(void)state;
	hosts_init(&h, "host=/run/pg port=5433 password=hush|postgresql://10.0.0.2:5432/x",
	    NULL);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.list[0].label, "/run/pg:5433");
	assert_string_equal(h.list[1].label, "10.0.0.2:5432");
	hosts_release(&h);
	hosts_init(&h, "", NULL);
	assert_int_equal(h.n, 1);
	hosts_release(&h);
}

static void a_role_comes_as_itself_to_every_host(void **state)
{
	struct hosts h;

	(void)state;
	hosts_init(&h, "host=/run/pg user=vacancyd|postgresql://me@10.0.0.2/x%20'y",
	    "user=vacancyd_request passfile=/a\\ b");
	assert_string_equal(h.list[0].conninfo,
	    "user='vacancyd' host='/run/pg' user='vacancyd_request' passfile='/a b'");
	assert_string_equal(h.list[1].conninfo,
	    "user='me' dbname='x \\'y' host='10.0.0.2' user='vacancyd_request' passfile='/a b'");
	assert_string_equal(h.list[1].label, "10.0.0.2");
	assert_false(h.list[0].has_password);
	hosts_release(&h);
	hosts_init(&h, "hos=/run/pg", "user=vacancyd_request");
	assert_string_equal(h.list[0].conninfo, "hos=/run/pg user='vacancyd_request'");
	assert_true(h.n == 1);
	hosts_release(&h);
	hosts_init(&h, "host=/run/pg", "password=hush");
	assert_true(h.list[0].has_password);
	hosts_release(&h);
}

static void all_connections_move_on_from_a_failed_host_together(void **state)
{
	struct hosts h;

	(void)state;
	hosts_init(&h, "host=/a|host=/b|host=/c", NULL);
	hosts_pass_over(&h, &h.list[0]);
	hosts_pass_over(&h, &h.list[0]); /* a second connection that failed there */
	assert_int_equal(h.current, 1);
	hosts_pass_over(&h, &h.list[1]);
	hosts_pass_over(&h, &h.list[2]);
	assert_int_equal(h.current, 0);
	hosts_release(&h);
}

/* --- tables --- */

static void a_table_becomes_an_array_of_objects(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(tsv_to_json("t", "code\tname\n1\t保安 \"A\"\r\n\n2\t\n", &b), 2);
	assert_string_equal(b.data,
	    "[{\"code\":\"1\",\"name\":\"保安 \\\"A\\\"\"},{\"code\":\"2\",\"name\":\"\"}]");
	buf_clear(&b);
	assert_int_equal(tsv_to_json("t", "code\tname\n", &b), 0);
	assert_string_equal(b.data, "[]");
	assert_int_equal(tsv_to_json("t", "code\tname\n1\n", &b), -1);
	assert_int_equal(tsv_to_json("t", "code\tname\n1\t2\t3\n", &b), -1);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_of_errors_has_its_verdict),
		cmocka_unit_test(every_statement_has_as_many_parameters_as_it_says),
		cmocka_unit_test(a_reply_is_an_answer_its_changes_and_its_sealed_fields),
		cmocka_unit_test(a_refusal_brings_its_members_without_braces),
		cmocka_unit_test(rows_that_are_no_reply_are_refused),
		cmocka_unit_test(more_sealed_fields_than_a_reply_holds_are_refused),
		cmocka_unit_test(
		    a_standby_a_read_only_and_a_replaced_server_are_refused_and_so_is_an_owner),
		cmocka_unit_test(hosts_are_separated_by_bars_and_labels_have_no_passwords),
		cmocka_unit_test(a_role_comes_as_itself_to_every_host),
		cmocka_unit_test(all_connections_move_on_from_a_failed_host_together),
		cmocka_unit_test(a_table_becomes_an_array_of_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
