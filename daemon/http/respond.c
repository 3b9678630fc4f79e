/*
 * The bytes of an answer.
 *
 * It owns the headers that every answer carries and decides nothing.  A header
 * whose value has a line break is left out here, so that no value, wherever it
 * came from, can forge a second header.
 */
#include "daemon/http/respond.h"

#include <string.h>
#include <sys/uio.h>

#include "daemon/base/buf.h"
#include "daemon/http/cors.h"
#include "daemon/http/limits.h"

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} known[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 411, "Length Required" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].status == status)
			return known[i].phrase;
	return "Status";
}

#define PUT(head, literal) buf_put(head, literal, sizeof(literal) - 1)

static void put_header(struct buf *b, const char *name, const char *value)
{
	if (strpbrk(name, "\r\n:") || strpbrk(value, "\r\n"))
		return;
	buf_puts(b, name);
	buf_puts(b, ": ");
	buf_puts(b, value);
	buf_puts(b, "\r\n");
}

/* All that the answer depends on beside its target stands in one line. */
static void put_vary(struct buf *b, const struct answer *a, const struct manner *m)
{
	const char *before = "Vary: ";

	for (size_t i = 0; i < a->n_headers; i++) {
		if (strcmp(a->headers[i].name, "Vary") != 0)
			continue;
		buf_puts(b, before);
		buf_puts(b, a->headers[i].value);
		before = ", ";
	}
	if (m->has_codings) {
		buf_puts(b, before);
		PUT(b, "Accept-Encoding");
		before = ", ";
	}
	if (m->has_origins) {
		buf_puts(b, before);
		PUT(b, "Origin");
		before = ", ";
	}
	if (before[0] == ',')
		PUT(b, "\r\n");
}

/* draft-ietf-httpapi-ratelimit-headers-10 */
static void put_allowance(struct buf *b, const struct allowance *left)
{
	PUT(b, "RateLimit-Policy: \"key\";q=");
	buf_putu(b, left->quota);
	PUT(b, ";w=");
	buf_putu(b, left->window_s);
	PUT(b, "\r\nRateLimit: \"key\";r=");
	buf_putu(b, left->remaining);
	PUT(b, ";t=");
	buf_putu(b, left->reset_s);
	PUT(b, "\r\n");
}

int respond_pieces(struct iovec *pieces, struct buf *head, const struct answer *a,
    const struct manner *m)
{
	bool has_body = a->status != 204 && a->status != 304;

	buf_clear(head);
	PUT(head, "HTTP/1.1 ");
	buf_putd(head, a->status);
	buf_putc(head, ' ');
	buf_puts(head, reason(a->status));
	PUT(head, "\r\nDate: ");
	buf_puts(head, m->date);
	if (has_body) {
		PUT(head, "\r\nContent-Length: ");
		buf_putu(head, a->body_len);
	}
	PUT(head, "\r\nVacancyd-Request-Id: ");
	buf_puts(head, m->request_id);
	if (m->client_id) {
		PUT(head, "\r\nX-Request-Id: ");
		buf_puts(head, m->client_id);
	}
	if (a->may_be_kept)
		PUT(head, "\r\nCache-Control: max-age=300");
	else
		PUT(head, "\r\nCache-Control: no-store");
	PUT(head, "\r\nX-Content-Type-Options: nosniff\r\n");
	if (m->is_secure) /* RFC 6797: a year */
		PUT(head, "Strict-Transport-Security: max-age=31536000\r\n");
	if (has_body)
		put_header(head, "Content-Type", a->content_type);
	if (m->left->quota)
		put_allowance(head, m->left);
	for (size_t i = 0; i < a->n_headers; i++)
		if (strcmp(a->headers[i].name, "Vary") != 0)
			put_header(head, a->headers[i].name, a->headers[i].value);
	if (m->is_gzip && has_body)
		PUT(head, "Content-Encoding: gzip\r\n");
	put_vary(head, a, m);
	if (m->origin)
		cors_put(head, m->origin);
	if (!m->keep_alive)
		PUT(head, "Connection: close\r\n");
	else if (m->is_old)
		PUT(head, "Connection: keep-alive\r\n");
	PUT(head, "\r\n");
	pieces[0] = (struct iovec){ head->data, head->len };
	if (!has_body || m->without_body || !a->body_len || a->is_file)
		return 1;
	pieces[1] = (struct iovec){ (char *)a->body, a->body_len };
	return 2;
}

static char said[] = "HTTP/1.1 100 Continue\r\n\r\n";
const struct iovec respond_continue = { said, sizeof(said) - 1 };
