/*
 * A connection as the files that serve it see it: connection.c moves it from
 * phase to phase, take.c makes requests of bytes, answer.c sends what a flow or
 * a refusal says, stream.c hands a body on as it comes.  Nobody else includes this.
 */
#ifndef DAEMON_HTTP_CONNECTION_H
#define DAEMON_HTTP_CONNECTION_H

#include "daemon/http/admit.h"
#include "daemon/http/client.h"
#include "daemon/http/gate.h"
#include "daemon/http/http_server.h"
#include "daemon/http/limits.h"
#include "daemon/http/socket.h"

#define STREAM_MAX_BYTES ((size_t)65536) /* of a streamed body that nobody has read yet */

enum phase {
	HANDSHAKE, /* agrees on TLS */
	FRESH,     /* has sent nothing yet */
	IDLE,      /* between two requests */
	HEAD,      /* a head has begun */
	BODY,      /* a body is awaited */
	TURN,      /* a request waits until the others have had theirs, or for long enough */
	STREAM,    /* a flow works, and takes its body as it comes */
	WAIT,      /* a flow works */
	WRITE,     /* an answer leaves */
	HELD,      /* it was too many: the next is not looked at yet, or the end not said */
	LINGER,    /* our side is shut; what still comes is thrown away, so that no reset
		    * overtakes the answer */
};

struct connection {
	TAILQ_ENTRY(connection) link, idle_link;
	struct http *http;
	struct socket socket;
	struct event *timer;
	struct event *turn; /* NULL until it had to wait for one */
	int64_t deadline_us,
	    armed_us; /* armed: when the timer fires, at or before the deadline */
	enum phase phase;
	bool keep_alive, is_old, is_head, has_skipped_line;
	bool has_ended, is_broken; /* nothing more comes; nothing leaves either */
	bool is_going_on;          /* inside go_on */
	bool was_too_many;         /* the answer that leaves is 429 */
	bool is_to_refuse;         /* HELD: with 429, which has not left yet */
	size_t scanned;            /* by the gate, of the head in the buffer */
	size_t lingered;           /* bytes thrown away */
	struct arena *memory;      /* from the head until the flow takes it */
	struct admission admission;
	struct flow *flow;
	struct body *stream; /* in the flow's memory, until it has answered */
	size_t paced;        /* bytes of it since the deadline was set */
	struct network address;
	struct client peer, client; /* who is there; who asks, through them perhaps */
	int64_t began_us;
	char id[33];
	const char *method; /* for the log */
};

/* The phase, and the deadline with it. */
void connection_enter(struct connection *c, enum phase to);
/* As far as the bytes allow; the connection may be gone afterwards. */
void connection_go_on(struct connection *c);

/* The flow of the request that is there, after what others asked: but at the deadline of the
 * turn at the latest, however much that is. */
void connection_wait_turn(struct connection *c);

/* take.c.  429, whose time to leave has come. */
void connection_refuse_too_many(struct connection *c);
/* False: more bytes are needed. */
bool connection_take_head(struct connection *c);
bool connection_take_body(struct connection *c);
void connection_start_flow(struct connection *c);

/* answer.c.  What is sent leaves while the connection goes on. */
void connection_answered(void *connection, const struct request *r, const struct answer *a);
void connection_refuse(struct connection *c, const struct refusal *why);
/* What the gate does not open for is answered, and nothing after it is believed. */
void connection_refuse_at_gate(struct connection *c, enum gate g);

/* stream.c */
void stream_open(struct connection *c, struct arena *memory);
void stream_tell(struct body *b); /* there is more of it, or it is cut */

#endif
