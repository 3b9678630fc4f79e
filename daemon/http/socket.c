/*
 * The bytes of one socket.
 *
 * It refuses to know what they mean.  An answer is given to the kernel when it
 * is made and not when the loop says that there is room, because there nearly
 * always is; so a request costs one read and one write.
 */
#include "daemon/http/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/http/tls.h"

#define READ_BYTES ((size_t)4096) /* that a read has room for, at least */
#define READ_MOST  ((size_t)16384)
#define FILE_BYTES ((size_t)262144) /* of a file in one turn */
#define SEAL_BYTES ((size_t)65536)  /* of one that is to be sealed */
#define KEEP_BYTES ((size_t)8192)   /* a buffer larger than this is given back when empty */

static void empty(struct buf *b, size_t *from)
{
	*from = 0;
	if (b->cap > KEEP_BYTES)
		buf_free(b);
	else if (b->len)
		buf_clear(b);
}

const char *socket_bytes(const struct socket *w, size_t *n)
{
	*n = socket_length(w);
	return *n ? w->in.data + w->taken : "";
}

size_t socket_length(const struct socket *w)
{
	return w->in.len - w->taken;
}

void socket_take(struct socket *w, size_t n)
{
	w->taken += n;
	if (w->taken == w->in.len)
		empty(&w->in, &w->taken);
}

/* What is left moves to the front only when room is needed. */
static char *room_to_read(struct socket *w, size_t *n)
{
	size_t least = w->tls ? TLS_RECORD : READ_BYTES;
	char *to;

	if (w->taken && w->in.cap - w->in.len <= least) {
		w->in.len -= w->taken;
		memmove(w->in.data, w->in.data + w->taken, w->in.len);
		w->taken = 0;
	}
	to = buf_room(&w->in, least);
	*n = w->in.cap - w->in.len - 1;
	if (*n > READ_MOST)
		*n = READ_MOST;
	return to;
}

static ssize_t receive(struct socket *w, char *to, size_t n)
{
	ssize_t got;

	if (!w->tls)
		return recv(w->fd, to, n, 0);
	if (tls_hears_http(w->tls)) {
		tls_session_free(w->tls);
		w->tls = NULL;
		w->missed_tls = true;
		return recv(w->fd, to, n, 0);
	}
	got = tls_receive(w->tls, to, n);
	if (tls_wants_room(w->tls))
		event_add(w->writable, NULL);
	return got;
}

static ssize_t transmit(struct socket *w, const char *bytes, size_t n)
{
	return w->tls ? tls_send(w->tls, bytes, n) : send(w->fd, bytes, n, MSG_NOSIGNAL);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct socket *w = arg;
	ssize_t got = -1;
	size_t n;
	char *to;

	(void)fd;
	(void)what;
	errno = EAGAIN;
	if (w->is_reading) {
		to = room_to_read(w, &n);
		got = receive(w, to, n);
		if (got > 0)
			buf_upto(&w->in, to + got);
	}
	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) {
		w->calls->come(w->arg);
		return;
	}
	socket_read(w, false);
	w->calls->ended(w->arg, got < 0);
}

/* False: the socket, or the file, is broken. */
static bool send_file(struct socket *w)
{
	size_t n = w->file_left < FILE_BYTES ? w->file_left : FILE_BYTES;
	ssize_t sent = sendfile(w->fd, w->file, NULL, n);

	if (sent == 0 || (sent < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	w->file_left -= sent > 0 ? (size_t)sent : 0;
	if (!w->file_left) {
		close(w->file);
		w->file = -1;
	}
	return true;
}

/* What is to be sealed passes through us. */
static bool seal_file(struct socket *w)
{
	size_t n = w->file_left < SEAL_BYTES ? w->file_left : SEAL_BYTES;
	char *to = buf_room(&w->out, n);
	ssize_t got = read(w->file, to, n);

	if (got <= 0)
		return false;
	buf_upto(&w->out, to + got);
	w->file_left -= (size_t)got;
	if (!w->file_left) {
		close(w->file);
		w->file = -1;
	}
	return true;
}

/* As much of `out` as there is room for.  False: the socket is broken. */
static bool send_out(struct socket *w)
{
	ssize_t sent = 1;

	while (w->left < w->out.len && sent > 0) {
		sent = transmit(w, w->out.data + w->left, w->out.len - w->left);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		w->left += sent > 0 ? (size_t)sent : 0;
	}
	if (w->left == w->out.len)
		empty(&w->out, &w->left);
	return true;
}

static bool send_more(struct socket *w)
{
	if (w->tls && w->file_left && w->left == w->out.len && !seal_file(w))
		return false;
	if (!send_out(w))
		return false;
	return w->tls || w->left < w->out.len || !w->file_left || send_file(w);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct socket *w = arg;

	if (w->tls && tls_wants_room(w->tls) && socket_is_clear(w)) {
		on_readable(fd, what, w);
		return;
	}
	if (!send_more(w))
		w->calls->ended(w->arg, true);
	else if (!socket_is_clear(w))
		event_add(w->writable, NULL);
	else
		w->calls->gone(w->arg);
}

void socket_open(struct socket *w, struct event_base *base, int fd, struct tls_session *tls,
    const struct socket_calls *calls, void *arg)
{
	*w = (struct socket){ .calls = calls, .arg = arg, .fd = fd, .tls = tls, .file = -1 };
	w->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, w);
	w->writable = event_new(base, fd, EV_WRITE, on_writable, w);
	if (!w->readable || !w->writable)
		abort(); /* only ever for want of memory */
	socket_read(w, true);
}

void socket_close(struct socket *w)
{
	event_free(w->readable);
	event_free(w->writable);
	tls_session_free(w->tls);
	close(w->fd);
	if (w->file >= 0)
		close(w->file);
	buf_free(&w->in);
	buf_free(&w->out);
}

bool socket_is_ready(const struct socket *w)
{
	return !w->tls || tls_is_open(w->tls);
}

bool socket_missed_tls(const struct socket *w)
{
	return w->missed_tls;
}

bool socket_send(struct socket *w, const struct iovec *pieces, int n)
{
	struct msghdr all = { .msg_iov = (struct iovec *)pieces, .msg_iovlen = (size_t)n };
	ssize_t sent = 0;
	bool is_first = socket_is_clear(w);
	size_t skip;

	if (is_first && !w->tls)
		sent = sendmsg(w->fd, &all, MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	skip = sent > 0 ? (size_t)sent : 0;
	for (int i = 0; i < n; i++) {
		size_t done = skip < pieces[i].iov_len ? skip : pieces[i].iov_len;

		skip -= done;
		if (done < pieces[i].iov_len)
			buf_put(&w->out, (const char *)pieces[i].iov_base + done,
			    pieces[i].iov_len - done);
	}
	if (is_first && w->tls && !send_out(w))
		return false;
	if (!socket_is_clear(w))
		event_add(w->writable, NULL);
	return true;
}

void socket_send_file(struct socket *w, int file, size_t n)
{
	lseek(file, 0, SEEK_SET);
	w->file = file;
	w->file_left = n;
	event_add(w->writable, NULL);
}

size_t socket_file_left(const struct socket *w)
{
	return w->file_left;
}

bool socket_is_clear(const struct socket *w)
{
	return w->left == w->out.len && !w->file_left;
}

bool socket_shut(struct socket *w)
{
	if (w->tls)
		tls_shut(w->tls);
	return shutdown(w->fd, SHUT_WR) == 0;
}

void socket_read(struct socket *w, bool on)
{
	if (on == w->is_reading)
		return;
	w->is_reading = on;
	if (on)
		event_add(w->readable, NULL);
	else
		event_del(w->readable);
}

void socket_come_again(struct socket *w)
{
	event_active(w->readable, EV_READ, 1);
}
