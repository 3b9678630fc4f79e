/*
 * What refused rows said, in boxes one behind the other: one that was never written whole takes
 * no other with it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/api/import_receipts.h"
#include "daemon/api/refused_rows.h"
#include "daemon/base/buf.h"
#include "daemon/vault/vault.h"

static struct {
	char dir[64], key[96], rows[128];
	struct vault *vault;
	struct buf read; /* "2:two;" */
} bench;

static int set_up(void **state)
{
	const char *why;

	(void)state;
	strcpy(bench.dir, "/tmp/refused_rows_test.XXXXXX");
	if (!mkdtemp(bench.dir))
		return -1;
	snprintf(bench.key, sizeof(bench.key), "%s/key", bench.dir);
	snprintf(bench.rows, sizeof(bench.rows), "%s/vacancyd-x.rows.receipts", bench.dir);
	if (!vault_create_file(bench.key))
		return -1;
	bench.vault = vault_open_file(bench.key, &why);
	return bench.vault ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	vault_free(bench.vault);
	buf_free(&bench.read);
	unlink(bench.key);
	unlink(bench.rows);
	return rmdir(bench.dir);
}

static void keep(uint64_t line, const char *said, bool is_first)
{
	struct refused_rows *r = refused_rows_open(bench.vault, bench.dir, "x", is_first);
	struct buf batch = { 0 };

	assert_non_null(r);
	refused_row_put(&batch, &(struct refused_row){ line, NULL, said, strlen(said) });
	assert_true(refused_rows_keep(r, &batch));
	buf_free(&batch);
	refused_rows_free(r);
}

static void note(void *arg, const struct refused_row *row)
{
	(void)arg;
	buf_printf(&bench.read, "%d:%.*s;", (int)row->line, (int)row->n, row->said);
}

static const char *read_all(void)
{
	buf_clear(&bench.read);
	buf_puts(&bench.read, "");
	refused_rows_read(bench.vault, bench.dir, "x", note, NULL);
	return bench.read.data;
}

static void a_box_that_is_not_whole_hides_no_later_one(void **state)
{
	struct stat st;
	off_t one;

	(void)state;
	keep(2, "two", true);
	assert_int_equal(stat(bench.rows, &st), 0);
	one = st.st_size;
	/* Wherever the writing of the second ended: in its length, or in what is sealed. */
	for (off_t half = 1; half < one; half += 7) {
		keep(3, "three", false);
		assert_int_equal(truncate(bench.rows, one + half), 0);
		keep(4, "four", false);
		assert_string_equal(read_all(), "2:two;4:four;");
		assert_int_equal(truncate(bench.rows, one), 0);
	}
	keep(5, "five", true);
	assert_string_equal(read_all(), "5:five;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_box_that_is_not_whole_hides_no_later_one,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
