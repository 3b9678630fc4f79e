/*
 * Binding the addresses of the settings.
 *
 * It refuses to know what is served on them.  The admin socket is its owner's
 * alone; a unix socket for clients is also its group's, so that a proxy of that
 * group reaches it.
 */
#include "daemon/sockets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/oom.h"
#include "daemon/config/config.h"
#include "daemon/http/http.h"

#define IN_USE_TRIES 40

static int bind_one(struct sockets *s, const char *address)
{
	const struct timespec moment = { .tv_nsec = 50000000 };
	int fd = http_bind(address);

	/* The workers of a daemon that was just killed hold it for a moment longer. */
	for (int i = 0; i < IN_USE_TRIES && fd < 0 && errno == EADDRINUSE; i++) {
		nanosleep(&moment, NULL);
		fd = http_bind(address);
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
	mode_t before = umask(0177);

	snprintf(address, sizeof(address), "unix:%s", path);
	s->admin = bind_one(s, address);
	umask(before);
	if (s->admin < 0)
		return false;
	if (chmod(path, 0600) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	return true;
}

static bool bind_clients(struct sockets *s, const char *listen)
{
	char *all = must_strdup(listen), *rest = NULL, *one;

	for (one = strtok_r(all, ", ", &rest); one; one = strtok_r(NULL, ", ", &rest)) {
		if (s->n_clients == SOCKETS_MAX) {
			fprintf(stderr, "listen: more than %d addresses\n", SOCKETS_MAX);
			break;
		}
		s->clients[s->n_clients] = bind_one(s, one);
		if (s->clients[s->n_clients] < 0)
			break;
		s->n_clients++;
	}
	free(all);
	return !one && s->n_clients > 0;
}

bool sockets_bind(struct sockets *s, const struct config *c)
{
	*s = (struct sockets){ .admin = -1 };
	if (bind_clients(s, c->listen) && bind_admin(s, c->admin_socket))
		return true;
	sockets_release(s);
	return false;
}

void sockets_release(struct sockets *s)
{
	for (size_t i = 0; i < s->n_clients; i++)
		close(s->clients[i]);
	if (s->admin >= 0)
		close(s->admin);
	for (size_t i = 0; i < s->n_paths; i++)
		unlink(s->paths[i]);
	*s = (struct sockets){ .admin = -1 };
}
