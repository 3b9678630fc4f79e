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
struct vault;

struct app {
	int city;
	struct ledger *ledger;
	struct mirror *mirror;
	struct vault *vault;
	const struct catalog *catalog;
	const struct policy *policy;
	const char *openapi; /* the text of openapi.yaml */
};

extern const struct route api_routes[];
extern const size_t n_api_routes;

#endif
