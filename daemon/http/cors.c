/*
 * The origins that are allowed, and the answer to a preflight.
 *
 * It owns the names of the headers that cross origins and refuses to know what an origin may
 * do: that is the key's.  Whether an origin of the list is well-formed was asked when the
 * settings were read.
 */
#include "daemon/http/cors.h"

#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/piece.h"
#include "daemon/http/head.h"
#include "daemon/http/http.h"

#define MAX_AGE_S "600" /* for which a browser keeps the answer to a preflight */

static const char taken[] = "Authorization, Content-Type, Vacancyd-Actor, Vacancyd-For, "
			    "Idempotency-Key, If-Match, If-None-Match, Consistency-Token, "
			    "X-Request-Id, traceparent";
static const char exposed[] = "ETag, Location, RateLimit, RateLimit-Policy, Retry-After, "
			      "Consistency-Token, Vacancyd-Request-Id, X-Request-Id, "
			      "WWW-Authenticate, Allow";

const char *cors_origin(const char *origins, const struct head *head)
{
	const char *origin = origins && *origins ? head_find(head, "Origin") : NULL;
	struct piece one;

	while (origin && piece_next(&origins, &one))
		if (piece_is(one, origin))
			return origin;
	return NULL;
}

bool cors_is_preflight(const struct head *head)
{
	return strcmp(head->method_name, "OPTIONS") == 0 &&
	       head_find(head, "Access-Control-Request-Method");
}

static enum next answer_preflight(struct flow *f, void *state)
{
	(void)state;
	flow_header(f, "Access-Control-Allow-Methods", flow_request(f)->of_route);
	flow_header(f, "Access-Control-Allow-Headers", taken);
	flow_header(f, "Access-Control-Max-Age", MAX_AGE_S);
	return flow_reply_as(f, 204, "", "", 0);
}

static const struct plan preflight = {
	.name = "OPTIONS preflight",
	.state_size = 1,
	.steps = { { "answer", answer_preflight } },
};

const struct route cors_preflight = { .pattern = "preflight", .plan = &preflight };

void cors_put(struct buf *b, const char *origin)
{
	buf_puts(b, "Access-Control-Allow-Origin: ");
	buf_puts(b, origin);
	buf_puts(b, "\r\nAccess-Control-Expose-Headers: ");
	buf_puts(b, exposed);
	buf_puts(b, "\r\n");
}
