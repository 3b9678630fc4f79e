/*
 * What leaves on a connection: a flow's answer, or a refusal before there was one.
 *
 * Each is counted and logged here, once.  It refuses to know why something is
 * refused.  An answer that the client has already, by its ETag, leaves as 304
 * without a body, whatever plan wrote it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/flow/problem.h"
#include "daemon/http/coding.h"
#include "daemon/http/connection.h"
#include "daemon/http/cors.h"
#include "daemon/http/headers.h"
#include "daemon/http/respond.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"

/* The operator's own requests are not those of clients. */
static void count(const struct connection *c, const struct answer *a, int64_t us)
{
	const struct route *route = c->admission.route;
	size_t n;

	if (!c->http->config.is_measured)
		return;
	if (route == &cors_preflight)
		metric_add(M_HTTP_PREFLIGHTS, 1);
	else if (route)
		metric_answered((size_t)(route - c->http->routes), a->status, us);
	if (a->problem)
		metric_refused((size_t)(a->problem - problem_kinds(&n)), route != NULL);
}

static void record(const struct connection *c, const struct request *r, const struct answer *a)
{
	int64_t us = clock_us() - c->began_us;
	const char *kept = c->http->config.log_clients;
	char status[16], took[24], bytes[24];

	count(c, a, us);
	if (!log_is_on(LOG_LEVEL_INFO))
		return;
	snprintf(status, sizeof(status), "%d", a->status);
	snprintf(took, sizeof(took), "%lld", (long long)us);
	snprintf(bytes, sizeof(bytes), "%zu", a->body_len);
	log_event(LOG_LEVEL_INFO, "http.access", "method", c->method, "route",
	    c->admission.route ? c->admission.route->pattern : "-", "status", status, "us",
	    took, "bytes", bytes, "client", client_kept(&c->client, kept ? kept : "none").text,
	    "kid", r && r->who ? r->who->kid : "-", "request", c->id, "client_request",
	    r && r->client_id ? r->client_id : "-", "trace",
	    r && r->traceparent[0] ? r->traceparent : "-", NULL);
}

static const char *tag_of(const struct answer *a)
{
	for (size_t i = 0; i < a->n_headers; i++)
		if (strcmp(a->headers[i].name, "ETag") == 0)
			return a->headers[i].value;
	return NULL;
}

/* What the client has already, it is not sent again. */
static bool has_it(const struct request *r, const struct answer *a)
{
	const char *tag = tag_of(a);

	return r && r->if_none_match && r->method == METHOD_GET && a->status == 200 &&
	       !a->is_file && !a->is_derived && tag && header_has_etag(r->if_none_match, tag);
}

static void send_answer(struct connection *c, const struct request *r, const struct answer *a)
{
	struct http *h = c->http;
	struct answer coded; /* the answer in the coding that is chosen, or without its body */
	char tag[CODING_TAG_MAX];
	struct iovec pieces[RESPOND_PIECES];
	struct manner m = {
		.request_id = c->id,
		.client_id = r ? r->client_id : NULL,
		.date = http_date(h),
		.is_old = c->is_old,
		.without_body = c->is_head,
		.left = &c->admission.left,
		.is_secure = c->socket.tls,
		.origin = c->admission.origin,
		.has_origins = h->config.origins && *h->config.origins,
	};

	if (h->is_draining)
		c->keep_alive = false;
	c->was_too_many = a->status == 429;
	m.keep_alive = c->keep_alive;
	m.has_codings = coding_is_chosen(r, a);
	m.is_gzip = coding_packs(c->admission.coding, r, a);
	coded = *a;
	if (m.is_gzip)
		coding_tag(&coded, tag);
	if (has_it(r, &coded)) {
		coded.status = 304;
		coded.body_len = 0;
	} else if (m.is_gzip) {
		packer_pack(h->packer, &coded,
		    a->may_be_kept && r && !r->n_query ? tag_of(a) : NULL);
	}
	a = &coded;
	record(c, r, a);
	c->is_broken =
	    !socket_send(&c->socket, pieces, respond_pieces(pieces, &h->scratch, a, &m));
	if (a->is_file)
		socket_send_file(&c->socket, a->file, a->body_len);
	/* And on at once, if it has left: connection_go_on sees to it. */
	connection_enter(c, WRITE);
}

/* A flow has answered, perhaps before flow_start returned. */
void connection_answered(void *connection, const struct request *r, const struct answer *a)
{
	struct connection *c = connection;

	c->flow = NULL;
	/* What is left of a body that nobody reads any more cannot be told from a request. */
	if (c->stream && c->stream->left)
		c->keep_alive = false;
	c->stream = NULL;
	send_answer(c, r, a);
	if (!c->is_going_on)
		connection_go_on(c);
}

void connection_refuse(struct connection *c, const struct refusal *why)
{
	const struct request *r = c->admission.request;
	const struct problem_kind *kind = problem_kind(why->slug);
	struct answer a = { .status = kind->status,
		.problem = kind,
		.content_type = "application/problem+json" };
	struct buf body = { 0 };
	struct faults fs;
	char wait[12];

	fs.n = 0;
	if (why->where)
		fault_add(&fs, why->where, why->rule, NULL, why->expected, why->en, why->zh);
	problem_write(&body, why->slug, r ? r->lang : LANG_EN, c->id, &fs, NULL);
	if (kind->status == 401)
		a.headers[a.n_headers++] =
		    (struct answer_header){ "WWW-Authenticate", "Bearer realm=\"vacancyd\"" };
	if (kind->status == 503 || kind->status == 504 || kind->status == 429) {
		snprintf(wait, sizeof(wait), "%u", why->retry_s ? why->retry_s : 1);
		a.headers[a.n_headers++] = (struct answer_header){ "Retry-After", wait };
	}
	if (why->allow)
		a.headers[a.n_headers++] = (struct answer_header){ "Allow", why->allow };
	a.body = body.data;
	a.body_len = body.len;
	send_answer(c, r, &a);
	buf_free(&body);
	arena_free(c->memory); /* and with it the request; the next head begins anew */
	c->memory = NULL;
}

void connection_refuse_at_gate(struct connection *c, enum gate g)
{
	const struct gate_reason *said = gate_reason(g);
	struct refusal why = { said->slug, said->where, said->rule, said->expected, said->en,
		said->zh, NULL };

	c->keep_alive = false;
	connection_refuse(c, &why);
}
