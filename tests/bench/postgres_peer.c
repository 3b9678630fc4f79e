/*
 * See postgres_peer.h.  What a client knows before it asks (the groups of the
 * wishes, the counties next to hers, months added up by minor group) is worked
 * out here, so that the server does not have to; that is within the query's time.
 */
#include "tests/bench/postgres_peer.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VACANCIES_CALL                                                                         \
	"vacancies($1::int, $2::bigint, $3::int, "                                             \
	"$4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int, $10::int, "           \
	"$11::bigint, $12::int, $13::int, $14::int, $15::bit(256), $16::int, $17::int, "       \
	"$18::int, $19::int, $20::int, $21::int, $22::int, $23::int)"

#define SEEKERS_CALL                                                                           \
	"seekers($1::int, $2::bigint, $3::int, "                                               \
	"$4::int[], $5::int, $6::int, $7::int, $8::int, $9::int, $10::bigint, $11::int, "      \
	"$12::int, $13::boolean, $14::boolean, $15::bit(256), $16::bit(256), $17::smallint, "  \
	"$18::int, $19::int, $20::int, $21::int)"

enum { PARAMS_MAX = 24, EXPERIENCES = 3 };

struct postgres_peer {
	PGconn *db;
	const struct terms *terms;
	char text[4096];
	const char *values[PARAMS_MAX];
	size_t used;
	int n;
};

static void die(struct postgres_peer *p, const char *what)
{
	fprintf(stderr, "bench_engine: %s: %s", what, PQerrorMessage(p->db));
	exit(1);
}

static struct postgres_peer *open_peer(const char *conninfo, const struct terms *t,
    const char *functions)
{
	static const char *const setup[] = { "SET jit = off",
		"SET max_parallel_workers_per_gather = 0", "SET work_mem = '64MB'" };
	static const char *const named[][2] = { { "vacancies", VACANCIES_CALL },
		{ "seekers", SEEKERS_CALL } };
	struct postgres_peer *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->db = PQconnectdb(conninfo);
	p->terms = t;
	if (PQstatus(p->db) != CONNECTION_OK)
		die(p, conninfo);
	for (size_t i = 0; i < sizeof(setup) / sizeof(*setup); i++)
		PQclear(PQexec(p->db, setup[i]));
	for (size_t i = 0; i < 2; i++) {
		char sql[1024];
		PGresult *r;

		snprintf(sql, sizeof(sql), "SELECT id, score, widened FROM peer.%s_%s",
		    functions, named[i][1]);
		r = PQprepare(p->db, named[i][0], sql, 0, NULL);
		if (PQresultStatus(r) != PGRES_COMMAND_OK)
			die(p, named[i][0]);
		PQclear(r);
	}
	return p;
}

struct postgres_peer *postgres_peer_open(const char *conninfo, const struct terms *t)
{
	return open_peer(conninfo, t, "best");
}

struct postgres_peer *postgres_plain_open(const char *conninfo, const struct terms *t)
{
	return open_peer(conninfo, t, "plain");
}

void postgres_peer_close(struct postgres_peer *p)
{
	if (!p)
		return;
	PQfinish(p->db);
	free(p);
}

static void add(struct postgres_peer *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(struct postgres_peer *p, const char *format, ...)
{
	char *text = p->text + p->used;
	va_list ap;
	int n;

	va_start(ap, format);
	/* The analyser of clang 14 does not see the va_start above.
	 * NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
	n = vsnprintf(text, sizeof(p->text) - p->used, format, ap);
	va_end(ap);
	p->values[p->n++] = text;
	p->used += (size_t)n + 1;
}

static void add_array(struct postgres_peer *p, const uint32_t *values, size_t n)
{
	char text[256];
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%" PRIu32,
		    i ? "," : "", values[i]);
	text[used] = '\0';
	add(p, "{%s}", text);
}

static void add_bits(struct postgres_peer *p, const uint8_t *ids, uint8_t n)
{
	char bits[257];

	memset(bits, '0', 256);
	bits[256] = '\0';
	for (uint8_t i = 0; i < n; i++)
		bits[ids[i]] = '1';
	add(p, "%s", bits);
}

static uint64_t mask(const uint8_t *ids, uint8_t n)
{
	uint64_t m = 0;

	for (uint8_t i = 0; i < n; i++)
		m |= UINT64_C(1) << (ids[i] & 63);
	return m;
}

static void add_place(struct postgres_peer *p, place_t place)
{
	const struct adjacency *near = p->terms->near;
	uint32_t county = (uint32_t)(place / 1000000);
	uint32_t touching[16];
	size_t n = 0;

	for (size_t i = 0; i < near->n && n < 16; i++) {
		if (near->pairs[i][0] == county)
			touching[n++] = near->pairs[i][1];
	}
	add(p, "%" PRId32, p->terms->today);
	add(p, "%" PRIu64, place);
	add(p, "%" PRIu32, county);
	add_array(p, touching, n);
}

static size_t put_once(uint32_t *list, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] == value)
			return n;
	}
	list[n] = value;
	return n + 1;
}

static void add_groups(struct postgres_peer *p, const struct seeker *s)
{
	uint32_t minors[WISHES_MAX];
	uint32_t middles[WISHES_MAX];
	uint32_t majors[WISHES_MAX];
	size_t n_minors = 0;
	size_t n_middles = 0;
	size_t n_majors = 0;

	for (uint8_t i = 0; i < s->n_wishes; i++) {
		if (s->wishes[i] % 10000)
			n_minors = put_once(minors, n_minors, s->wishes[i] / 100);
		n_middles = put_once(middles, n_middles, s->wishes[i] / 10000);
		n_majors = put_once(majors, n_majors, s->wishes[i] / 1000000);
	}
	add_array(p, s->wishes, s->n_wishes);
	add_array(p, minors, n_minors);
	add_array(p, middles, n_middles);
	add_array(p, majors, n_majors);
}

static void add_experience(struct postgres_peer *p, const struct seeker *s)
{
	uint32_t minors[EXPERIENCE_MAX];
	uint32_t months[EXPERIENCE_MAX] = { 0 };
	size_t n = 0;

	for (uint8_t i = 0; i < s->n_experience; i++) {
		uint32_t minor = s->experience[i].occupation / 100;
		size_t at = 0;

		n = put_once(minors, n, minor);
		while (minors[at] != minor)
			at++;
		months[at] += s->experience[i].months;
	}
	for (size_t i = 0; i < EXPERIENCES; i++) {
		add(p, "%" PRIu32, i < n ? minors[i] : 0);
		add(p, "%" PRIu32, i < n ? months[i] : 0);
	}
}

static uint64_t big(const char *bytes)
{
	uint32_t half[2];

	memcpy(half, bytes, sizeof(half));
	return (uint64_t)ntohl(half[0]) << 32 | ntohl(half[1]);
}

static size_t ask(struct postgres_peer *p, const char *name, struct match *out, size_t k)
{
	PGresult *r = PQexecPrepared(p->db, name, p->n, p->values, NULL, NULL, 1);
	size_t n;

	if (PQresultStatus(r) != PGRES_TUPLES_OK)
		die(p, name);
	n = (size_t)PQntuples(r);
	for (size_t i = 0; i < n && i < k; i++) {
		uint32_t score;

		memcpy(&score, PQgetvalue(r, (int)i, 1), sizeof(score));
		out[i] = (struct match){ .id = big(PQgetvalue(r, (int)i, 0)),
			.score.total = (uint16_t)ntohl(score),
			.widened = *PQgetvalue(r, (int)i, 2) };
	}
	PQclear(r);
	return n;
}

static size_t ask_vacancies(struct postgres_peer *p, const struct seeker *s, struct match *out,
    size_t k)
{
	add_place(p, s->place);
	add_groups(p, s);
	add(p, "%u", s->rank);
	add(p, "%u", s->education);
	add(p, "%" PRId64, (int64_t)~mask(s->licences, s->n_licences));
	add(p, "%u", s->shifts);
	add(p, "%u", s->forms);
	add(p, "%u", s->farthest);
	add_bits(p, s->skills, s->n_skills);
	add(p, "%" PRIu32, s->pay_wish);
	add_experience(p, s);
	add(p, "%zu", k);
	return ask(p, "vacancies", out, k);
}

static size_t ask_seekers(struct postgres_peer *p, const struct vacancy *v, struct match *out,
    size_t k)
{
	add_place(p, v->place);
	add(p, "%" PRIu32, v->occupation);
	add(p, "%" PRIu32, v->occupation / 100);
	add(p, "%" PRIu32, v->occupation / 10000);
	add(p, "%" PRIu32, v->occupation / 1000000);
	add(p, "%u", v->education_min);
	add(p, "%" PRId64, (int64_t)mask(v->licences, v->n_licences));
	add(p, "%u", v->shift);
	add(p, "%u", v->form);
	add(p, "%s", v->reserved ? "t" : "f");
	add(p, "%s", p->terms->today >= v->released_on ? "t" : "f");
	add_bits(p, v->required, v->n_required);
	add_bits(p, v->wished, v->n_wished);
	add(p, "%d", 2 * v->n_required + v->n_wished);
	add(p, "%" PRIu32, v->pay_max);
	add(p, "%u", v->experience_months);
	add(p, "%" PRId32, v->posted_on);
	add(p, "%zu", k);
	return ask(p, "seekers", out, k);
}

static size_t best(void *self, const struct seeker *s, const struct vacancy *v,
    struct match *out, size_t k)
{
	struct postgres_peer *p = self;

	p->n = 0;
	p->used = 0;
	return s ? ask_vacancies(p, s, out, k) : ask_seekers(p, v, out, k);
}

struct side postgres_side(struct postgres_peer *p)
{
	return (struct side){ "PostgreSQL", best, p };
}
