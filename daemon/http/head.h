/*
 * A request's head, parsed: what the gate let through, as strings.
 */
#ifndef DAEMON_HTTP_HEAD_H
#define DAEMON_HTTP_HEAD_H

#include "daemon/flow/request.h"
#include "daemon/http/gate.h"

struct arena;

struct head {
	const char *method_name; /* "GET"; static */
	const char *target;      /* as sent: "/a%20b?c=d" */
	struct gate_facts facts;
	bool keep_alive; /* may the connection go on after this request? */
	size_t n_headers;
	struct {
		const char *name, *value; /* without the white space around it */
	} headers[HEAD_MAX_HEADERS];
};

/* Gate first, then parser; what they say must agree.  The strings live in `a`. */
enum gate head_parse(struct arena *a, const char *bytes, size_t n, struct head *out);

/* The value of the first header of that name (in any case), or NULL. */
const char *head_find(const struct head *h, const char *name);

#endif
