/*
 * The vault: seals citizen numbers, names, phones and addresses, finds citizen
 * numbers by a keyed blind index, hashes the secrets of API keys, keeps the key of the
 * shuffle in lists that show no ranks, and seals what clients keep for us.
 *
 * libsodium only: XChaCha20-Poly1305 with the associated data
 * "table|column|row|key id", so a sealed field that is moved to another row or
 * column does not open.  Layout: version(1) alg(1) key id(4) nonce(24)
 * ciphertext tag(16).  It knows no request and no SQL.
 */
#ifndef DAEMON_VAULT_VAULT_H
#define DAEMON_VAULT_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/status.h"

struct arena;
struct vault;

#define BLIND_LEN  32
#define SECRET_LEN 32

/* Reads the 32-byte master key (64 hex digits) from a file that only its owner can read
 * (in $CREDENTIALS_DIRECTORY, that only systemd's service can).
 * NULL: *why says what is wrong with the file. */
struct vault *vault_open_file(const char *path, const char **why);
void vault_free(struct vault *v);
/* Makes such a file, mode 0400; false when it exists or cannot be written. */
MUST_CHECK bool vault_create_file(const char *path);

/* Returns bytes in the arena; *len their number.  A NULL plain seals to NULL and 0.
 * Neither table nor column contains a bar. */
uint8_t *vault_seal(struct vault *v, struct arena *a, const char *table, const char *column,
    const char *row, const char *plain, size_t *len);
/* NULL when it does not open: another row, another key, altered. */
char *vault_unseal(struct vault *v, struct arena *a, const char *table, const char *column,
    const char *row, const uint8_t *sealed, size_t len);
/* The blind index of a canonical citizen number. */
void vault_blind(struct vault *v, const char *canonical, uint8_t out[static BLIND_LEN]);

/* A short text that a client keeps and gives back, unreadable meanwhile: base64url, of a length
 * that tells the text's within 32 bytes.  `about` says for whom and what it is; every daemon of
 * a city opens it. */
char *vault_seal_token(const struct vault *v, struct arena *a, const char *about,
    const char *plain);
/* NULL when it does not open: about something else, altered, cut. */
char *vault_open_token(const struct vault *v, struct arena *a, const char *about,
    const char *token);

/* Bytes that a file keeps for us: a box is VAULT_BOX_MORE longer than what is in it, and opens
 * only for what it was said to be about. */
#define VAULT_BOX_MORE 40
void vault_box(const struct vault *v, const char *about, const void *plain, size_t n,
    uint8_t *box);
/* Fills `len` - VAULT_BOX_MORE bytes; false when it does not open. */
MUST_CHECK bool vault_unbox(const struct vault *v, const char *about, const uint8_t *box,
    size_t len, void *plain);

/* The key of a shuffle that nobody outside can undo (rules/masking): one for all who hold the
 * master key, so that every daemon of a city shows the same order. */
void vault_shuffle_key(const struct vault *v, uint64_t out[static 2]);

/* A new random id (1 .. 2^62), for a person's pseudonym. */
uint64_t vault_random_id(void);

/* API keys: "vd_<id>_<secret>"; 16 hex digits, and 256 random bits in 43 digits of base62. */
void vault_new_secret(char id[static 17], char secret[static 48]);
void vault_hash_secret(const char *secret, uint8_t out[static 32]);
/* BLAKE2b-256 of bytes: request hashes, body hashes. */
void vault_hash(const void *p, size_t n, uint8_t out[static 32]);

#endif
