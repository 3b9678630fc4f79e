/*
 * The bytes of an answer.
 *
 * It owns the headers that every answer carries and decides nothing.  The
 * surprising thing: a header whose value has a line break is left out here, so
 * that no value, wherever it came from, can forge a second header.
 */
#include "daemon/http/respond.h"

#include <event2/buffer.h>
#include <string.h>

#include "daemon/base/buf.h"

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

static void put_header(struct buf *b, const char *name, const char *value)
{
	if (strpbrk(name, "\r\n:") || strpbrk(value, "\r\n"))
		return;
	buf_puts(b, name);
	buf_puts(b, ": ");
	buf_puts(b, value);
	buf_puts(b, "\r\n");
}

void respond_write(struct evbuffer *out, struct buf *head, const struct answer *a,
    const struct manner *m)
{
	bool has_body = a->status != 204 && a->status != 304;

	buf_clear(head);
	buf_puts(head, "HTTP/1.1 ");
	buf_putd(head, a->status);
	buf_putc(head, ' ');
	buf_puts(head, reason(a->status));
	buf_puts(head, "\r\n");
	put_header(head, "Date", m->date);
	if (has_body) {
		put_header(head, "Content-Type", a->content_type);
		buf_puts(head, "Content-Length: ");
		buf_putu(head, a->body_len);
		buf_puts(head, "\r\n");
	}
	put_header(head, "Vacancyd-Request-Id", m->request_id);
	put_header(head, "Cache-Control", "no-store");
	put_header(head, "X-Content-Type-Options", "nosniff");
	for (size_t i = 0; i < a->n_headers; i++)
		put_header(head, a->headers[i].name, a->headers[i].value);
	if (!m->keep_alive)
		put_header(head, "Connection", "close");
	else if (m->is_old)
		put_header(head, "Connection", "keep-alive");
	buf_puts(head, "\r\n");
	evbuffer_add(out, head->data, head->len);
	if (has_body && !m->without_body)
		evbuffer_add(out, a->body, a->body_len);
}

void respond_continue(struct evbuffer *out)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	evbuffer_add(out, text, sizeof(text) - 1);
}
