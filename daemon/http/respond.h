/*
 * Writing an answer's bytes.
 */
#ifndef DAEMON_HTTP_RESPOND_H
#define DAEMON_HTTP_RESPOND_H

#include "daemon/flow/request.h"

struct allowance;
struct buf;
struct iovec;

struct manner {
	const char *request_id;
	const char *client_id; /* echoed under its own name; or NULL */
	const char *date;      /* RFC 9110 form */
	bool keep_alive;
	bool is_old;       /* the client speaks HTTP/1.0 */
	bool without_body; /* it asked by HEAD */
	const struct allowance *left;
	bool is_secure;     /* it leaves by TLS */
	bool is_gzip;       /* the body is */
	bool has_codings;   /* it would be in another coding for another client */
	bool has_origins;   /* pages of some origins may read answers */
	const char *origin; /* of the one that may read this; or NULL */
};

/* The answer in at most so many pieces; returns how many.  `head` is emptied and used. */
#define RESPOND_PIECES 2
int respond_pieces(struct iovec *pieces, struct buf *head, const struct answer *a,
    const struct manner *m);

/* "HTTP/1.1 100 Continue" */
extern const struct iovec respond_continue;

#endif
