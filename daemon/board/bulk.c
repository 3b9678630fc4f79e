/*
 * Owns a socket, what goes out through it, and hiredis's reader on the way in.
 *
 * It refuses to know any command.  The reader is given functions of our own in
 * place of those that build replies.  Surprising: it is fed in small slices,
 * because after each reply it moves the rest of what it was fed to the front.
 */
#include "daemon/board/bulk.h"

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/board/replies.h"
#include "daemon/log/log.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <hiredis/hiredis.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { SLICE = 8 << 10, READ_MOST = 256 << 10 };

struct bulk {
	struct bufferevent *io;
	struct event *clock;
	redisReader *reader;
	struct bulk_events to;
	unsigned timeout_ms;
	int64_t heard_ms;
	size_t owed;         /* replies */
	enum status refused; /* what an error reply said */
	bool is_new;         /* being made: nobody is to hear of anything yet */
	bool is_failed;      /* before anybody could be told */
	bool over;           /* `lost` was called, or we are being freed */
	bool gone;           /* freed by our owner: the last frame below frees the memory */
	int held;
};

static void hold(struct bulk *k)
{
	k->held++;
}

static void let_go(struct bulk *k)
{
	if (--k->held > 0 || !k->gone)
		return;
	redisReaderFree(k->reader);
	free(k);
}

static void lose(struct bulk *k, enum status st)
{
	if (k->over)
		return;
	k->over = true;
	k->to.lost(k->to.arg, st);
}

/* The reader's objects: nothing is kept, so any address will do. */
static char something;

static void *take_text(const redisReadTask *task, char *s, size_t n)
{
	struct bulk *k = task->privdata;

	if (task->type == REDIS_REPLY_ERROR) {
		char text[160];
		const struct error_reply *e;

		n = n < sizeof(text) ? n : sizeof(text) - 1;
		memcpy(text, s, n);
		text[n] = '\0';
		e = error_reply_find(text);
		log_event(LOG_LEVEL_WARN, "board.error_reply", "meaning", e->meaning, "text",
		    text, NULL);
		k->refused = e->status;
	} else if (task->parent && !k->over) {
		s[n] = '\0'; /* the carriage return behind it, which nobody looks at again */
		k->to.text(k->to.arg, s, n);
	}
	return &something;
}

static void *take_array(const redisReadTask *task, int n)
{
	struct bulk *k = task->privdata;

	(void)n;
	if (task->parent)
		k->refused = E_INTERNAL;
	return &something;
}

static void *take_number(const redisReadTask *task, long long n)
{
	(void)task;
	(void)n;
	return &something;
}

static void *take_nil(const redisReadTask *task)
{
	(void)task;
	return &something;
}

static void forget(void *object)
{
	(void)object;
}

static redisReplyObjectFunctions takers = { take_text, take_array, take_number, take_nil,
	forget };

static void feed(struct bulk *k, const char *p, size_t n)
{
	void *whole = NULL;

	if (redisReaderFeed(k->reader, p, n) != REDIS_OK) {
		lose(k, E_INTERNAL);
		return;
	}
	while (!k->over) {
		if (redisReaderGetReply(k->reader, &whole) != REDIS_OK) {
			lose(k, E_INTERNAL);
			return;
		}
		if (!whole)
			return;
		if (k->refused != OK || k->owed == 0) {
			lose(k, k->refused != OK ? k->refused : E_INTERNAL);
			return;
		}
		k->owed--;
		k->to.reply(k->to.arg);
	}
}

static void on_read(struct bufferevent *io, void *arg)
{
	struct bulk *k = arg;
	struct evbuffer *in = bufferevent_get_input(io);
	struct evbuffer_iovec piece;

	k->heard_ms = clock_ms();
	hold(k);
	while (!k->over && evbuffer_peek(in, -1, NULL, &piece, 1) > 0) {
		size_t n = piece.iov_len < SLICE ? piece.iov_len : SLICE;

		feed(k, piece.iov_base, n);
		if (!k->gone)
			evbuffer_drain(in, n);
	}
	let_go(k);
}

static void on_event(struct bufferevent *io, short what, void *arg)
{
	struct bulk *k = arg;

	(void)io;
	if (what & BEV_EVENT_CONNECTED)
		return;
	if (k->is_new) {
		k->is_failed = true;
		return;
	}
	hold(k);
	lose(k, E_UNAVAILABLE);
	let_go(k);
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
	hold(k);
	if (k->is_failed || (k->owed > 0 && clock_ms() - k->heard_ms >= k->timeout_ms))
		lose(k, E_UNAVAILABLE);
	else
		arm(k, k->timeout_ms);
	let_go(k);
}

static bool begin_to_connect(struct bulk *k, const char *address)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	char host[256];
	const char *colon = strrchr(address, ':');

	if (strncmp(address, "unix:", 5) == 0) {
		if (strlen(address + 5) >= sizeof(name.sun_path))
			return false;
		memcpy(name.sun_path, address + 5, strlen(address + 5) + 1);
		return bufferevent_socket_connect(k->io, (struct sockaddr *)&name,
			   sizeof(name)) == 0;
	}
	if (!colon || (size_t)(colon - address) >= sizeof(host))
		return false;
	memcpy(host, address, (size_t)(colon - address));
	host[colon - address] = '\0';
	return bufferevent_socket_connect_hostname(k->io, NULL, AF_UNSPEC, host,
		   (int)strtol(colon + 1, NULL, 10)) == 0;
}

struct bulk *bulk_new(struct event_base *base, const char *address, unsigned timeout_ms,
    const struct bulk_events *to)
{
	struct bulk *k = must_alloc(sizeof(*k));

	k->to = *to;
	k->timeout_ms = timeout_ms;
	k->heard_ms = clock_ms();
	k->reader = redisReaderCreateWithFunctions(&takers);
	k->io = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	k->clock = evtimer_new(base, on_clock, k);
	if (!k->reader || !k->io || !k->clock)
		abort();
	k->reader->privdata = k;
	bufferevent_setcb(k->io, on_read, NULL, on_event, k);
	bufferevent_set_max_single_read(k->io, READ_MOST);
	bufferevent_enable(k->io, EV_READ | EV_WRITE);
	k->is_new = true;
	if (!begin_to_connect(k, address))
		k->is_failed = true;
	k->is_new = false;
	arm(k, k->is_failed ? 0 : k->timeout_ms);
	return k;
}

void bulk_free(struct bulk *k)
{
	if (!k)
		return;
	k->over = true;
	k->gone = true;
	hold(k);
	bufferevent_free(k->io);
	event_free(k->clock);
	let_go(k);
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
