/*
 * Cursors: where a list goes on.
 *
 * What is sealed is a stamp of 16 digits and the keys, about the caller's organisation and
 * scope and the path: the last row that was looked at may lie outside what the caller sees.
 * The stamp finds what was made for another question.  Keys are judged by kind here, since the
 * ledger would call a day that is none a defect of ours.
 */
#include "daemon/api/cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/base/arena.h"
#include "daemon/base/hash.h"
#include "daemon/vault/vault.h"

#define LIMIT_DEFAULT 20
#define LIMIT_MAX     100
#define LIMIT_FILE    500 /* rows a page, when all go into a file */
#define SEPARATOR     '\x1f'

enum { STAMP_DIGITS = 16, KEY_MAX = 200, CURSOR_BYTES_MAX = 2048 };

/* The filters may come in any order. */
static uint64_t stamp_of(const struct request *r, const struct order *order)
{
	static const char *const apart[] = { "cursor", "limit", "sort" };
	uint64_t filters = 0;

	for (size_t i = 0; i < r->n_query; i++) {
		size_t k = 0;

		while (k < 3 && strcmp(apart[k], r->query[i].name) != 0)
			k++;
		if (k == 3)
			filters += hash_text(hash_text(HASH_BEGIN, r->query[i].name),
			    r->query[i].value);
	}
	return hash_text(HASH_BEGIN ^ filters, order->name);
}

/* The rights that the page was read with; whom the caller stands in for narrows them too, where
 * only the ledger can tell. */
static const char *reader_of(struct flow *f)
{
	const struct request *r = flow_request(f);
	const struct principal *who = r->who;
	const char *behalf = r->actor ? strchr(r->actor, '.') : NULL;

	behalf = behalf ? strchr(behalf + 1, '.') : NULL;
	return arena_printf(flow_arena(f), "%d\x1f%s\x1f%s\x1f%s\x1f%s",
	    who ? (int)who->role : 0, who ? who->organisation : "", who ? who->scope : "",
	    behalf ? behalf : "", r->path);
}

const char *cursor_print(const struct vault *v, struct arena *a, const char *about,
    uint64_t stamp, const char *keys)
{
	return vault_seal_token(v, a, about, arena_printf(a, "%016" PRIx64 "%s", stamp, keys));
}

static bool is_utf8(const char *key)
{
	json_t *text = json_string(key);

	json_decref(text);
	return text != NULL;
}

static bool is_kind(const char *key, char kind)
{
	size_t n = strlen(key);
	day_t day;

	switch (kind) {
	case 'd':
		return strcmp(key, "infinity") == 0 || day_parse(key, &day);
	case 'n':
		n -= key[0] == '-';
		key += key[0] == '-';
		return n >= 1 && strspn(key, "0123456789") == n &&
		       (n < 19 || (n == 19 && strcmp(key, "9223372036854775807") <= 0));
	case 't':
		return n <= KEY_MAX && is_utf8(key);
	default:
		return false;
	}
}

enum cursor_verdict cursor_read(const struct vault *v, struct arena *a, const char *about,
    const char *text, uint64_t stamp, const char *kinds, const char **keys)
{
	char stamped[STAMP_DIGITS + 1], *key, *rest;

	rest = strlen(text) <= CURSOR_BYTES_MAX ? vault_open_token(v, a, about, text) : NULL;
	if (!rest)
		return CURSOR_MALFORMED;
	snprintf(stamped, sizeof(stamped), "%016" PRIx64, stamp);
	if (strncmp(rest, stamped, STAMP_DIGITS) != 0)
		return CURSOR_STALE;
	rest += STAMP_DIGITS;
	if (*rest != SEPARATOR)
		return CURSOR_MALFORMED;
	for (rest++; *kinds; kinds++, keys++) {
		key = strsep(&rest, "\x1f");
		if (!key || !is_kind(key, *kinds))
			return CURSOR_MALFORMED;
		*keys = key;
	}
	return rest ? CURSOR_MALFORMED : CURSOR_FINE;
}

static const struct order *find_order(struct flow *f, struct faults *fs,
    const struct order *orders, size_t n)
{
	const char *wanted = request_query(flow_request(f), "sort");
	const char *names = orders[0].name;

	if (!wanted)
		return &orders[0];
	for (size_t i = 0; i < n; i++) {
		if (strcmp(orders[i].name, wanted) == 0)
			return &orders[i];
		if (i)
			names = arena_printf(flow_arena(f), "%s, %s", names, orders[i].name);
	}
	query_fault(f, fs, "sort", "choice", wanted, names);
	return &orders[0];
}

void list_read(struct flow *f, const struct order *orders, size_t n, struct listing *out)
{
	const struct request *r = flow_request(f);
	const char *cursor = request_query(r, "cursor");
	struct faults *fs = ask_faults(f, &out->ask);
	enum sheet_kind kind;

	out->limit = LIMIT_DEFAULT;
	query_number(f, fs, "limit", 1, LIMIT_MAX, &out->limit);
	if (wants_file(r, &kind))
		out->limit = out->whole ? LIMIT_MAX : LIMIT_FILE;
	out->order = find_order(f, fs, orders, n);
	out->stamp = stamp_of(r, out->order);
	if (!cursor)
		return;
	switch (cursor_read(flow_app(f)->vault, flow_arena(f), reader_of(f), cursor, out->stamp,
	    out->order->keys, out->after)) {
	case CURSOR_FINE:
		return;
	case CURSOR_STALE:
		if (!fs->n)
			ask_wrong(&out->ask, "restart");
		return;
	case CURSOR_MALFORMED:
		query_fault(f, fs, "cursor", "cursor", cursor,
		    "`next` of the page before, whole");
		return;
	}
}

void ask_page(struct flow *f, struct listing *l)
{
	ask_text(&l->ask, arena_printf(flow_arena(f), "%ld", l->limit));
	for (size_t i = 0; l->order->keys[i]; i++)
		ask_text(&l->ask, l->after[i]);
}

enum next answer_page(struct flow *f, void *state)
{
	struct listing *l = state;
	const struct reply *r = &l->ask.reply;
	struct arena *a = flow_arena(f);
	enum sheet_kind kind;
	const char *next = "null";
	size_t n;

	if (!list_file_has_all(l) && !ask_settle(f, &l->ask))
		return ask_refuse(f, &l->ask);
	if (wants_file(flow_request(f), &kind))
		return list_file_go_on(f, l);
	n = strlen(r->body);
	if (n < 3 || r->body[n - 1] != '}')
		return flow_refuse(f, "internal", NULL, NULL);
	if (r->next && r->next[0])
		next = arena_printf(a, "\"%s\"",
		    cursor_print(flow_app(f)->vault, a, reader_of(f), l->stamp, r->next));
	return ask_answer(f, &l->ask,
	    arena_printf(a, "%.*s,\"next\":%s}", (int)(n - 1), r->body, next));
}
