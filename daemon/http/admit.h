/*
 * Admission: a parsed head becomes a request of a route, or a refusal.
 *
 * Pure but for config's find_principal.  It runs before the body is read, so a
 * caller without a key costs no memory.
 */
#ifndef DAEMON_HTTP_ADMIT_H
#define DAEMON_HTTP_ADMIT_H

#include "daemon/flow/request.h"
#include "daemon/http/coding.h"
#include "daemon/http/head.h"
#include "daemon/http/http.h"
#include "daemon/http/limits.h"

struct arena;

struct refusal {
	const char *slug;
	const char *where, *rule, *expected, *en, *zh; /* NULL `where`: no more to say */
	const char *allow;                             /* for 405 */
	unsigned retry_s;                              /* 0: soon */
};

struct admission {
	const struct route *route;
	struct request *request; /* body not yet there */
	size_t length;           /* of the body that follows */
	bool wants_continue;
	struct allowance left; /* of the key, for the answer */
	enum coding_wish coding;
	const char *origin; /* of the page that may read the answer; or NULL */
};

/*
 * `out->request` is set in any case, with id (made by the caller in `id`), the
 * id that the client sent beside it, and language, so that a refusal can be written.
 */
bool admit(const struct http_config *c, const struct route *routes, size_t n_routes,
    const struct head *head, const char *id, struct arena *a, struct admission *out,
    struct refusal *why);

#endif
