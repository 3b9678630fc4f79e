/*
 * A socket: its bytes, both ways.
 *
 * What has come lies here in one piece until it is taken; what the kernel does
 * not take at once leaves when it can.  Nothing is freed from within a callback
 * but by the callback itself, as its last act.
 */
#ifndef DAEMON_HTTP_SOCKET_H
#define DAEMON_HTTP_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/buf.h"

struct event;
struct event_base;
struct iovec;
struct tls_session;

struct socket_calls {
	void (*come)(void *arg);               /* there may be more to take */
	void (*gone)(void *arg);               /* everything has left */
	void (*ended)(void *arg, bool broken); /* no more will come; broken: nothing leaves */
};

struct socket {
	const struct socket_calls *calls;
	void *arg;
	struct event *readable, *writable;
	int fd;
	struct tls_session *tls; /* NULL: plain */
	bool is_reading, missed_tls;
	struct buf in, out;
	size_t taken, left; /* of `in` and `out`, from their beginnings */
	int file;           /* leaves after `out`, as long as file_left */
	size_t file_left;
};

/* Takes the socket, which does not block, and the session on it, or NULL, and begins to read.
 */
void socket_open(struct socket *w, struct event_base *base, int fd, struct tls_session *tls,
    const struct socket_calls *calls, void *arg);
/* Something may be sent: not before the session has been agreed on.  `come` tells when. */
bool socket_is_ready(const struct socket *w);
/* They began to speak HTTP without the TLS that they should: from now on it is plain. */
bool socket_missed_tls(const struct socket *w);
void socket_close(struct socket *w);

/* What has come; valid until the next call. */
const char *socket_bytes(const struct socket *w, size_t *n);
size_t socket_length(const struct socket *w);
void socket_take(struct socket *w, size_t n);

/* In one call of the kernel when it takes them, and what it does not take is copied.  False:
 * the socket is broken. */
bool socket_send(struct socket *w, const struct iovec *pieces, int n);
/* A file after that, which is closed later in any case. */
void socket_send_file(struct socket *w, int file, size_t n);
size_t socket_file_left(const struct socket *w);
bool socket_is_clear(const struct socket *w); /* everything has left */
bool socket_shut(struct socket *w);           /* our side; false: the socket is broken */

void socket_read(struct socket *w, bool on);
void socket_come_again(
    struct socket *w); /* `come` once more, after the others have had a turn */

#endif
