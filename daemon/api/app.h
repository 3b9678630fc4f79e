/*
 * What the request plans stand on: the parts of the daemon, built by main.
 */
#ifndef DAEMON_API_APP_H
#define DAEMON_API_APP_H

#include "daemon/http/http.h"
#include "matcher/match.h"

struct catalog;
struct ledger;
struct mirror;
struct permissions;
struct public_texts;
struct vault;

/* How much one import may take, and one organisation of imports. */
struct import_limits {
	int at_once; /* of one organisation, in one worker */
	int refusals, deadline_ms, receipts_bytes;
	int kept_bytes;  /* of all receipts together */
	const char *dir; /* where the receipts are kept */
};

struct app {
	int city;
	struct ledger *ledger;
	struct mirror *mirror;
	struct vault *vault;
	const struct catalog *catalog;
	const struct policy *policy;
	struct import_limits imports;
	struct public_texts *texts; /* NULL: none are kept */
	const char *openapi,
	    *openapi_json; /* the texts of openapi.yaml and of the same as JSON */
};

extern const struct route api_routes[];
extern const size_t n_api_routes;

/* The routes as that table opens them, n_api_routes of them, to be freed; it must stay.  NULL:
 * the reason went to stderr. */
struct route *authorised_routes(const struct permissions *p);

#endif
