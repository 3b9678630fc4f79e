/*
 * What came in and what goes out, without the socket: the plain values that
 * HTTP hands to a flow and gets back from it.
 */
#ifndef DAEMON_FLOW_REQUEST_H
#define DAEMON_FLOW_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum method { METHOD_GET, METHOD_PUT, METHOD_POST, METHOD_PATCH, METHOD_DELETE };

enum role {
	ROLE_NONE = 0,
	ROLE_EMPLOYER = 1,
	ROLE_AGENCY = 2,
	ROLE_BUREAU = 4,
	ROLE_AUDITOR = 8
};

/* Whose key it was.  The ledger checks the same key again inside each write. */
struct principal {
	char kid[20];
	uint8_t secret_hash[32]; /* BLAKE2b-256 of the secret */
	enum role role;
	int city;          /* 4101 */
	char org_code[20]; /* USCC, or nine-digit organisation code; "" for a bureau */
	char scope[16];    /* bureau, agency: division prefix, "4101" or "410105003" */
	bool sandbox;
};

enum lang { LANG_EN, LANG_ZH };

#define REQUEST_MAX_PARAMS 4
#define REQUEST_MAX_QUERY  8

struct query_param {
	const char *name;
	const char *value;
};

/* All strings are NUL-terminated, percent-decoded UTF-8 and live as long as the flow. */
struct request {
	enum method method;
	const char *path;
	const char *params[REQUEST_MAX_PARAMS]; /* {employer}, {district}, ... in order */
	struct query_param query[REQUEST_MAX_QUERY];
	size_t n_query;
	const char *body; /* NUL-terminated; NUL never occurs inside */
	size_t body_len;
	const char *idempotency_key; /* NULL when absent, as are the next three */
	const char *if_match;
	const char *actor;       /* Vacancyd-Actor: the person behind the key, as claimed */
	const char *position;    /* Consistency-Token of an earlier write */
	const char *traceparent; /* "" when absent */
	char id[33];             /* request id: 32 hex digits */
	enum lang lang;
	const struct principal *who; /* NULL on routes open to everybody */
};

/* The value of ?name=, or NULL. */
const char *request_query(const struct request *r, const char *name);

#define ANSWER_MAX_HEADERS 6

struct answer_header {
	const char *name;
	const char *value;
};

struct answer {
	int status;
	const char *content_type;
	const char *body; /* in the flow's arena */
	size_t body_len;
	struct answer_header headers[ANSWER_MAX_HEADERS];
	size_t n_headers;
};

#endif
