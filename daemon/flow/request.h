/*
 * What came in and what goes out, without the socket: the plain values that
 * HTTP hands to a flow and gets back from it.
 */
#ifndef DAEMON_FLOW_REQUEST_H
#define DAEMON_FLOW_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/scope.h"
#include "daemon/base/status.h"

enum method { METHOD_GET, METHOD_PUT, METHOD_POST, METHOD_PATCH, METHOD_DELETE };

const char *method_name(enum method m); /* "GET" */

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
	int city;               /* 4101 */
	char org_code[20];      /* USCC, or nine-digit organisation code; "" for a bureau */
	char scope[SCOPE_SIZE]; /* division prefix, "4101" or "410105003" */
	char organisation[33];  /* a digest, to be compared only */
	int rate, burst;        /* requests a second; 0: no limit */
	/* The same of all keys of the organisation together: those of the fastest. */
	int organisation_rate, organisation_burst;
	bool sandbox;
};

enum lang { LANG_EN, LANG_ZH };

#define REQUEST_MAX_PARAMS 4
#define REQUEST_MAX_QUERY  16

struct query_param {
	const char *name;
	const char *value;
};

/*
 * A body that is taken as it comes, by a plan that says .streams.  Whoever reads no further
 * holds the sender back.
 */
struct body {
	uint64_t left; /* bytes that have not been read */
	bool is_cut;   /* the rest will never come */
	/* At most `room` bytes.  0: none are there now; then `arrived`, when it is set, is
	 * called once, as soon as some are or the body is cut. */
	size_t (*read)(struct body *b, char *to, size_t room);
	struct done arrived;
	void *from;
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
	struct body *stream;         /* in place of `body` */
	const char *content_type;    /* with it; NULL when absent */
	const char *idempotency_key; /* NULL when absent, as are the next four */
	const char *if_match;
	const char *if_none_match;
	const char *accept; /* NULL: anything */
	/* The person behind the key, known and of its organisation, as the ledger wants her:
	 * "<officer>.<hash>[.<on whose behalf>]". */
	const char *actor;
	const char *position;    /* Consistency-Token of an earlier write */
	const char *traceparent; /* "" when absent */
	char id[33];             /* request id: 32 hex digits, made here and nowhere else */
	const char *client_id;   /* what the client calls it, a token; NULL when absent */
	enum lang lang;
	const char *pattern;  /* of its route, "/v1/seekers/{seeker}"; NULL: it has none */
	const void *of_route; /* the route's argument, for its plan */
	const struct principal *who; /* NULL on routes open to everybody */
	const char *masked; /* fields of the answer that this role does not see; or NULL */
};

/* The value of ?name=, or NULL. */
const char *request_query(const struct request *r, const char *name);
/* Whether the table of authorisation hides that field from the caller's role. */
bool request_masks(const struct request *r, const char *field);

#define ANSWER_MAX_HEADERS 6

struct problem_kind;

struct answer_header {
	const char *name;
	const char *value;
};

struct answer {
	int status;
	const char *content_type;
	const char *body; /* in the flow's arena; or, when `is_file`, the file is the body */
	size_t body_len;
	bool is_file;
	int file; /* whoever writes the answer takes it */
	struct answer_header headers[ANSWER_MAX_HEADERS];
	size_t n_headers;
	const struct problem_kind *problem; /* NULL: it is no refusal */
	bool is_derived;  /* it follows other facts and the day too: its ETag does not say it is
			     the same */
	bool may_be_kept; /* by the client, for some minutes; it is the same for everybody */
};

#endif
