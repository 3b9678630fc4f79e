/*
 * Owns the file and our lock on it.
 *
 * It refuses to know who loads what.  The lock belongs to the open file, so a
 * worker that dies gives it back, and the file itself stays.
 */
#include "daemon/mirror/turn.h"

#include "daemon/base/oom.h"
#include "daemon/log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct turn {
	char *path;
	int fd; /* -1: not ours */
	bool has_warned;
};

struct turn *turn_new(const char *path)
{
	struct turn *t = must_alloc(sizeof(*t));

	t->path = path ? must_strdup(path) : NULL;
	t->fd = -1;
	return t;
}

void turn_free(struct turn *t)
{
	if (!t)
		return;
	turn_pass_on(t);
	free(t->path);
	free(t);
}

bool turn_take(struct turn *t)
{
	if (!t->path || t->fd >= 0)
		return true;
	t->fd = open(t->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (t->fd >= 0 && flock(t->fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (t->fd >= 0 && errno == EWOULDBLOCK) {
		turn_pass_on(t);
		return false;
	}
	if (!t->has_warned)
		log_event(LOG_LEVEL_WARN, "mirror.no_turns", "file", t->path, "why",
		    strerror(errno), NULL);
	t->has_warned = true;
	turn_pass_on(t);
	return true;
}

void turn_pass_on(struct turn *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}
