/*
 * Drives the daemon's own ledger library with one kind of write, as fast as its
 * answers come back, and says how fast that was.
 *
 *   bench_ledger_load HOSTS CONNECTIONS CALLERS file|place|register FIRST COUNT
 *
 * It knows the numbers of write_market.sql: employer, person and vacancy n can be
 * computed from n.  Each call is a new return, placement or person.  An answer
 * other than 201 ends the program, so that a rate is never one of refusals.  The
 * first tenth of the answers is not timed: a connection makes its plans once, at
 * its first calls, and a daemon's connections live for days.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"
#include "daemon/vault/vault.h"

#define CITY  4101
#define LINES 20

struct load;

/* One caller: asks, waits for the answer, asks the next. */
struct caller_slot {
	struct load *load;
	struct arena *arena;
	struct reply reply;
	uint64_t number;
	int64_t began_us;
};

struct load {
	struct event_base *base;
	struct ledger *ledger;
	void (*call)(struct load *l, struct caller_slot *c, struct caller *who);
	uint64_t next, end;
	size_t n_callers, busy, n_untimed;
	int64_t began_us;
	struct caller_slot *callers;
	uint8_t secret_hash[32];
	char actor[128]; /* officer 1 and the hash of her secret, which is the key's too */
	size_t n_took;
	uint32_t *took_us;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static const char *employer_code(uint64_t n, char out[10])
{
	static const int weights[] = { 3, 7, 9, 10, 5, 8, 4, 2 };
	int sum = 0;

	snprintf(out, 10, "%08u", (unsigned)(n % 100000000));
	for (size_t i = 0; i < 8; i++)
		sum += (out[i] - '0') * weights[i];
	out[8] = "0X987654321"[sum % 11];
	out[9] = '\0';
	return out;
}

/* A line as the codec writes it: the coded members, then the line as it was sent. */
static void write_line(struct buf *b, uint64_t employer, int i)
{
	buf_comma(b);
	buf_printf(b,
	    "{\"ref\":\"E%" PRIu64
	    "-%d\",\"occupation\":4070501,\"title\":\"保安员\",\"duties\":"
	    "\"值班巡逻\",\"posts\":%d,\"place\":\"410105003001\",\"pay_min_fen\":90000,"
	    "\"pay_max_fen\":120000,\"pay_period\":\"month\",\"pay_min_month\":90000,"
	    "\"pay_max_month\":120000,\"pay_text\":\"900–1200元/月\",\"weekly_hours\":40,"
	    "\"insurance\":[],\"education\":null,\"education_rank\":0,\"skills_required\":\"0a11\","
	    "\"skills_wished\":\"\",\"licences\":\"\",\"experience_months\":0,\"shift\":1,"
	    "\"form\":1,\"contract_months\":null,\"vacant_since\":null,\"valid_until\":null,"
	    "\"reserved\":false,\"approval\":null,\"restrictions\":[],\"benefits\":null,",
	    employer, i, 1 + i % 5);
	buf_printf(b,
	    "\"filed\":{\"ref\":\"E%" PRIu64 "-%d\",\"occupation\":\"4-07-05-01\",\"title\":"
	    "\"保安员\",\"duties\":\"值班巡逻\",\"posts\":%d,\"place\":\"410105003001\","
	    "\"pay_min_fen\":90000,\"pay_max_fen\":120000,\"pay_period\":\"month\","
	    "\"weekly_hours\":40},\"contact\":\"",
	    employer, i, 1 + i % 5);
	for (int k = 0; k < 16; k++)
		buf_puts(b, "0123456789");
	buf_puts(b, "\"}");
}

static void on_answer(void *arg, enum status st);

static void file(struct load *l, struct caller_slot *c, struct caller *who)
{
	static const uint8_t sealed[60];
	struct ledger_arg args[10];
	struct buf b = { 0 };
	char code[10];
	uint8_t hash[32];

	buf_puts(&b, "{\"nil\":false,\"staff\":120,\"lines\":[");
	for (int i = 0; i < LINES; i++)
		write_line(&b, c->number, i);
	buf_puts(&b, "],\"closed\":[]}");
	vault_hash(b.data, b.len, hash);
	args[0] = ARG_TEXT(employer_code(c->number, code));
	args[1] = ARG_TEXT("410105");
	args[2] = ARG_TEXT("2007Q2");
	args[3] = ARG_TEXT(b.data);
	args[4] = ARG_BYTES(hash, sizeof(hash));
	args[5] = ARG_BYTES(sealed, sizeof(sealed));
	args[6] = ARG_BYTES(sealed, sizeof(sealed));
	args[7] = ARG_TEXT("bench"); /* the key of the interview contacts */
	args[8] = ARG_TEXT(NULL);
	args[9] = ARG_TEXT("false");
	ledger_call(l->ledger, LEDGER_FILE_RETURN, who, args, 10, c->arena, &c->reply,
	    (struct done){ on_answer, c });
	buf_free(&b);
}

static void place(struct load *l, struct caller_slot *c, struct caller *who)
{
	char body[320], key[64];
	uint8_t hash[32];

	snprintf(key, sizeof(key), "bench-%020" PRIu64, c->number);
	snprintf(body, sizeof(body),
	    "{\"seeker\":\"%016" PRIx64 "\",\"vacancy\":\"%" PRIu64
	    "\",\"kind\":\"unit\",\"employer\":null,\"workplace\":null,\"start_on\":\"2007-07-12\","
	    "\"source\":null}",
	    (c->number * 2654435761U) & 0xfffffffffff, c->number);
	vault_hash(body, strlen(body), hash);
	who->idempotency_key = key;
	who->request_hash = hash;
	ledger_call(l->ledger, LEDGER_REPORT_PLACEMENT, who, &ARG_TEXT(body), 1, c->arena,
	    &c->reply, (struct done){ on_answer, c });
}

/* A woman registered as unemployed; a fifth hold a certificate. */
static void register_person(struct load *l, struct caller_slot *c, struct caller *who)
{
	static const uint8_t sealed[60];
	struct buf b = { 0 };
	char key[64], id[32];
	uint8_t hash[32];

	snprintf(key, sizeof(key), "bench-%020" PRIu64, c->number);
	/* Beside those of the market. */
	snprintf(id, sizeof(id), "%" PRIu64,
	    ((c->number * 2654435761U) & 0xfffffffffff) | ((uint64_t)1 << 45));
	buf_printf(&b,
	    "{\"sex\":2,\"birth\":\"%u-%02u-%02u\",\"community\":\"410103001001\","
	    "\"hukou_type\":\"urban\",\"hukou_division\":\"410103\",\"education\":\"61\","
	    "\"education_rank\":4,\"skills\":\"0a11\",\"licences\":\"\",\"experience\":\"\","
	    "\"wishes\":[4070501,4090801],\"pay_wish\":80000,\"farthest\":4,\"shifts\":15,"
	    "\"forms\":3,\"group\":\"local\",\"retirement_age\":null,\"unemployment\":{\"since\":"
	    "\"2007-01-10\",\"prior_job\":true,\"laid_off\":null},\"recognitions\":[],",
	    (unsigned)(1968 + c->number % 14), (unsigned)(1 + c->number % 12),
	    (unsigned)(1 + c->number % 28));
	if (c->number % 5 == 0)
		buf_printf(&b,
		    "\"certificate\":{\"number\":\"R%" PRIu64
		    "\",\"group\":\"local\",\"issued_on\":\"2006-05-01\",\"valid_to\":"
		    "\"2009-05-01\",\"inspected\":[2007]}}",
		    c->number);
	else
		buf_puts(&b, "\"certificate\":null}");
	vault_hash(id, strlen(id), hash);
	who->idempotency_key = key;
	who->request_hash = hash;
	ledger_call(l->ledger, LEDGER_REGISTER_SEEKER, who,
	    (const struct ledger_arg[]){ ARG_TEXT(id), ARG_BYTES(hash, sizeof(hash)),
		ARG_BYTES(sealed, sizeof(sealed)), ARG_BYTES(sealed, sizeof(sealed)),
		ARG_BYTES(sealed, sizeof(sealed)), ARG_BYTES(sealed, sizeof(sealed)),
		ARG_TEXT(b.data) },
	    7, c->arena, &c->reply, (struct done){ on_answer, c });
	buf_free(&b);
}

static void ask(struct caller_slot *c)
{
	struct load *l = c->load;
	struct caller who = { .city = CITY,
		.kid = "0000000000000000",
		.secret_hash = l->secret_hash,
		.actor = l->actor };

	if (l->next == l->end)
		return;
	c->number = l->next++;
	c->began_us = now_us();
	l->busy++;
	c->arena = arena_new();
	l->call(l, c, &who);
}

static void on_answer(void *arg, enum status st)
{
	struct caller_slot *c = arg;
	struct load *l = c->load;

	if (st != OK || c->reply.status != 201 || !*c->reply.position) {
		fprintf(stderr, "call %" PRIu64 ": %s %d %s\n", c->number, status_name(st),
		    st == OK ? c->reply.status : 0, st == OK ? c->reply.code : "");
		exit(EXIT_FAILURE);
	}
	l->took_us[l->n_took++] = (uint32_t)(now_us() - c->began_us);
	if (l->n_took == l->n_untimed)
		l->began_us = now_us();
	arena_free(c->arena);
	l->busy--;
	ask(c);
	if (!l->busy)
		event_base_loopbreak(l->base);
}

static int earlier(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct load *l = arg;

	(void)fd;
	(void)what;
	if (ledger_is_ready(l->ledger))
		event_base_loopbreak(l->base);
}

static void wait_ready(struct load *l)
{
	struct timeval tick = { .tv_usec = 20000 };
	struct event *e = event_new(l->base, -1, EV_PERSIST, on_ready, l);

	event_add(e, &tick);
	event_base_dispatch(l->base);
	event_free(e);
}

int main(int argc, char **argv)
{
	struct ledger_config config = { .city = CITY,
		.sandbox = true,
		.hash_secret = vault_hash_secret,
		.queue_limit = 10000,
		.call_timeout_ms = 20000 };
	struct load l = { 0 };
	struct rusage used;
	double seconds;

	if (argc != 7)
		return EXIT_FAILURE;
	config.hosts = argv[1];
	config.as[LEDGER_REQUEST] = "user=vacancyd_request";
	config.connections = (int)strtol(argv[2], NULL, 10);
	l.n_callers = strtoul(argv[3], NULL, 10);
	l.call = strcmp(argv[4], "file") == 0    ? file
		 : strcmp(argv[4], "place") == 0 ? place
						 : register_person;
	l.next = strtoull(argv[5], NULL, 10);
	l.end = l.next + strtoull(argv[6], NULL, 10);
	vault_hash_secret("BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB", l.secret_hash);
	snprintf(l.actor, sizeof(l.actor), "%016x.", 1);
	for (size_t i = 0; i < sizeof(l.secret_hash); i++)
		snprintf(l.actor + 17 + 2 * i, 3, "%02x", l.secret_hash[i]);
	snprintf(l.actor + 81, sizeof(l.actor) - 81, " bench");
	log_open(LOG_LEVEL_WARN, "load");
	l.took_us = must_alloc((l.end - l.next) * sizeof(*l.took_us));
	l.callers = must_alloc(l.n_callers * sizeof(*l.callers));
	l.base = event_base_new();
	l.ledger = ledger_new(l.base, &config);
	wait_ready(&l);

	l.n_untimed = (l.end - l.next) / 10;
	l.began_us = now_us();
	for (size_t i = 0; i < l.n_callers; i++) {
		l.callers[i].load = &l;
		ask(&l.callers[i]);
	}
	event_base_dispatch(l.base);
	seconds = (double)(now_us() - l.began_us) / 1e6;

	getrusage(RUSAGE_SELF, &used);
	qsort(l.took_us, l.n_took, sizeof(*l.took_us), earlier);
	printf("{\"calls\":%zu,\"seconds\":%.6f,\"rate\":%.1f,\"p50_us\":%u,\"p99_us\":%u,"
	       "\"client_us\":%.1f}\n",
	    l.n_took, seconds, (double)(l.n_took - l.n_untimed) / seconds,
	    l.took_us[l.n_took / 2], l.took_us[l.n_took * 99 / 100],
	    ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) /
		(double)l.n_took);
	ledger_free(l.ledger);
	event_base_free(l.base);
	free(l.took_us);
	free(l.callers);
	return EXIT_SUCCESS;
}
