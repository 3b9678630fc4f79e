/*
 * From a request target to a route: decoding, refusing, matching.  Pure.
 */
#ifndef DAEMON_HTTP_ROUTE_MATCH_H
#define DAEMON_HTTP_ROUTE_MATCH_H

#include "daemon/flow/request.h"
#include "daemon/http/http.h"

struct arena;

#define TARGET_MAX_SEGMENTS 8

/* A target, decoded: segments without their slashes. */
struct target {
	const char *path;
	size_t n_segments;
	const char *segments[TARGET_MAX_SEGMENTS];
	size_t n_query;
	struct query_param query[REQUEST_MAX_QUERY];
};

/* Why a target was refused. */
struct target_fault {
	const char *where; /* "path", "query" */
	const char *rule, *en, *zh;
};

/* NULL: read.  `raw` has passed the gate; the strings of `out` live in `a`. */
const struct target_fault *target_read(struct arena *a, const char *raw, struct target *out);

/* The methods of a path, as bits (1 << METHOD_GET); 0: there is no such path. */
unsigned routes_methods(const struct route *routes, size_t n, const struct target *t);

/* The route of a path and method, or NULL; fills `params` in the order of the pattern. */
const struct route *routes_find(const struct route *routes, size_t n, const struct target *t,
    enum method method, const char *params[REQUEST_MAX_PARAMS]);

/* Is a pattern one that can be matched: "/a/{b}", few enough segments and parameters? */
bool route_is_sound(const struct route *r);

#endif
