/*
 * A head through the gate and through admission, as a connection takes it.
 */
#ifndef TESTS_UNIT_HTTP_JUDGE_H
#define TESTS_UNIT_HTTP_JUDGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/arena.h"
#include "daemon/flow/problem.h"
#include "daemon/http/admit.h"
#include "daemon/http/gate.h"
#include "daemon/http/head.h"
#include "daemon/http/headers.h"
#include "daemon/http/route_match.h"

#define ID       "0123456789abcdef"
#define SECRET   "0123456789abcdefghijABCDEFGHIJ0123456789abc"
#define OTHER_ID "fedcba9876543210"
#define ACTOR    "Vacancyd-Actor: vo_" ID "_" SECRET "\r\n"
#define KEY      "Authorization: Bearer vd_" ID "_" SECRET "\r\n"

static const struct plan nothing = { .name = "nothing" };

static const struct route routes[] = {
	{ METHOD_GET, "/openapi.yaml", &nothing },
	{ METHOD_POST, "/v1/placements", &nothing, ROLE_BUREAU | ROLE_AGENCY, .max_body = 100,
	    .needs_idempotency_key = true, .needs_length = true },
	{ METHOD_GET, "/v1/returns/{employer}/{district}/{quarter}", &nothing, ROLE_EMPLOYER },
	{ METHOD_PUT, "/v1/returns/{employer}/{district}/{quarter}", &nothing, ROLE_BUREAU,
	    .needs_length = true },
	{ METHOD_POST, "/v1/placements/{placement}/confirm", &nothing, ROLE_BUREAU },
	{ METHOD_GET, "/v1/persons", &nothing, ROLE_BUREAU, .actors = ROLE_BUREAU },
};
#define N_ROUTES (sizeof(routes) / sizeof(*routes))

static inline const struct principal *only_one(void *arg, const char *id, const char *secret)
{
	static const struct principal bureau = { .kid = ID,
		.role = ROLE_BUREAU,
		.city = 4101,
		.scope = "4101" };

	(void)arg;
	return strcmp(id, ID) == 0 && strcmp(secret, SECRET) == 0 ? &bureau : NULL;
}

/* An officer of hers, who has a part of her division; and one of another organisation. */
static inline const struct principal *two_officers(void *arg, const char *id,
    const char *secret)
{
	static const struct principal clerk = { .kid = ID,
		.role = ROLE_BUREAU,
		.secret_hash = { 0xab },
		.scope = "410105" };
	static const struct principal stranger = { .kid = OTHER_ID,
		.role = ROLE_BUREAU,
		.organisation = "another" };

	(void)arg;
	if (strcmp(secret, SECRET) != 0)
		return NULL;
	return strcmp(id, ID) == 0 ? &clerk : strcmp(id, OTHER_ID) == 0 ? &stranger : NULL;
}

static const struct http_config config = { .max_body = 1000,
	.find_principal = only_one,
	.find_officer = two_officers,
	.origins = "https://desk.example, http://[::1]:8080" };

/* What became of a head: the slug it was refused with, or "". */
static struct {
	struct arena *memory;
	struct head head;
	struct admission admission;
	struct refusal why;
	const char *slug;
	bool keeps;
} got;

static inline int fresh(void **state)
{
	(void)state;
	memset(&got, 0, sizeof(got));
	got.memory = arena_new();
	return 0;
}

static inline int done_with(void **state)
{
	(void)state;
	arena_free(got.memory);
	return 0;
}

static inline const char *judge(const char *bytes, size_t n)
{
	size_t scanned = 0, end = 0;
	enum gate g = gate_find_end(bytes, n, &scanned, &end);

	got.keeps = false;
	if (g == GATE_MORE)
		return got.slug = "more";
	if (g == GATE_OPEN)
		g = head_parse(got.memory, bytes, end, &got.head);
	if (g != GATE_OPEN)
		return got.slug = gate_reason(g)->slug;
	got.keeps = got.head.keep_alive;
	if (!admit(&config, routes, N_ROUTES, &got.head, "11111111111111111111111111111111",
		got.memory, &got.admission, &got.why))
		return got.slug = got.why.slug;
	return got.slug = "";
}

static inline const char *judge_text(const char *text)
{
	return judge(text, strlen(text));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, done_with)

#endif
