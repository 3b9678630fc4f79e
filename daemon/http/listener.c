/*
 * Listening sockets: binding an address, accepting within the limit.
 *
 * It knows what a connection costs (a place) and not what it does.  Sockets are
 * shared with other workers, so one wake-up takes only a few connections and
 * leaves the rest to the others, and finding nothing to accept is normal.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/base/endpoint.h"
#include "daemon/base/oom.h"
#include "daemon/http/http_server.h"
#include "daemon/log/log.h"

#define BACKLOG          4096
#define ACCEPTS_PER_WAKE 16

struct listener {
	TAILQ_ENTRY(listener) link;
	struct http *http;
	struct event *event;
	int fd;
	const struct tls *tls;
};

static int listen_on(int family, const struct sockaddr *to, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, why;

	if (fd < 0)
		return -1;
	if ((family == AF_UNIX ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0) &&
	    (family != AF_INET6 ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) == 0) &&
	    bind(fd, to, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

/* A socket file that nobody listens on is left over from a daemon that was killed. */
static void remove_stale(const struct sockaddr_un *at)
{
	struct stat st;
	int fd;

	if (lstat(at->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 && errno == ECONNREFUSED)
		unlink(at->sun_path);
	close(fd);
}

static int bind_unix(const struct endpoint *to, mode_t mode)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	mode_t before;
	int fd;

	memcpy(at.sun_path, to->path, sizeof(to->path));
	remove_stale(&at);
	before = umask(~mode & 0777);
	fd = listen_on(AF_UNIX, (const struct sockaddr *)&at, sizeof(at));
	umask(before);
	return fd;
}

/* What was written, without asking anybody.  False: errno says why. */
static bool read_endpoint(const char *address, struct endpoint *out)
{
	errno = EINVAL;
	return endpoint_read((struct piece){ address, strlen(address) }, out);
}

/* NULL: errno says why.  freeaddrinfo. */
static struct addrinfo *find_address(const struct endpoint *at)
{
	static const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found;
	char port[12];

	snprintf(port, sizeof(port), "%d", at->port);
	if (getaddrinfo(at->host, port, &hints, &found) == 0)
		return found;
	errno = EINVAL;
	return NULL;
}

int http_bind(const char *address, mode_t mode)
{
	struct endpoint at;
	struct addrinfo *to;
	int fd, why;

	if (!read_endpoint(address, &at))
		return -1;
	if (*at.path)
		return bind_unix(&at, mode);
	to = find_address(&at);
	if (!to)
		return -1;
	fd = listen_on(to->ai_family, to->ai_addr, to->ai_addrlen);
	why = errno;
	freeaddrinfo(to);
	errno = why;
	return fd;
}

static bool is_same(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return a4->sin_port == b4->sin_port &&
		       a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a->sa_family == AF_INET6 && a6->sin6_port == b6->sin6_port &&
	       memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr)) == 0;
}

bool http_is_bound(int fd, const char *address)
{
	union {
		struct sockaddr any;
		struct sockaddr_un local;
		struct sockaddr_storage room;
	} at = { .room = { 0 } };
	socklen_t len = sizeof(at);
	struct endpoint wanted;
	struct addrinfo *to;
	bool is;

	if (getsockname(fd, &at.any, &len) != 0 || !read_endpoint(address, &wanted))
		return false;
	if (*wanted.path)
		return at.any.sa_family == AF_UNIX &&
		       strcmp(at.local.sun_path, wanted.path) == 0;
	to = find_address(&wanted);
	if (!to)
		return false;
	is = is_same(&at.any, to->ai_addr);
	freeaddrinfo(to);
	return is;
}

static void pause_all(struct http *h)
{
	struct listener *l;

	if (!h->is_paused)
		TAILQ_FOREACH(l, &h->listeners, link)
	event_del(l->event);
	h->is_paused = true;
}

static bool has_waiting_client(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Up to `most` of those that wait.  False: no more for now. */
static bool accept_some(struct listener *l, int most)
{
	struct http *h = l->http;
	struct timeval soon = { .tv_usec = 100000 };
	struct sockaddr_storage from;
	socklen_t from_len;
	int one = 1;

	for (int i = 0; i < most; i++) {
		int fd;

		if (h->n_connections >= h->config.max_connections) {
			if (!has_waiting_client(l->fd))
				return false;
			if (TAILQ_EMPTY(&h->idle)) {
				pause_all(h);
				return false;
			}
			/* The longest idle gives up its place. */
			connection_free(TAILQ_FIRST(&h->idle));
		}
		from_len = sizeof(from);
		fd = accept4(l->fd, (struct sockaddr *)&from, &from_len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			/* Fails on a unix socket, which does not delay. */
			(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			connection_open(h, fd, l->tls, (const struct sockaddr *)&from);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK) {
			/* No file descriptors, no memory: waking up at once would only spin. */
			log_event(LOG_LEVEL_WARN, "http.accept", "why", strerror(errno), NULL);
			pause_all(h);
			evtimer_add(h->retry_accept, &soon);
		}
		return false;
	}
	return true;
}

static void on_waiting(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	accept_some(arg, ACCEPTS_PER_WAKE);
}

bool http_listen(struct http *h, int fd, const struct tls *tls)
{
	struct listener *l = must_alloc(sizeof(*l));

	l->http = h;
	l->fd = fd;
	l->tls = tls;
	l->event = event_new(h->base, fd, EV_READ | EV_PERSIST, on_waiting, l);
	if (!l->event || evutil_make_socket_nonblocking(fd) != 0 ||
	    (!h->is_paused && event_add(l->event, NULL) != 0))
		goto free_listener;
	TAILQ_INSERT_TAIL(&h->listeners, l, link);
	return true;

free_listener:
	if (l->event)
		event_free(l->event);
	free(l);
	return false;
}

void listeners_resume(struct http *h)
{
	struct listener *l;

	if (h->is_paused)
		TAILQ_FOREACH(l, &h->listeners, link)
	event_add(l->event, NULL);
	h->is_paused = false;
}

void listeners_accept_all(struct http *h)
{
	struct listener *l;

	TAILQ_FOREACH(l, &h->listeners, link)
	while (accept_some(l, ACCEPTS_PER_WAKE))
		;
}

void listeners_free(struct http *h)
{
	struct listener *l;

	while ((l = TAILQ_FIRST(&h->listeners))) {
		TAILQ_REMOVE(&h->listeners, l, link);
		event_free(l->event);
		close(l->fd);
		free(l);
	}
}
