/*
 * Binding the addresses of the settings, or taking over those that whoever started us has
 * bound, as systemd does for a unit with a socket (sd_listen_fds(3)): they stay open while
 * there is no daemon, and who connects then waits.
 *
 * It refuses to know what is served on them.  The admin socket is its owner's
 * alone; a unix socket for clients is also its group's, so that a proxy of that
 * group reaches it.
 */
#include "daemon/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/piece.h"
#include "daemon/config/config.h"
#include "daemon/http/http.h"

#define IN_USE_TRIES 40

/* Who may connect to a unix socket that we make. */
enum { OWNERS = 0600, GROUPS = 0660 };

#define FIRST_HANDED 3

/* How many sockets were handed over to this process, from FIRST_HANDED on. */
static int handed(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	long most = pid && n && strtol(pid, NULL, 10) == getpid() ? strtol(n, NULL, 10) : 0;

	return most > 0 && most <= SOCKETS_MAX ? (int)most : 0;
}

static int take_over(const char *address)
{
	for (int fd = FIRST_HANDED; fd < FIRST_HANDED + handed(); fd++) {
		int flags = fcntl(fd, F_GETFD);

		/* One that was taken is closed when a program is run, unlike the others. */
		if (flags < 0 || flags & FD_CLOEXEC || !http_is_bound(fd, address))
			continue;
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
			return fd;
	}
	return -1;
}

static int bind_one(struct sockets *s, const char *address, mode_t mode)
{
	const struct timespec moment = { .tv_nsec = 50000000 };
	int fd = take_over(address);

	if (fd >= 0)
		return fd;
	fd = http_bind(address, mode);

	/* The workers of a daemon that was just killed hold it for a moment longer. */
	for (int i = 0; i < IN_USE_TRIES && fd < 0 && errno == EADDRINUSE; i++) {
		nanosleep(&moment, NULL);
		fd = http_bind(address, mode);
	}
	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", address, strerror(errno));
		return -1;
	}
	if (strncmp(address, "unix:", 5) == 0)
		snprintf(s->paths[s->n_paths++], sizeof(s->paths[0]), "%s", address + 5);
	return fd;
}

static bool bind_admin(struct sockets *s, const char *path)
{
	char address[256];

	snprintf(address, sizeof(address), "unix:%s", path);
	s->admin = bind_one(s, address, OWNERS);
	return s->admin >= 0;
}

/* "A, B"; none when there is nothing. */
static bool bind_list(struct sockets *s, struct socket_list *l, const char *addresses)
{
	char address[256];
	struct piece one;

	while (piece_next(&addresses, &one)) {
		snprintf(address, sizeof(address), "%.*s", (int)one.n, one.at);
		if (l->n == SOCKETS_MAX) {
			fprintf(stderr, "%s: more than %d addresses\n", address, SOCKETS_MAX);
			return false;
		}
		l->fds[l->n] = bind_one(s, address, GROUPS);
		if (l->fds[l->n] < 0)
			return false;
		l->n++;
	}
	return true;
}

static void close_list(const struct socket_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		close(l->fds[i]);
}

/* A client that connects to a socket that nobody serves would wait for ever. */
static bool all_are_taken(void)
{
	for (int fd = FIRST_HANDED; fd < FIRST_HANDED + handed(); fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && flags & FD_CLOEXEC)
			continue;
		fprintf(stderr, "a socket was handed over (%d) that is none of the settings'\n",
		    fd);
		return false;
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return true;
}

bool sockets_bind(struct sockets *s, const struct config *c)
{
	*s = (struct sockets){ .admin = -1 };
	if (bind_list(s, &s->clients, c->listen) && bind_list(s, &s->secure, c->tls_listen) &&
	    bind_list(s, &s->probes, c->metrics_listen) && bind_admin(s, c->admin_socket) &&
	    all_are_taken())
		return true;
	sockets_release(s);
	return false;
}

void sockets_release(struct sockets *s)
{
	close_list(&s->clients);
	close_list(&s->secure);
	close_list(&s->probes);
	if (s->admin >= 0)
		close(s->admin);
	for (size_t i = 0; i < s->n_paths; i++)
		unlink(s->paths[i]);
	*s = (struct sockets){ .admin = -1 };
}
