/*
 * The key cache: API keys and officers, a sorted list that is replaced whole
 * when the ledger says that one was made or revoked.
 *
 * It knows no cipher: hashing comes in as a function.  Nothing outlives the
 * list, so a revoked key is gone with it; whoever needs a principal for longer
 * has copied it.  And once it is known that the list has changed, but not yet
 * how, nobody is vouched for.
 */
#include "daemon/ledger/key_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/kept_list.h"
#include "daemon/ledger/pool.h"
#include "daemon/ledger/rows.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"

#define HASH_LEN   32
#define COLUMNS    "ctbitttoqqii"
#define NO_VERSION (-1) /* the ledger counts up from 0 */
#define GRACE_MS   500  /* for reading a list that has changed */

struct key {
	char kind; /* 'k' a key, 'o' an officer, whose principal.kid is her id */
	struct principal principal;
	int64_t not_before_us, expires_us;
};

struct keys {
	struct pool *pool;
	int city;
	void (*hash_secret)(const char *secret, uint8_t out[32]);
	struct key *list; /* by kind and id */
	size_t n;
	bool is_known, is_reading;
	int64_t version;        /* of the list */
	int64_t reading, asked; /* versions: under way, wanted */
	int64_t asked_ms;       /* since when */
	bool is_keeping;
	struct buf kept;
	int64_t kept_version;
	int64_t until_ms; /* of a list that was kept; 0: this one is the ledger's own */
};

static int compare(char kind, const char *id, const struct key *with)
{
	return kind != with->kind ? kind - with->kind : strcmp(id, with->principal.kid);
}

static int by_id(const void *a, const void *b)
{
	const struct key *x = a;

	return compare(x->kind, x->principal.kid, b);
}

static const struct key *find(const struct keys *k, char kind, const char *id)
{
	size_t low = 0, high = k->n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(kind, id, &k->list[middle]);

		if (order == 0)
			return &k->list[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool copy(char *to, size_t size, const char *from)
{
	return (size_t)snprintf(to, size, "%s", from) < size;
}

static bool read_key(const struct keys *k, const PGresult *rows, int i, struct key *key)
{
	struct principal *p = &key->principal;

	if (PQgetlength(rows, i, 2) != HASH_LEN)
		return false;
	key->kind = row_char(rows, i, 0);
	memcpy(p->secret_hash, PQgetvalue(rows, i, 2), HASH_LEN);
	p->role = (enum role)row_i32(rows, i, 3);
	p->city = k->city;
	p->sandbox = row_bool(rows, i, 7);
	key->not_before_us = row_i64(rows, i, 8);
	key->expires_us = row_has(rows, i, 9) ? row_i64(rows, i, 9) : INT64_MAX;
	p->rate = row_i32(rows, i, 10);
	p->burst = row_i32(rows, i, 11);
	return copy(p->kid, sizeof(p->kid), row_text(rows, i, 1)) &&
	       copy(p->organisation, sizeof(p->organisation), row_text(rows, i, 4)) &&
	       copy(p->org_code, sizeof(p->org_code), row_text(rows, i, 5)) &&
	       copy(p->scope, sizeof(p->scope), row_text(rows, i, 6));
}

static int by_organisation(const void *a, const void *b)
{
	const struct key *const *x = a, *const *y = b;

	return strcmp((*x)->principal.organisation, (*y)->principal.organisation);
}

/* What the fastest key of an organisation may, all its keys together may. */
static void share_rates(struct key *list, size_t n)
{
	struct key **keys = must_alloc((n + 1) * sizeof(struct key *));
	const struct principal *fastest;
	size_t count = 0, end;

	for (size_t i = 0; i < n; i++)
		if (list[i].kind == 'k')
			keys[count++] = &list[i];
	qsort(keys, count, sizeof(struct key *), by_organisation);
	for (size_t i = 0; i < count; i = end) {
		fastest = &keys[i]->principal;
		for (end = i + 1; end < count && by_organisation(&keys[i], &keys[end]) == 0;
		     end++)
			if (keys[end]->principal.rate > fastest->rate)
				fastest = &keys[end]->principal;
		for (size_t j = i; j < end; j++) {
			keys[j]->principal.organisation_rate = fastest->rate;
			keys[j]->principal.organisation_burst = fastest->burst;
		}
	}
	free(keys);
}

static void replace(struct keys *k, const PGresult *rows)
{
	int n = PQntuples(rows);
	struct key *fresh = must_alloc((size_t)n * sizeof(*fresh));
	size_t count = 0;

	for (int i = 0; i < n; i++) {
		if (read_key(k, rows, i, &fresh[count]))
			count++;
		else
			log_event(LOG_LEVEL_ERROR, "ledger.bad-key", "kid",
			    row_text(rows, i, 1), NULL);
	}
	qsort(fresh, count, sizeof(*fresh), by_id);
	share_rates(fresh, count);
	free(k->list);
	k->list = fresh;
	k->n = count;
}

static void read_all(struct keys *k);

static void keep(struct keys *k, const PGresult *rows)
{
	if (!k->is_keeping)
		return;
	buf_clear(&k->kept);
	kept_list_put(&k->kept, rows);
	k->kept_version = k->version;
}

static void on_keys(void *arg, enum status st, const PGresult *rows)
{
	struct keys *k = arg;

	k->is_reading = false;
	if (st != OK) /* the next heartbeat asks again */
		return;
	if (!rows_are(rows, COLUMNS)) {
		log_event(LOG_LEVEL_ERROR, "ledger.bad-keys", NULL);
		return;
	}
	replace(k, rows);
	k->version = k->reading;
	k->is_known = true;
	k->until_ms = 0;
	keep(k, rows);
	if (k->asked != k->version)
		read_all(k);
}

static void read_all(struct keys *k)
{
	char city[16];

	snprintf(city, sizeof(city), "%d", k->city);
	k->is_reading = true;
	k->reading = k->asked;
	pool_call_urgent(k->pool, STATEMENT_KEYS, &ARG_TEXT(city), 1, on_keys, k);
}

void keys_follow(struct keys *k, int64_t version)
{
	if (version != k->asked)
		k->asked_ms = clock_ms();
	k->asked = version;
	if (!k->is_reading && (!k->is_known || version != k->version))
		read_all(k);
}

struct keys *keys_new(struct pool *pool, int city,
    void (*hash_secret)(const char *secret, uint8_t out[32]))
{
	struct keys *k = must_alloc(sizeof(*k));

	k->pool = pool;
	k->city = city;
	k->hash_secret = hash_secret;
	return k;
}

void keys_free(struct keys *k)
{
	buf_free(&k->kept);
	free(k->list);
	free(k);
}

void keys_keep(struct keys *k)
{
	k->is_keeping = true;
}

const struct buf *keys_kept(const struct keys *k, int64_t *version)
{
	*version = k->kept_version;
	return &k->kept;
}

/* Whatever version the ledger is at, its list is read: numbers alone prove nothing. */
bool keys_restore(struct keys *k, const char *bytes, size_t n, int64_t until_ms)
{
	PGresult *rows = kept_list_rows(bytes, n);
	bool is_list = rows && rows_are(rows, COLUMNS);

	if (is_list) {
		replace(k, rows);
		k->version = k->asked = NO_VERSION;
		k->is_known = true;
		k->until_ms = until_ms;
	}
	PQclear(rows);
	return is_list;
}

static bool is_over(const struct keys *k)
{
	return k->until_ms && clock_ms() >= k->until_ms;
}

bool keys_are_of(const struct keys *k, int64_t version)
{
	return k->is_known && k->version == version;
}

bool keys_are_known(const struct keys *k)
{
	return k->is_known && !is_over(k);
}

/* Looks at every byte, so that the time it takes tells nothing. */
static bool same_hash(const uint8_t *a, const uint8_t *b)
{
	unsigned difference = 0;

	for (size_t i = 0; i < HASH_LEN; i++)
		difference |= (unsigned)(a[i] ^ b[i]);
	return difference == 0;
}

bool keys_are_kept(const struct keys *k)
{
	return k->until_ms && keys_are_known(k);
}

bool keys_are_current(const struct keys *k)
{
	return keys_are_known(k) &&
	       (k->asked == k->version || clock_ms() - k->asked_ms < GRACE_MS);
}

/* Of a key that is not accepted.  The list says which were revoked or ran out of late. */
static enum metric why_refused(const struct keys *k, const char *id, const struct key *key,
    bool same)
{
	if (key)
		return same ? M_KEYS_EXPIRED : M_KEYS_WRONG;
	if (find(k, 'r', id))
		return M_KEYS_REVOKED;
	return find(k, 'e', id) ? M_KEYS_EXPIRED : M_KEYS_UNKNOWN;
}

static const struct principal *find_valid(const struct keys *k, char kind, const char *id,
    const char *secret, int64_t now_us)
{
	static const struct key nobody; /* an unknown id is compared too */
	const struct key *key = find(k, kind, id);
	uint8_t hash[HASH_LEN];
	bool same;

	k->hash_secret(secret, hash);
	same = same_hash(hash, key ? key->principal.secret_hash : nobody.principal.secret_hash);
	if (same && key && key->not_before_us <= now_us && now_us < key->expires_us)
		return &key->principal;
	if (kind == 'k')
		metric_add(why_refused(k, id, key, same), 1);
	return NULL;
}

const struct principal *keys_find(const struct keys *k, const char *id, const char *secret,
    int64_t now_us)
{
	return find_valid(k, 'k', id, secret, now_us);
}

const struct principal *keys_find_officer(const struct keys *k, const char *id,
    const char *secret, int64_t now_us)
{
	return find_valid(k, 'o', id, secret, now_us);
}

bool keys_recognise(const struct keys *k, const char *code)
{
	return find(k, 'c', code) != NULL;
}
