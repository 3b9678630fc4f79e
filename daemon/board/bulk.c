/*
 * Owns a socket, what goes out through it, and the reading of replies.
 *
 * It refuses to know any command.  Replies are read where they were received:
 * nothing is copied, and a text's end is written over the carriage return
 * behind it.  Libevent connects and writes, but it would read four kilobytes at
 * a time, so the reading is done here.
 */
#include "daemon/board/bulk.h"

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/endpoint.h"
#include "daemon/base/oom.h"
#include "daemon/board/redis.h"
#include "daemon/board/redis_replies.h"
#include "daemon/log/log.h"

#include <event2/bufferevent.h>
#include <event2/event.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	ROOM = 64 << 10, /* is read at a time: a millisecond's work, then others have theirs */
	LINE_MOST = 64 << 10, /* of a reply's line; longer ones are not Redis's */
};
#define TEXT_MOST ((size_t)512 << 20) /* Redis has no longer ones */

struct bulk {
	struct event_base *base;
	struct bufferevent *io;
	struct event *readable; /* NULL: not connected yet */
	struct event *clock;
	struct bulk_events to;
	unsigned timeout_ms;
	int64_t heard_ms;
	char *in; /* what came and is not read yet */
	size_t in_len, in_room;
	size_t members;      /* of the array that is being read: still to come */
	size_t owed;         /* replies */
	bool is_let_in;      /* or they need not know who we are */
	enum status refused; /* what an error reply said */
	bool is_new;         /* being made: nobody is to hear of anything yet */
	bool is_failed;      /* before anybody could be told */
	bool over;           /* `lost` was called, or we are being freed */
	bool is_freed;       /* freed by our owner: the last frame below frees the memory */
	int refs;
};

static void ref(struct bulk *k)
{
	k->refs++;
}

static void unref(struct bulk *k)
{
	if (--k->refs > 0 || !k->is_freed)
		return;
	free(k->in);
	free(k);
}

static void lose(struct bulk *k, enum status st)
{
	if (k->over)
		return;
	k->over = true;
	if (k->readable)
		event_del(k->readable);
	k->to.lost(k->to.arg, st);
}

/* --- replies --- */

static void refuse(struct bulk *k, const char *line)
{
	char text[160];
	size_t n = strcspn(line, "\r\n");
	const struct error_reply *e;

	n = n < sizeof(text) ? n : sizeof(text) - 1;
	memcpy(text, line, n);
	text[n] = '\0';
	e = error_reply_find(text);
	log_event(LOG_LEVEL_WARN, "board.error_reply", "meaning", e->meaning, "text", text,
	    NULL);
	k->refused = e->status;
}

/* A length up to its carriage return; -1, which is nothing at all, is 0. */
static bool read_length(const char *s, size_t *out)
{
	const char *p = s;

	*out = 0;
	if (s[0] == '-' && s[1] == '1' && s[2] == '\r')
		return true;
	for (; *p >= '0' && *p <= '9' && *out <= TEXT_MOST; p++)
		*out = *out * 10 + (size_t)(*p - '0');
	return p > s && *p == '\r' && *out <= TEXT_MOST;
}

/* A reply that is not an array, or a member of one, has been read. */
static void end_member(struct bulk *k)
{
	if (k->over)
		return;
	if (k->members > 1) {
		k->members--;
		return;
	}
	k->members = 0;
	if (k->refused != OK || k->owed == 0) {
		lose(k, k->refused != OK ? k->refused : E_INTERNAL);
		return;
	}
	k->owed--;
	if (k->is_let_in)
		k->to.reply(k->to.arg);
	k->is_let_in = true;
}

/* Reads a line, and the text behind it if there is one.  How many bytes it was, or 0: it is not
 * all here, and *wanted says how many bytes of it will do for another look. */
static size_t read_member(struct bulk *k, char *p, size_t n, size_t *wanted)
{
	static const char kinds[] = { '*', '$', ':', '+', '-' };
	const char *end = memchr(p, '\n', n < LINE_MOST ? n : LINE_MOST);
	size_t head, len;
	bool is_array = *p == '*', is_text = *p == '$';

	*wanted = n + 1;
	if (!end && n < LINE_MOST)
		return 0;
	head = end ? (size_t)(end - p) + 1 : 0;
	if (head < 3 || !memchr(kinds, *p, sizeof(kinds)) ||
	    ((is_array || is_text) && !read_length(p + 1, &len)) ||
	    (is_array && k->members > 0)) {
		lose(k, E_INTERNAL);
		return 0;
	}
	if (is_array && len > 0) {
		k->members = len;
		return head;
	}
	if (is_text && p[1] != '-') {
		*wanted = head + len + 2;
		if (n < *wanted)
			return 0;
		p[head + len] = '\0';
		if (k->members > 0 && k->to.text)
			k->to.text(k->to.arg, p + head, len);
		head = *wanted;
	} else if (*p == '-') {
		refuse(k, p + 1);
	}
	end_member(k);
	return head;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct bulk *k = arg;
	ssize_t got = recv(fd, k->in + k->in_len, k->in_room - k->in_len, 0);
	size_t at = 0, read, wanted = 0;

	(void)what;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	ref(k);
	if (got > 0) {
		k->heard_ms = clock_ms();
		k->in_len += (size_t)got;
	} else {
		lose(k, E_UNAVAILABLE);
	}
	while (!k->over && at < k->in_len &&
	       (read = read_member(k, k->in + at, k->in_len - at, &wanted)) > 0)
		at += read;
	if (!k->over && k->to.spent)
		k->to.spent(k->to.arg);
	k->in_len -= at;
	memmove(k->in, k->in + at, k->in_len);
	if (k->in_len > 0 && wanted > k->in_room)
		k->in = must_realloc(k->in, k->in_room = wanted);
	unref(k);
}

static void on_event(struct bufferevent *io, short what, void *arg)
{
	struct bulk *k = arg;

	if (what & BEV_EVENT_CONNECTED) {
		k->readable = event_new(k->base, bufferevent_getfd(io), EV_READ | EV_PERSIST,
		    on_readable, k);
		if (!k->readable)
			abort();
		event_add(k->readable, NULL);
		return;
	}
	if (k->is_new) {
		k->is_failed = true;
		return;
	}
	ref(k);
	lose(k, E_UNAVAILABLE);
	unref(k);
}

static void arm(struct bulk *k, unsigned ms)
{
	struct timeval tv = clock_span(ms);

	evtimer_add(k->clock, &tv);
}

static void on_clock(evutil_socket_t fd, short what, void *arg)
{
	struct bulk *k = arg;

	(void)fd;
	(void)what;
	if (k->over)
		return;
	ref(k);
	if (k->is_failed || (k->owed > 0 && clock_ms() - k->heard_ms >= k->timeout_ms))
		lose(k, E_UNAVAILABLE);
	else
		arm(k, k->timeout_ms);
	unref(k);
}

static bool begin_to_connect(struct bulk *k, const char *address)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct endpoint at;

	if (!endpoint_read((struct piece){ address, strlen(address) }, &at))
		return false;
	if (!*at.path)
		return bufferevent_socket_connect_hostname(k->io, NULL, AF_UNSPEC, at.host,
			   at.port) == 0;
	memcpy(name.sun_path, at.path, sizeof(at.path));
	return bufferevent_socket_connect(k->io, (struct sockaddr *)&name, sizeof(name)) == 0;
}

static void say_who(struct bulk *k, const struct redis_server *server)
{
	struct buf b = { 0 };

	bulk_put_head(&b, server->user ? 3 : 2);
	bulk_put_text(&b, "AUTH");
	if (server->user)
		bulk_put_text(&b, server->user);
	bulk_put_text(&b, server->password);
	bulk_send(k, b.data, b.len, 1);
	explicit_bzero(b.data, b.len);
	buf_free(&b);
}

struct bulk *bulk_new(struct event_base *base, const struct redis_server *server,
    unsigned timeout_ms, const struct bulk_events *to)
{
	struct bulk *k = must_alloc(sizeof(*k));

	k->base = base;
	k->to = *to;
	k->timeout_ms = timeout_ms;
	k->heard_ms = clock_ms();
	k->in = must_alloc(ROOM);
	k->in_room = ROOM;
	k->io = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	k->clock = evtimer_new(base, on_clock, k);
	if (!k->io || !k->clock)
		abort();
	bufferevent_setcb(k->io, NULL, NULL, on_event, k);
	k->is_new = true;
	if (!begin_to_connect(k, server->address))
		k->is_failed = true;
	k->is_let_in = !server->password;
	if (server->password)
		say_who(k, server);
	k->is_new = false;
	arm(k, k->is_failed ? 0 : k->timeout_ms);
	return k;
}

void bulk_free(struct bulk *k)
{
	if (!k)
		return;
	k->over = true;
	k->is_freed = true;
	ref(k);
	if (k->readable)
		event_free(k->readable);
	bufferevent_free(k->io);
	event_free(k->clock);
	unref(k);
}

void bulk_send(struct bulk *k, const void *commands, size_t len, size_t n)
{
	if (k->over || n == 0)
		return;
	if (k->owed == 0)
		k->heard_ms = clock_ms();
	k->owed += n;
	(void)bufferevent_write(k->io, commands, len);
}

/* "$12\r\n" in one piece: these are most of what a fill does. */
static void put_number(struct buf *b, char kind, size_t n)
{
	char line[24];
	size_t at = sizeof(line);

	line[--at] = '\n';
	line[--at] = '\r';
	do {
		line[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	line[--at] = kind;
	buf_put(b, line + at, sizeof(line) - at);
}

void bulk_put_head(struct buf *b, size_t n_args)
{
	put_number(b, '*', n_args);
}

void bulk_put_arg(struct buf *b, const void *p, size_t n)
{
	put_number(b, '$', n);
	buf_put(b, p, n);
	buf_put(b, "\r\n", 2);
}

void bulk_put_text(struct buf *b, const char *s)
{
	bulk_put_arg(b, s, strlen(s));
}
