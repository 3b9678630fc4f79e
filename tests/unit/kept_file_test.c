/*
 * The kept file: it opens for the same city and key, unaltered, until it is too old by either
 * of two clocks, and for nobody who could have it from another.
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

#include "daemon/base/buf.h"
#include "daemon/kept_file.h"
#include "daemon/ledger/ledger.h"
#include "daemon/vault/vault.h"

#define CITY    "4101 sandbox"
#define MINUTE  ((int64_t)60000000)
#define MOST_US (15 * MINUTE)

struct fixture {
	char dir[64], path[96], key[96], other_key[96];
	struct vault *vault, *other;
	struct kept_time at;
};

static const char list[] = "keys and officers";

static struct vault *new_vault(const char *path)
{
	const char *why;
	struct vault *v;

	assert_true(vault_create_file(path));
	v = vault_open_file(path, &why);
	assert_non_null(v);
	return v;
}

static void keep(const struct fixture *f, bool fixed)
{
	struct ledger_kept kept = { .keys = list,
		.len = sizeof(list),
		.now_us = 1000,
		.fixed = fixed };
	struct buf b = { 0 };

	kept_seal(&b, f->vault, CITY, &kept, &f->at);
	assert_true(kept_write(f->path, b.data, b.len));
	buf_free(&b);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/vacancyd-kept-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/keys", f->dir);
	snprintf(f->key, sizeof(f->key), "%s/master", f->dir);
	snprintf(f->other_key, sizeof(f->other_key), "%s/other", f->dir);
	f->vault = new_vault(f->key);
	f->other = new_vault(f->other_key);
	f->at = (struct kept_time){ .real_us = 5000 * MINUTE, .boot_us = 100 * MINUTE };
	keep(f, false);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	unlink(f->key);
	unlink(f->other_key);
	assert_int_equal(rmdir(f->dir), 0); /* nothing else was left there */
	vault_free(f->vault);
	vault_free(f->other);
	free(f);
	return 0;
}

/* So much later by each clock. */
static const char *look(const struct fixture *f, const struct vault *v, const char *city,
    int64_t real, int64_t boot, struct ledger_kept *out)
{
	const struct kept_time now = { f->at.real_us + real, f->at.boot_us + boot };
	struct buf plain = { 0 };
	int64_t age = -1;
	const char *why = kept_read(f->path, v, city, &now, MOST_US, &plain, out, &age);

	if (!why) {
		assert_int_equal(age, real > boot ? real : boot);
		assert_int_equal(out->len, sizeof(list));
		assert_memory_equal(out->keys, list, sizeof(list));
	}
	buf_free(&plain);
	return why;
}

static const char *later(const struct fixture *f, int64_t minutes)
{
	struct ledger_kept out;

	return look(f, f->vault, CITY, minutes * MINUTE, minutes * MINUTE, &out);
}

static void it_is_good_for_fifteen_minutes(void **state)
{
	assert_null(later(*state, 0));
	assert_null(later(*state, 14));
	assert_null(later(*state, 15));
	assert_string_equal(later(*state, 16), "too old");
}

static void a_clock_put_back_or_a_machine_begun_anew_makes_it_no_younger(void **state)
{
	const struct fixture *f = *state;
	struct ledger_kept out;

	assert_string_equal(look(f, f->vault, CITY, -60 * MINUTE, 16 * MINUTE, &out),
	    "too old");
	assert_string_equal(look(f, f->vault, CITY, 16 * MINUTE, -99 * MINUTE, &out),
	    "too old");
	assert_null(look(f, f->vault, CITY, 2 * MINUTE, -99 * MINUTE, &out));
	assert_string_equal(look(f, f->vault, CITY, -MINUTE, -99 * MINUTE, &out),
	    "of a time to come");
}

static void its_clock_has_gone_on_unless_it_stands(void **state)
{
	const struct fixture *f = *state;
	struct ledger_kept out;

	assert_null(look(f, f->vault, CITY, MINUTE, MINUTE, &out));
	assert_int_equal(out.now_us, 1000 + MINUTE);
	keep(f, true);
	assert_null(look(f, f->vault, CITY, MINUTE, MINUTE, &out));
	assert_int_equal(out.now_us, 1000);
}

static void another_city_or_key_does_not_open_it(void **state)
{
	const struct fixture *f = *state;
	struct ledger_kept out;

	assert_non_null(look(f, f->vault, "4101 production", 0, 0, &out));
	assert_non_null(look(f, f->other, CITY, 0, 0, &out));
}

static void whoever_alters_a_byte_or_the_length_closes_it(void **state)
{
	const struct fixture *f = *state;
	char bytes[512];
	FILE *file = fopen(f->path, "r+");
	long n;

	assert_non_null(file);
	n = (long)fread(bytes, 1, sizeof(bytes), file);
	assert_in_range(n, 100, sizeof(bytes) - 1);
	for (long i = 0; i < n; i++) {
		fseek(file, i, SEEK_SET);
		fputc(bytes[i] ^ 1, file);
		fflush(file);
		assert_non_null(later(f, 0));
		fseek(file, i, SEEK_SET);
		fputc(bytes[i], file);
		fflush(file);
	}
	assert_null(later(f, 0));
	for (long i = n - 1; i >= 0; i -= 7) {
		assert_int_equal(ftruncate(fileno(file), i), 0);
		assert_non_null(later(f, 0));
	}
	fclose(file);
}

static void it_is_its_owners_alone_or_refused(void **state)
{
	const struct fixture *f = *state;
	struct stat s;

	assert_int_equal(stat(f->path, &s), 0);
	assert_int_equal(s.st_mode & 0777, 0600);
	assert_int_equal(chmod(f->path, 0644), 0);
	assert_non_null(later(f, 0));
	assert_int_equal(unlink(f->path), 0);
	assert_string_equal(later(f, 0), "there is none");
	assert_int_equal(symlink(f->key, f->path), 0);
	assert_non_null(later(f, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define ONE(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
		ONE(it_is_good_for_fifteen_minutes),
		ONE(a_clock_put_back_or_a_machine_begun_anew_makes_it_no_younger),
		ONE(its_clock_has_gone_on_unless_it_stands),
		ONE(another_city_or_key_does_not_open_it),
		ONE(whoever_alters_a_byte_or_the_length_closes_it),
		ONE(it_is_its_owners_alone_or_refused),
#undef ONE
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
