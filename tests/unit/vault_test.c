/*
 * The vault: what is sealed opens for the same field only, and a key file that
 * others could have read is refused.
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

#include "daemon/base/arena.h"
#include "daemon/vault/vault.h"

struct fixture {
	char dir[64], path[96];
	struct vault *vault;
	struct arena *arena;
};

static void write_key(const struct fixture *f, const char *text, mode_t mode)
{
	FILE *file;

	unlink(f->path);
	file = fopen(f->path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(f->path, mode), 0);
}

static int open_vault(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *why;

	strcpy(f->dir, "/tmp/vault_test.XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/key", f->dir);
	if (!vault_create_file(f->path))
		return -1;
	f->vault = vault_open_file(f->path, &why);
	f->arena = arena_new();
	*state = f;
	return f->vault ? 0 : -1;
}

static int close_vault(void **state)
{
	struct fixture *f = *state;

	vault_free(f->vault);
	arena_free(f->arena);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void what_is_sealed_opens_again(void **state)
{
	struct fixture *f = *state;
	const char *texts[] = { "", "x", "王小明", "410105198203124567" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		size_t n;
		uint8_t *sealed =
		    vault_seal(f->vault, f->arena, "person", "name", "17", texts[i], &n);

		assert_int_equal(n, strlen(texts[i]) + 2 + 4 + 24 + 16);
		assert_string_equal(vault_unseal(f->vault, f->arena, "person", "name", "17",
					sealed, n),
		    texts[i]);
	}
}

static void the_same_text_is_never_sealed_to_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	size_t n, m;
	uint8_t *a = vault_seal(f->vault, f->arena, "person", "name", "17", "x", &n);
	uint8_t *b = vault_seal(f->vault, f->arena, "person", "name", "17", "x", &m);

	assert_int_equal(n, m);
	assert_memory_not_equal(a, b, n);
}

static void nothing_is_sealed_to_nothing(void **state)
{
	struct fixture *f = *state;
	size_t n = 7;

	assert_null(vault_seal(f->vault, f->arena, "person", "address", "17", NULL, &n));
	assert_int_equal(n, 0);
	assert_null(vault_unseal(f->vault, f->arena, "person", "address", "17", NULL, 0));
}

static void a_sealed_field_opens_only_in_its_row_and_column(void **state)
{
	struct fixture *f = *state;
	size_t n;
	uint8_t *sealed = vault_seal(f->vault, f->arena, "person", "name", "17", "王", &n);

	assert_null(vault_unseal(f->vault, f->arena, "person", "name", "18", sealed, n));
	assert_null(vault_unseal(f->vault, f->arena, "person", "phone", "17", sealed, n));
	assert_null(vault_unseal(f->vault, f->arena, "return", "name", "17", sealed, n));
	assert_non_null(vault_unseal(f->vault, f->arena, "person", "name", "17", sealed, n));
}

static void no_altered_byte_and_no_shorter_field_opens(void **state)
{
	struct fixture *f = *state;
	size_t n;
	uint8_t *sealed = vault_seal(f->vault, f->arena, "person", "name", "17", "王", &n);

	for (size_t i = 0; i < n; i++) {
		for (int bit = 0; bit < 8; bit++) {
			sealed[i] ^= (uint8_t)(1u << bit);
			assert_null(vault_unseal(f->vault, f->arena, "person", "name", "17",
			    sealed, n));
			sealed[i] ^= (uint8_t)(1u << bit);
		}
	}
	for (size_t i = 0; i < n; i++)
		assert_null(
		    vault_unseal(f->vault, f->arena, "person", "name", "17", sealed, i));
	assert_non_null(vault_unseal(f->vault, f->arena, "person", "name", "17", sealed, n));
}

static void another_key_opens_nothing_and_finds_nothing(void **state)
{
	struct fixture *f = *state;
	uint8_t mine[BLIND_LEN], again[BLIND_LEN], theirs[BLIND_LEN];
	const char *why;
	size_t n;
	uint8_t *sealed = vault_seal(f->vault, f->arena, "person", "name", "17", "王", &n);
	uint64_t order[2], another_order[2];
	struct vault *other;

	vault_shuffle_key(f->vault, order);
	vault_blind(f->vault, "410105198203124567", mine);
	vault_blind(f->vault, "410105198203124567", again);
	unlink(f->path);
	assert_true(vault_create_file(f->path));
	other = vault_open_file(f->path, &why);
	assert_non_null(other);
	vault_blind(other, "410105198203124567", theirs);
	assert_null(vault_unseal(other, f->arena, "person", "name", "17", sealed, n));
	assert_memory_equal(mine, again, BLIND_LEN);
	assert_memory_not_equal(mine, theirs, BLIND_LEN);
	vault_shuffle_key(other, another_order);
	assert_memory_not_equal(order, another_order, sizeof(order));
	vault_free(other);
}

/* What is in a database of an earlier release must open with a later one. */
static void a_field_sealed_long_ago_still_opens(void **state)
{
	static const uint8_t sealed[] = { 0x01, 0x01, 0x64, 0x26, 0x34, 0x10, 0x3f, 0x61, 0xc5,
		0xd9, 0xf2, 0x53, 0x87, 0x80, 0x86, 0xca, 0x30, 0xc0, 0x77, 0x39, 0x36, 0xc4,
		0xac, 0x32, 0xee, 0x85, 0x5e, 0x7b, 0xb0, 0xf9, 0x01, 0xd7, 0xf6, 0x12, 0xc7,
		0xda, 0xc9, 0x58, 0xd0, 0x15, 0xc1, 0x88, 0xb7, 0xb1, 0xcf, 0xaa, 0x39, 0x31,
		0x8c, 0x4f, 0xfe, 0x66, 0xa2, 0xd1, 0x9e };
	static const uint8_t blind[] = { 0x3e, 0x96, 0x0f, 0x3a, 0xe9, 0x3a, 0xf8, 0x89, 0x33,
		0xb4, 0xc6, 0x79, 0x30, 0x70, 0x7a, 0xd9, 0x60, 0x04, 0xd9, 0x81, 0x06, 0xc6,
		0x76, 0xd0, 0x25, 0x21, 0x6f, 0x09, 0x04, 0x87, 0x6e, 0x2c };
	static const uint8_t shuffle[] = { 0x56, 0x50, 0x0e, 0xe0, 0xfe, 0x03, 0x17, 0xf2, 0xce,
		0x67, 0x59, 0x3f, 0xdd, 0xf8, 0x37, 0xfb };
	struct fixture *f = *state;
	uint8_t now[BLIND_LEN];
	uint64_t order[2];
	const char *why;
	struct vault *old;
	char *plain;

	write_key(f, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0400);
	old = vault_open_file(f->path, &why);
	assert_non_null(old);
	plain = vault_unseal(old, f->arena, "person", "name", "17", sealed, sizeof(sealed));
	assert_non_null(plain);
	assert_string_equal(plain, "王小明");
	vault_blind(old, "41010519820312456X", now);
	assert_memory_equal(now, blind, BLIND_LEN);
	/* Every daemon that holds it shows the same order. */
	vault_shuffle_key(old, order);
	assert_memory_equal(order, shuffle, sizeof(order));
	vault_free(old);
}

static void a_key_file_that_others_can_read_is_refused(void **state)
{
	static const mode_t modes[] = { 0440, 0404, 0640, 0604, 0420, 0410 };
	struct fixture *f = *state;
	const char *why;

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		assert_int_equal(chmod(f->path, modes[i]), 0);
		assert_null(vault_open_file(f->path, &why));
		assert_non_null(strstr(why, "others"));
	}
}

static void a_credential_of_the_service_manager_may_carry_an_access_list(void **state)
{
	struct fixture *f = *state;
	const char *why;
	struct vault *v;

	assert_int_equal(chmod(f->path, 0440), 0);
	setenv("CREDENTIALS_DIRECTORY", f->dir, 1);
	v = vault_open_file(f->path, &why);
	assert_non_null(v);
	vault_free(v);
	assert_int_equal(chmod(f->path, 0444), 0);
	assert_null(vault_open_file(f->path, &why));
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void a_key_file_with_anything_but_64_hex_digits_is_refused(void **state)
{
	static const char *const texts[] = { "", "\n",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n\n",
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g",
		"00010203 405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1ff",
		"0000000000000000000000000000000000000000000000000000000000000000" };
	struct fixture *f = *state;
	const char *why;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		write_key(f, texts[i], 0400);
		assert_null(vault_open_file(f->path, &why));
		assert_non_null(strstr(why, "the master key is"));
	}
}

static void a_missing_a_linked_and_an_existing_file_are_told_apart(void **state)
{
	struct fixture *f = *state;
	char link[128];
	const char *why;

	assert_false(vault_create_file(f->path)); /* never overwritten */
	snprintf(link, sizeof(link), "%s/link", f->dir);
	assert_int_equal(symlink(f->path, link), 0);
	assert_null(vault_open_file(link, &why));
	assert_non_null(strstr(why, "symbolic link"));
	unlink(link);
	assert_null(vault_open_file(f->dir, &why));
	assert_non_null(strstr(why, "regular file"));
	unlink(f->path);
	assert_null(vault_open_file(f->path, &why));
	assert_non_null(strstr(why, "does not exist"));
}

static void secrets_have_43_digits_of_base_62_and_differ(void **state)
{
	char id[17], secret[48], other_id[17], other[48];
	uint8_t hash[32], again[32];

	(void)state;
	vault_new_secret(id, secret);
	vault_new_secret(other_id, other);
	assert_int_equal(strlen(id), 16);
	assert_int_equal(strspn(id, "0123456789abcdef"), 16);
	assert_int_equal(strlen(secret), 43);
	for (size_t i = 0; i < 43; i++)
		assert_true((secret[i] >= '0' && secret[i] <= '9') ||
			    (secret[i] >= 'A' && secret[i] <= 'Z') ||
			    (secret[i] >= 'a' && secret[i] <= 'z'));
	assert_string_not_equal(id, other_id);
	assert_string_not_equal(secret, other);
	vault_hash_secret(secret, hash);
	vault_hash(secret, 43, again);
	assert_memory_equal(hash, again, 32);
}

static void hashes_are_blake2b_of_256_bits(void **state)
{
	/* BLAKE2b-256 of "abc": b2sum -l 256 */
	static const uint8_t abc[] = { 0xbd, 0xdd, 0x81, 0x3c, 0x63, 0x42, 0x39, 0x72, 0x31,
		0x71, 0xef, 0x3f, 0xee, 0x98, 0x57, 0x9b, 0x94, 0x96, 0x4e, 0x3b, 0xb1, 0xcb,
		0x3e, 0x42, 0x72, 0x62, 0xc8, 0xc0, 0x68, 0xd5, 0x23, 0x19 };
	uint8_t hash[32];

	(void)state;
	vault_hash("abc", 3, hash);
	assert_memory_equal(hash, abc, 32);
}

static void random_ids_stay_within_62_bits(void **state)
{
	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t id = vault_random_id();

		assert_true(id >= 1 && id <= (uint64_t)1 << 62);
	}
}

#define WITH_VAULT(test) cmocka_unit_test_setup_teardown(test, open_vault, close_vault)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_VAULT(what_is_sealed_opens_again),
		WITH_VAULT(the_same_text_is_never_sealed_to_the_same_bytes),
		WITH_VAULT(nothing_is_sealed_to_nothing),
		WITH_VAULT(a_sealed_field_opens_only_in_its_row_and_column),
		WITH_VAULT(no_altered_byte_and_no_shorter_field_opens),
		WITH_VAULT(another_key_opens_nothing_and_finds_nothing),
		WITH_VAULT(a_field_sealed_long_ago_still_opens),
		WITH_VAULT(a_key_file_that_others_can_read_is_refused),
		WITH_VAULT(a_credential_of_the_service_manager_may_carry_an_access_list),
		WITH_VAULT(a_key_file_with_anything_but_64_hex_digits_is_refused),
		WITH_VAULT(a_missing_a_linked_and_an_existing_file_are_told_apart),
		cmocka_unit_test(secrets_have_43_digits_of_base_62_and_differ),
		cmocka_unit_test(hashes_are_blake2b_of_256_bits),
		cmocka_unit_test(random_ids_stay_within_62_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
