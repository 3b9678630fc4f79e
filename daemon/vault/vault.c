/*
 * Sealing, opening and blind indexes.
 *
 * It owns the keys: for sealing, for the index, for the shuffle, for tokens and boxes, all
 * derived from the master key, which is forgotten at once.  It refuses to know what a field
 * means.  The name of the field is part of what is authenticated, so a copy in another row is
 * as unreadable as an altered one.
 */
#include "daemon/vault/vault.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "daemon/base/arena.h"
#include "daemon/vault/key_file.h"

#define LAYOUT_VERSION 1
#define ALG_XCHACHA20  1
#define KEY_ID_LEN     4
#define NONCE_LEN      crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_LEN        crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEADER_LEN     (2 + KEY_ID_LEN + NONCE_LEN)

_Static_assert(NONCE_LEN + TAG_LEN == VAULT_BOX_MORE, "what a box adds");

#define TOKEN_STEP   ((size_t)32)
#define TOKEN_DIGITS sodium_base64_VARIANT_URLSAFE_NO_PADDING

/* Never renumber: what was sealed stays sealed with these. */
enum {
	SUBKEY_SEAL = 1,
	SUBKEY_BLIND = 2,
	SUBKEY_NAME = 3,
	SUBKEY_SHUFFLE = 4,
	SUBKEY_TOKEN = 5,
	SUBKEY_BOX = 6
};
static const char context[crypto_kdf_CONTEXTBYTES + 1] = "vacancyd";

struct vault {
	uint8_t seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	uint8_t token[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	uint8_t box[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	uint8_t blind[crypto_generichash_KEYBYTES];
	uint8_t key_id[KEY_ID_LEN];
	uint64_t shuffle[2];
};

static void derive(struct vault *v, const uint8_t *master)
{
	uint8_t name[crypto_kdf_BYTES_MIN];

	crypto_kdf_derive_from_key(v->seal, sizeof(v->seal), SUBKEY_SEAL, context, master);
	crypto_kdf_derive_from_key(v->token, sizeof(v->token), SUBKEY_TOKEN, context, master);
	crypto_kdf_derive_from_key(v->box, sizeof(v->box), SUBKEY_BOX, context, master);
	crypto_kdf_derive_from_key(v->blind, sizeof(v->blind), SUBKEY_BLIND, context, master);
	crypto_kdf_derive_from_key(name, sizeof(name), SUBKEY_NAME, context, master);
	memcpy(v->key_id, name, KEY_ID_LEN);
	crypto_kdf_derive_from_key((uint8_t *)v->shuffle, sizeof(v->shuffle), SUBKEY_SHUFFLE,
	    context, master);
}

struct vault *vault_open_file(const char *path, const char **why)
{
	struct vault *v;
	uint8_t *master;

	if (sodium_init() < 0) {
		*why = "libsodium does not start";
		return NULL;
	}
	/* Pages of their own: locked, kept out of core files, with guards around. */
	master = sodium_malloc(MASTER_LEN);
	v = sodium_malloc(sizeof(*v));
	*why = master && v ? key_file_read(path, master) : "no memory for the keys";
	if (*why) {
		sodium_free(v);
		sodium_free(master);
		return NULL;
	}
	derive(v, master);
	sodium_free(master);
	sodium_mprotect_readonly(v);
	return v;
}

void vault_free(struct vault *v)
{
	sodium_free(v);
}

bool vault_create_file(const char *path)
{
	return sodium_init() >= 0 && key_file_create(path);
}

/* "table|column|row|key id": a row may hold a bar, since what is around it cannot. */
static const char *field_name(const struct vault *v, struct arena *a, const char *table,
    const char *column, const char *row)
{
	char id[2 * KEY_ID_LEN + 1];

	assert(!strchr(table, '|') && !strchr(column, '|'));
	sodium_bin2hex(id, sizeof(id), v->key_id, KEY_ID_LEN);
	return arena_printf(a, "%s|%s|%s|%s", table, column, row, id);
}

uint8_t *vault_seal(struct vault *v, struct arena *a, const char *table, const char *column,
    const char *row, const char *plain, size_t *len)
{
	const char *name;
	uint8_t *sealed;
	size_t n;

	*len = 0;
	if (!plain)
		return NULL;
	name = field_name(v, a, table, column, row);
	n = strlen(plain);
	sealed = arena_alloc(a, HEADER_LEN + n + TAG_LEN);
	sealed[0] = LAYOUT_VERSION;
	sealed[1] = ALG_XCHACHA20;
	memcpy(sealed + 2, v->key_id, KEY_ID_LEN);
	/* 192 random bits: no counter to keep, no repeat to fear. */
	randombytes_buf(sealed + 2 + KEY_ID_LEN, NONCE_LEN);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + HEADER_LEN, NULL,
	    (const uint8_t *)plain, n, (const uint8_t *)name, strlen(name), NULL,
	    sealed + 2 + KEY_ID_LEN, v->seal);
	*len = HEADER_LEN + n + TAG_LEN;
	return sealed;
}

char *vault_unseal(struct vault *v, struct arena *a, const char *table, const char *column,
    const char *row, const uint8_t *sealed, size_t len)
{
	const char *name;
	char *plain;

	if (!sealed || len < HEADER_LEN + TAG_LEN || sealed[0] != LAYOUT_VERSION ||
	    sealed[1] != ALG_XCHACHA20 || memcmp(sealed + 2, v->key_id, KEY_ID_LEN) != 0)
		return NULL;
	name = field_name(v, a, table, column, row);
	plain = arena_alloc(a, len - HEADER_LEN - TAG_LEN + 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)plain, NULL, NULL,
		sealed + HEADER_LEN, len - HEADER_LEN, (const uint8_t *)name, strlen(name),
		sealed + 2 + KEY_ID_LEN, v->seal) != 0)
		return NULL;
	return plain;
}

char *vault_seal_token(const struct vault *v, struct arena *a, const char *about,
    const char *plain)
{
	size_t n = strlen(plain);
	size_t padded = (n / TOKEN_STEP + 1) * TOKEN_STEP;
	size_t whole = NONCE_LEN + padded + TAG_LEN;
	size_t digits = sodium_base64_ENCODED_LEN(whole, TOKEN_DIGITS);
	uint8_t *sealed = arena_alloc(a, whole);
	char *text = arena_alloc(a, digits);

	randombytes_buf(sealed, NONCE_LEN);
	/* The arena's memory is zero, which is the padding. */
	memcpy(sealed + NONCE_LEN, plain, n); /* NOLINT(bugprone-not-null-terminated-result) */
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_LEN, NULL, sealed + NONCE_LEN,
	    padded, (const uint8_t *)about, strlen(about), NULL, sealed, v->token);
	return sodium_bin2base64(text, digits, sealed, whole, TOKEN_DIGITS);
}

char *vault_open_token(const struct vault *v, struct arena *a, const char *about,
    const char *token)
{
	size_t digits = strlen(token), n;
	uint8_t *sealed = arena_alloc(a, digits + 1);
	char *plain = arena_alloc(a, digits + 1);
	const char *end;

	if (sodium_base642bin(sealed, digits + 1, token, digits, NULL, &n, &end,
		TOKEN_DIGITS) != 0 ||
	    *end || n < NONCE_LEN + TAG_LEN ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)plain, NULL, NULL,
		sealed + NONCE_LEN, n - NONCE_LEN, (const uint8_t *)about, strlen(about),
		sealed, v->token) != 0)
		return NULL;
	return plain;
}

void vault_box(const struct vault *v, const char *about, const void *plain, size_t n,
    uint8_t *box)
{
	randombytes_buf(box, NONCE_LEN);
	crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE_LEN, NULL, plain, n,
	    (const uint8_t *)about, strlen(about), NULL, box, v->box);
}

bool vault_unbox(const struct vault *v, const char *about, const uint8_t *box, size_t len,
    void *plain)
{
	return len >= VAULT_BOX_MORE &&
	       crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, box + NONCE_LEN,
		   len - NONCE_LEN, (const uint8_t *)about, strlen(about), box, v->box) == 0;
}

void vault_blind(struct vault *v, const char *canonical, uint8_t out[static BLIND_LEN])
{
	crypto_generichash(out, BLIND_LEN, (const uint8_t *)canonical, strlen(canonical),
	    v->blind, sizeof(v->blind));
}

void vault_shuffle_key(const struct vault *v, uint64_t out[static 2])
{
	memcpy(out, v->shuffle, sizeof(v->shuffle));
}
