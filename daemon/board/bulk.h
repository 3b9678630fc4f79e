/*
 * A connection to Redis for one transfer: many commands out, many replies in.
 *
 * It is made for the transfer and ends with it: no reconnects, and no tree of a
 * reply is ever built.  Commands come as bytes; the texts inside a reply that
 * is an array are handed over one by one, where they lie.
 */
#ifndef DAEMON_BOARD_BULK_H
#define DAEMON_BOARD_BULK_H

#include "daemon/base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct bulk;
struct event_base;
struct redis_server;

struct bulk_events {
	/* A text of an array, with a NUL after its end.  NULL: nobody wants them. */
	void (*text)(void *arg, char *s, size_t n);
	/* The texts handed over until now are about to go.  May be NULL. */
	void (*spent)(void *arg);
	/* One more reply has come to its end. */
	void (*reply)(void *arg);
	/* The connection failed, or Redis refused a command: nothing more will come.  Called
	 * once, from the loop. */
	void (*lost)(void *arg, enum status st);
	void *arg;
};

/* `timeout_ms`: how long nothing may come while a reply is owed. */
struct bulk *bulk_new(struct event_base *base, const struct redis_server *server,
    unsigned timeout_ms, const struct bulk_events *to);
void bulk_free(struct bulk *k); /* safe inside any callback; nothing is called after it */
/* `n` whole commands; copied, and sent when there is a connection. */
void bulk_send(struct bulk *k, const void *commands, size_t len, size_t n);

/* The commands' bytes: a head, then each argument. */
void bulk_put_head(struct buf *b, size_t n_args);
void bulk_put_arg(struct buf *b, const void *p, size_t n);
void bulk_put_text(struct buf *b, const char *s);

#endif
