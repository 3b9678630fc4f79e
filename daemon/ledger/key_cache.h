/*
 * The key cache: every valid API key, and every officer, by id.
 */
#ifndef DAEMON_LEDGER_KEY_CACHE_H
#define DAEMON_LEDGER_KEY_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/ledger/ledger.h"

struct keys;
struct pool;

struct keys *keys_new(struct pool *pool, int city,
    void (*hash_secret)(const char *secret, uint8_t out[32]));
void keys_free(struct keys *k);
/* Reads all keys again unless `version` is what it has. */
void keys_follow(struct keys *k, int64_t version);
/* Whether it has that version of the list. */
bool keys_are_of(const struct keys *k, int64_t version);
bool keys_are_known(const struct keys *k);
/* False while the ledger is known to have changed the list, and has not told how. */
bool keys_are_current(const struct keys *k);
/* `now_us`: on the ledger's clock.  Valid until the loop turns. */
const struct principal *keys_find(const struct keys *k, const char *id, const char *secret,
    int64_t now_us);
const struct principal *keys_find_officer(const struct keys *k, const char *id,
    const char *secret, int64_t now_us);

#endif
