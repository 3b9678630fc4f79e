/*
 * Fuzzing HTTP: gate, parser, routes and admission on hostile bytes.
 *
 * Beside not crashing it asserts meaning: the verdict on where a head ends
 * does not depend on how the bytes were cut, what the gate opens for the
 * parser reads the same way, and every refusal has a reason.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/flow/problem.h"
#include "daemon/http/admit.h"
#include "daemon/http/client.h"
#include "daemon/http/gate.h"
#include "daemon/http/head.h"
#include "daemon/http/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct plan nothing = { .name = "nothing" };

static const struct route routes[] = {
	{ METHOD_GET, "/openapi.yaml", &nothing },
	{ METHOD_GET, "/v1/returns/{employer}/{district}/{quarter}", &nothing, ROLE_EMPLOYER },
	{ METHOD_PUT, "/v1/returns/{employer}/{district}/{quarter}", &nothing, ROLE_EMPLOYER },
	{ METHOD_POST, "/v1/placements", &nothing, ROLE_EMPLOYER, .needs_idempotency_key = true,
	    .needs_length = true },
};

static const struct principal *anybody(void *arg, const char *id, const char *secret)
{
	static const struct principal who = { .kid = "0", .role = ROLE_EMPLOYER };

	(void)arg;
	if (strlen(id) != KEY_ID_DIGITS || strlen(secret) != KEY_SECRET_DIGITS)
		abort();
	return &who;
}

#define ORIGINS "https://desk.example, http://[::1]:8080"

static void must(bool so)
{
	if (!so)
		abort();
}

static void check_request(const struct request *r)
{
	must(r->path[0] == '/' && text_is_clean(r->path, strlen(r->path), SIZE_MAX));
	must(!strstr(r->path, "//") && !strstr(r->path, "/../") && !strstr(r->path, "/./"));
	for (size_t i = 0; i < r->n_query; i++)
		must(request_query(r, r->query[i].name) == r->query[i].value);
	must(!r->idempotency_key || strlen(r->idempotency_key) <= 64);
	must(!r->actor || text_is_clean(r->actor, strlen(r->actor), 128));
	must(strlen(r->id) == 32);
}

/* Any text as a line of Accept-Encoding: said twice it says no more, and what forbids gzip
 * beside it can only make it less welcome. */
static void check_codings(const char *value)
{
	struct codings once = CODINGS_UNSAID, twice;

	header_codings(value, &once);
	must(once.gzip >= -1 && once.gzip <= 1000 && once.identity <= 1000 &&
	     once.others <= 1000);
	twice = once;
	header_codings(value, &twice);
	must(memcmp(&once, &twice, sizeof(once)) == 0);
	if (!strcasestr(value, "gzip") && !strchr(value, '*'))
		must(codings_wish(&once) == CODING_PLAIN);
	header_codings("gzip;q=1", &twice);
	must(codings_wish(&twice) != CODING_PLAIN);
}

/* Whatever stands there, the client is an address in its one spelling. */
static void check_client(const struct head *head)
{
	static const char *const names[] = { "X-Forwarded-For", "Forwarded" };

	for (size_t i = 0; i < 2; i++) {
		struct client c = client_behind((struct client){ "10.0.0.5" },
		    "10.0.0.5, 2001:db8::5", names[i], head);
		unsigned char raw[16];

		must(inet_pton(AF_INET, c.text, raw) == 1 ||
		     inet_pton(AF_INET6, c.text, raw) == 1);
		must(strchr(client_kept(&c, "network").text, '/') != NULL);
	}
}

static void read_head(const char *bytes, size_t n)
{
	static const struct http_config config = { .max_body = 65536,
		.find_principal = anybody,
		.origins = ORIGINS };
	struct arena *memory = arena_new();
	struct gate_facts facts;
	struct refusal why = { 0 };
	struct admission admission;
	struct head head;
	enum gate g = head_parse(memory, bytes, n, &head);

	/* A head for which the gate opens, and which the parser reads otherwise, is a finding.
	 */
	must(g != GATE_DISAGREE);
	must(g == gate_judge(bytes, n, &facts));
	admission.origin = NULL;
	if (g != GATE_OPEN) {
		must(gate_reason(g)->slug != NULL);
	} else if (admit(&config, routes, sizeof(routes) / sizeof(*routes), &head,
		       "00000000000000000000000000000000", memory, &admission, &why)) {
		must(admission.length <= config.max_body && admission.route != NULL);
		check_request(admission.request);
	} else {
		must(strcmp(problem_kind(why.slug)->slug, why.slug) == 0);
	}
	for (size_t i = 0; g == GATE_OPEN && i < head.n_headers; i++)
		check_codings(head.headers[i].value);
	if (g == GATE_OPEN)
		check_client(&head);
	must(!admission.origin || strcmp(admission.origin, "https://desk.example") == 0 ||
	     strcmp(admission.origin, "http://[::1]:8080") == 0);
	arena_free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A copy of just this size, so that the sanitizer sees one byte too far. */
	char *bytes = malloc(size ? size : 1);
	size_t whole = 0, pieces = 0, end = 0, end_of_pieces = 0;
	enum gate g, by_byte = GATE_MORE;

	memcpy(bytes, data, size);
	g = gate_find_end(bytes, size, &whole, &end);
	for (size_t n = 1; n <= size && by_byte == GATE_MORE; n++)
		by_byte = gate_find_end(bytes, n, &pieces, &end_of_pieces);
	must(g == by_byte && end == end_of_pieces);
	if (g == GATE_OPEN)
		read_head(bytes, end);
	free(bytes);
	return 0;
}
