/*
 * Random ids, the secrets of API keys, and plain hashes: what needs libsodium
 * but no key of ours.
 *
 * A fast hash is right for the secrets: they have 256 random bits, so there is
 * nothing to guess.
 */
#include "daemon/vault/vault.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define BASE62_DIGITS 43 /* 62^43 is just above 2^256 */

/* Without a working source of randomness nothing here may go on. */
static void ready(void)
{
	if (sodium_init() < 0)
		abort();
}

uint64_t vault_random_id(void)
{
	uint64_t r;

	ready();
	randombytes_buf(&r, sizeof(r));
	return (r & (((uint64_t)1 << 62) - 1)) + 1;
}

/* The 256-bit number, most significant byte first, in 43 digits; eats `number`. */
static void to_base62(uint8_t number[static SECRET_LEN], char *out)
{
	static const char digits[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	for (int at = BASE62_DIGITS - 1; at >= 0; at--) {
		unsigned rest = 0;

		for (int i = 0; i < SECRET_LEN; i++) {
			rest = rest << 8 | number[i];
			number[i] = (uint8_t)(rest / 62);
			rest %= 62;
		}
		out[at] = digits[rest];
	}
	out[BASE62_DIGITS] = '\0';
}

void vault_new_secret(char id[static 17], char secret[static 48])
{
	uint8_t name[8], number[SECRET_LEN];

	ready();
	randombytes_buf(name, sizeof(name));
	sodium_bin2hex(id, 17, name, sizeof(name));
	randombytes_buf(number, sizeof(number));
	to_base62(number, secret);
}

void vault_hash_secret(const char *secret, uint8_t out[static 32])
{
	vault_hash(secret, strlen(secret), out);
}

void vault_hash(const void *p, size_t n, uint8_t out[static 32])
{
	ready();
	crypto_generichash(out, 32, p, n, NULL, 0);
}
