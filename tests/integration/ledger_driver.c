/*
 * A program that does nothing but call the ledger: what it reads on standard
 * input it calls, and each completion is one JSON line on standard output.
 * The tests break PostgreSQL under it.
 *
 *   ledger_driver <hosts> <connections> <queue> <connect ms> <call ms>
 *     call TAG ID ACTOR...      one read; ACTOR tells ledger_fake.sql what to do
 *     place TAG KEY ACTOR...    one write under an Idempotency-Key
 *     many TAG N WINDOW KEY     N writes, at most WINDOW under way; their sums
 *     find TAG KID SECRET       whose key it is
 *     outbox TAG XID ID LIMIT · records TAG ENTITY AFTER LIMIT · horizon TAG · turn TAG
 *     op TAG NUMBER             one operation, without key or arguments
 *     state TAG · quit
 *   ledger_driver migrate <hosts> <schema dir> <data dir, or ""> [plan]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/ledger.h"
#include "daemon/ledger/statements.h"
#include "daemon/log/log.h"
#include "daemon/vault/vault.h"
#include "tests/integration/driver_lines.h"

#define CITY 4101

static struct ledger *ledger;
static struct event_base *base;
static size_t n_commits;

static int number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One call, or the many of one command. */
struct work {
	char *tag;
	struct many *of;
	int number;
	int completions;
	int64_t began_ms;
	struct arena *arena;
	struct reply reply;
	struct outbox_batch batch;
	uint64_t xid, id;
	int n;
};

struct many {
	struct many *next; /* all of them, freed at the end */
	char *tag, *key;
	int n, window, asked, done;
	int by_status[E_INTERNAL + 1];
	int twice, replayed, wrong;
	int64_t slowest_ms;
	bool is_asking, is_told;
	struct work **works; /* kept, so that a second completion would find its own */
};

static struct work *work_new(const char *tag)
{
	struct work *w = must_alloc(sizeof(*w));

	w->tag = must_strdup(tag);
	w->arena = arena_new();
	w->began_ms = now_ms();
	return w;
}

static void work_free(struct work *w)
{
	arena_free(w->arena);
	free(w->tag);
	free(w);
}

static void on_call(void *arg, enum status st)
{
	struct work *w = arg;
	struct buf b = { 0 };

	driver_begin(&b, w->tag, status_name(st));
	buf_printf(&b, ",\"ms\":%" PRId64, now_ms() - w->began_ms);
	if (st == OK) {
		buf_printf(&b, ",\"status\":%d,\"replayed\":%s,\"changes\":%zu,\"sealed\":%zu",
		    w->reply.status, w->reply.replayed ? "true" : "false", w->reply.n_changes,
		    w->reply.n_sealed);
		buf_puts(&b, ",\"code\":");
		buf_json(&b, w->reply.code);
		buf_puts(&b, ",\"position\":");
		buf_json(&b, w->reply.position);
		buf_puts(&b, ",\"body\":");
		buf_json(&b, w->reply.body);
	}
	buf_putc(&b, '}');
	driver_say(&b);
	work_free(w);
}

static void on_rows(void *arg, enum status st)
{
	struct work *w = arg;
	struct buf b = { 0 };

	driver_begin(&b, w->tag, status_name(st));
	buf_printf(&b, ",\"xid\":%" PRIu64 ",\"id\":%" PRIu64 ",\"n\":%d,\"rows\":[", w->xid,
	    w->id, w->n);
	for (size_t i = 0; i < w->batch.n; i++) {
		const struct outbox_row *r = &w->batch.rows[i];

		buf_comma(&b);
		buf_printf(&b, "[%" PRIu64 ",%" PRIu64 ",\"%c\",%" PRIu64 ",%" PRIu64 ",%zu,",
		    r->xid, r->id, r->change.entity, r->change.id, r->change.version,
		    r->change.record.len);
		buf_json(&b, r->change.label);
		buf_putc(&b, ']');
	}
	buf_puts(&b, "]}");
	driver_say(&b);
	work_free(w);
}

static void call(enum ledger_op op, const char *arg, const char *key, const char *actor,
    struct work *w, struct done done)
{
	uint8_t hash[32] = { 0 };
	struct caller who = { .city = CITY,
		.kid = "0123456789abcdef",
		.secret_hash = hash,
		.actor = actor,
		.idempotency_key = key,
		.request_hash = hash };

	struct ledger_arg args[] = { ARG_TEXT(arg), ARG_TEXT(NULL) }; /* a vacancy's as_of */

	ledger_call(ledger, op, &who, args, op == LEDGER_READ_VACANCY ? 2 : 1, w->arena,
	    &w->reply, done);
}

static void call_bare(int op, struct work *w)
{
	const struct statement *s = statement_of(op);
	struct caller who = { .city = CITY,
		.kid = "nobody",
		.actor = "",
		.idempotency_key = w->tag };
	struct ledger_arg args[LEDGER_MAX_ARGS] = { { 0 } };

	ledger_call(ledger, (enum ledger_op)op, &who, args, s->n_params - (s->keyed ? 6 : 4),
	    w->arena, &w->reply, (struct done){ on_call, w });
}

static void go_on(struct many *m);

static void on_one_of_many(void *arg, enum status st)
{
	struct work *w = arg;
	struct many *m = w->of;
	int64_t took = now_ms() - w->began_ms;
	char expected[96];

	if (w->completions++) {
		m->twice++;
		return;
	}
	m->by_status[st]++;
	m->done++;
	if (took > m->slowest_ms)
		m->slowest_ms = took;
	snprintf(expected, sizeof(expected), "{\"key\":\"%s.%d\"}", m->key, w->number);
	if (st == OK) {
		m->replayed += w->reply.replayed;
		m->wrong += strcmp(w->reply.body, expected) != 0;
	}
	arena_free(w->arena);
	w->arena = NULL;
	go_on(m);
}

static void tell_sums(struct many *m)
{
	struct buf b = { 0 };

	m->is_told = true;
	driver_begin(&b, m->tag, "sums");
	for (int i = 0; i <= E_INTERNAL; i++) {
		buf_key(&b, status_name((enum status)i));
		buf_putd(&b, m->by_status[i]);
	}
	buf_printf(&b, ",\"twice\":%d,\"replays\":%d,\"wrong\":%d,\"slowest_ms\":%" PRId64 "}",
	    m->twice, m->replayed, m->wrong, m->slowest_ms);
	driver_say(&b);
}

/* A completion may come before ledger_call returns: the loop asks, never the recursion. */
static void go_on(struct many *m)
{
	if (m->is_asking)
		return;
	m->is_asking = true;
	while (m->asked < m->n && m->asked - m->done < m->window) {
		struct work *w = work_new(m->tag);
		char key[64];

		w->of = m;
		w->number = m->asked;
		m->works[m->asked++] = w;
		snprintf(key, sizeof(key), "%s.%d", m->key, w->number);
		call(LEDGER_REPORT_PLACEMENT, "{}", key, "", w,
		    (struct done){ on_one_of_many, w });
	}
	m->is_asking = false;
	if (m->done == m->n && !m->is_told)
		tell_sums(m);
}

static struct many *all_many;

static void many(const char *tag, int n, int window, const char *key)
{
	struct many *m = must_alloc(sizeof(*m));

	m->next = all_many;
	all_many = m;
	m->tag = must_strdup(tag);
	m->key = must_strdup(key);
	m->n = n;
	m->window = window;
	m->works = must_alloc((size_t)n * sizeof(struct work *));
	go_on(m);
}

static void free_all_many(void)
{
	for (struct many *m = all_many, *next; m; m = next) {
		next = m->next;
		for (int i = 0; i < m->asked; i++)
			work_free(m->works[i]);
		free(m->works);
		free(m->tag);
		free(m->key);
		free(m);
	}
}

static void find(const char *tag, const char *kid, const char *secret)
{
	const struct principal *p = ledger_find_principal(ledger, kid, secret);
	struct buf b = { 0 };

	driver_begin(&b, tag, p ? "known" : "unknown");
	if (p)
		buf_printf(&b, ",\"kid\":\"%s\",\"role\":%d,\"city\":%d,\"scope\":\"%s\"",
		    p->kid, (int)p->role, p->city, p->scope);
	buf_putc(&b, '}');
	driver_say(&b);
}

static void state(const char *tag)
{
	struct buf b = { 0 };
	int64_t seconds = 0, age = 0;
	int day = 0, pid = 0;
	bool fixed = false;
	bool known = ledger_clock(ledger, &day, &seconds, &fixed);

	ledger_horizon(ledger, &age, &pid);
	driver_begin(&b, tag, "state");
	buf_printf(&b,
	    ",\"up\":%d,\"ready\":%d,\"waiting\":%zu,\"known\":%d,\"day\":%d,\"seconds\":%" PRId64
	    ",\"fixed\":%d,\"horizon_ms\":%" PRId64 ",\"horizon_pid\":%d,\"commits\":%zu}",
	    ledger_is_up(ledger), ledger_is_ready(ledger), ledger_waiting(ledger), known, day,
	    seconds, fixed, age, pid, n_commits);
	driver_say(&b);
}

static void obey(void *arg, char *line)
{
	/* What ACTOR is has blanks. */
	bool has_actor = strncmp(line, "call ", 5) == 0 || strncmp(line, "place ", 6) == 0;
	char *word[5] = { 0 };
	struct work *w;

	(void)arg;
	driver_words(line, word, has_actor ? 4 : 5);
	if (strcmp(word[0], "quit") == 0) {
		event_base_loopbreak(base);
		return;
	}
	if (strcmp(word[0], "state") == 0) {
		state(word[1]);
		return;
	}
	if (strcmp(word[0], "find") == 0) {
		find(word[1], word[2], word[3]);
		return;
	}
	if (strcmp(word[0], "many") == 0) {
		many(word[1], number(word[2]), number(word[3]), word[4]);
		return;
	}
	w = work_new(word[1]);
	if (strcmp(word[0], "call") == 0)
		call(LEDGER_READ_VACANCY, word[2], NULL, word[3], w,
		    (struct done){ on_call, w });
	else if (strcmp(word[0], "place") == 0)
		call(LEDGER_REPORT_PLACEMENT, "{}", word[2], word[3], w,
		    (struct done){ on_call, w });
	else if (strcmp(word[0], "op") == 0)
		call_bare(number(word[2]), w);
	else if (strcmp(word[0], "outbox") == 0)
		ledger_read_outbox(ledger, CITY, strtoull(word[2], NULL, 10),
		    strtoull(word[3], NULL, 10), number(word[4]), w->arena, &w->batch,
		    (struct done){ on_rows, w });
	else if (strcmp(word[0], "horizon") == 0)
		ledger_read_horizon(ledger, CITY, &w->xid, &w->id, (struct done){ on_rows, w });
	else if (strcmp(word[0], "turn") == 0)
		ledger_do(ledger, CITY, LEDGER_TURN_DAY, 500, 0, &w->n,
		    (struct done){ on_rows, w });
	else
		abort();
}

static void on_commit(void *arg)
{
	(*(size_t *)arg)++;
}

static int migrate(int argc, char **argv)
{
	struct ledger_migration m = { .hosts = argv[2],
		.schema_dir = argv[3],
		.data_dir = *argv[4] ? argv[4] : NULL,
		.plan_only = argc > 5,
		.city = CITY,
		.plan_year = 2007,
		.sandbox = true,
		.fixed_clock = "2007-07-12 10:00+08" };

	return ledger_migrate(&m) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct ledger_config config = { .city = CITY,
		.sandbox = true,
		.hash_secret = vault_hash_secret };
	struct driver_lines *input;

	if (argc > 4 && strcmp(argv[1], "migrate") == 0)
		return migrate(argc, argv);
	if (argc != 6 && argc != 7)
		return EXIT_FAILURE;
	config.hosts = argv[1];
	config.as[LEDGER_REQUEST] = "user=vacancyd_request";
	if (argc == 7) { /* each statement as its own role: the fake knows one */
		config.as[LEDGER_APPLIER] = "user=vacancyd_applier";
		config.as[LEDGER_ADMIN] = "user=vacancyd_admin";
	}
	config.connections = number(argv[2]);
	config.reports = 1;
	config.queue_limit = number(argv[3]);
	config.connect_timeout_ms = number(argv[4]);
	config.call_timeout_ms = number(argv[5]);
	log_open(LOG_LEVEL_INFO, "driver");
	base = event_base_new();
	input = driver_lines_new(base, obey, NULL);
	ledger = ledger_new(base, &config);
	ledger_on_commit(ledger, on_commit, &n_commits);
	event_base_dispatch(base);
	/* What is under way is completed here, and says so. */
	ledger_free(ledger);
	driver_lines_free(input);
	event_base_free(base);
	free_all_many();
	return EXIT_SUCCESS;
}
