/*
 * The key cache: every valid API key, and every officer, by id; and the codes that are
 * recognised, which are told with them.
 */
#ifndef DAEMON_LEDGER_KEY_CACHE_H
#define DAEMON_LEDGER_KEY_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/ledger.h"

struct buf;
struct keys;
struct pool;

struct keys *keys_new(struct pool *pool, int city,
    void (*hash_secret)(const char *secret, uint8_t out[32]));
void keys_free(struct keys *k);
/* Reads all keys again unless `version` is what it has. */
void keys_follow(struct keys *k, int64_t version);
/* The list as the ledger gave it, to be kept (kept_list.h), and its version; keys_keep first.
 */
void keys_keep(struct keys *k);
const struct buf *keys_kept(const struct keys *k, int64_t *version);
/* A list that was kept is the list until the ledger has given its own, or until then
 * (clock_ms).  False: it is not one. */
MUST_CHECK bool keys_restore(struct keys *k, const char *bytes, size_t n, int64_t until_ms);
bool keys_are_kept(const struct keys *k); /* restored, and still gone by */
/* Whether it has that version of the list. */
bool keys_are_of(const struct keys *k, int64_t version);
bool keys_are_known(const struct keys *k);
/* False while the ledger is known to have changed the list, and has not told how. */
bool keys_are_current(const struct keys *k);
/* `now_us`: on the ledger's clock.  Valid until the loop turns. */
const struct principal *keys_find(const struct keys *k, const char *id, const char *secret,
    int64_t now_us);
bool keys_recognise(const struct keys *k, const char *code);
const struct principal *keys_find_officer(const struct keys *k, const char *id,
    const char *secret, int64_t now_us);

#endif
