/*
 * A ledger and a mirror behind the real headers, for tests of plans: the ledger
 * answers what the test says, from the loop, and the mirror holds a real index.
 */
#ifndef TESTS_UNIT_API_FAKES_H
#define TESTS_UNIT_API_FAKES_H

#include "daemon/api/app.h"
#include "daemon/flow/flow.h"
#include "daemon/ledger/ledger.h"
#include "daemon/mirror/mirror.h"

struct event_base;

/* What the next call of the ledger is answered. */
struct ledger_script {
	enum status status;
	struct reply reply;
	unsigned wait_s; /* it is not even asked: the organisation has had its part */
};

/* What was asked of the fakes. */
struct asked {
	int calls;
	enum ledger_op op;
	char args[LEDGER_MAX_ARGS][512]; /* text arguments; "(null)" */
	size_t lengths[LEDGER_MAX_ARGS]; /* of byte arguments */
	size_t n_args;
	char kid[20], actor[64], idempotency[65];
	unsigned char request_hash[32];
	int applied;
	uint64_t applied_xid, applied_id;
	int awaited;
	uint64_t awaited_xid, awaited_id;
	unsigned awaited_ms;
};

/* What was answered. */
struct answered {
	int times, status;
	char type[64], body[65536];
	char headers[512]; /* "ETag: \"1\"\n..." */
};

extern struct ledger_script script;
extern struct asked asked;
extern struct answered answered;
extern struct index *mirrored;
extern bool mirror_ready, clock_known;
extern enum status mirror_awaits; /* how mirror_await ends, from the loop */

/* One application, one catalogue, one vault for the whole group. */
int fakes_start(void **state);
int fakes_stop(void **state);
int fakes_reset(void **state);

struct sent {
	enum method method;
	const char *path; /* as routes have it: its parameters are found by the pattern */
	const char *body;
	enum role role;
	const char *scope;
	const char *if_match;
	const char *query[4]; /* name, value, name, value */
	const char *position; /* Consistency-Token */
};

/* Runs the route's plan until it has answered. */
void send_request(const struct sent *s);
bool answer_has(const char *text);

#endif
