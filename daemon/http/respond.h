/*
 * Writing an answer's bytes.
 */
#ifndef DAEMON_HTTP_RESPOND_H
#define DAEMON_HTTP_RESPOND_H

#include "daemon/flow/request.h"

struct buf;
struct evbuffer;

struct manner {
	const char *request_id;
	const char *date; /* RFC 9110 form */
	bool keep_alive;
	bool is_old;       /* the client speaks HTTP/1.0 */
	bool without_body; /* it asked by HEAD */
};

/* `head` is emptied and used. */
void respond_write(struct evbuffer *out, struct buf *head, const struct answer *a,
    const struct manner *m);

/* "HTTP/1.1 100 Continue" */
void respond_continue(struct evbuffer *out);

#endif
