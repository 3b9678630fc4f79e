/*
 * A wire: the bytes of one socket, both ways.
 *
 * What has come lies here in one piece until it is taken; what the kernel does
 * not take at once leaves when it can.  Nothing is freed from within a callback
 * but by the callback itself, as its last act.
 */
#ifndef DAEMON_HTTP_WIRE_H
#define DAEMON_HTTP_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/buf.h"

struct event;
struct event_base;
struct iovec;

struct wire_calls {
	void (*come)(void *arg);               /* there may be more to take */
	void (*gone)(void *arg);               /* everything has left */
	void (*ended)(void *arg, bool broken); /* no more will come; broken: nothing leaves */
};

struct wire {
	const struct wire_calls *calls;
	void *arg;
	struct event *readable, *writable;
	int fd;
	bool is_reading;
	struct buf in, out;
	size_t taken, left; /* of `in` and `out`, from their beginnings */
	int file;           /* leaves after `out`, as long as file_left */
	size_t file_left;
};

/* Takes the socket, which does not block, and begins to read. */
void wire_open(struct wire *w, struct event_base *base, int fd, const struct wire_calls *calls,
    void *arg);
void wire_close(struct wire *w);

/* What has come; valid until the next call. */
const char *wire_bytes(const struct wire *w, size_t *n);
size_t wire_length(const struct wire *w);
void wire_take(struct wire *w, size_t n);

/* In one call of the kernel when it takes them, and what it does not take is copied.  False:
 * the socket is broken. */
bool wire_send(struct wire *w, const struct iovec *pieces, int n);
/* A file after that, which is closed later in any case. */
void wire_send_file(struct wire *w, int file, size_t n);
size_t wire_file_left(const struct wire *w);
bool wire_is_clear(const struct wire *w); /* everything has left */
bool wire_shut(struct wire *w);           /* our side; false: the socket is broken */

void wire_read(struct wire *w, bool on);
void wire_come_again(struct wire *w); /* `come` once more, after the others have had a turn */

#endif
