/*
 * One child at a time, which writes one file and ends.
 *
 * It knows nothing of what is written.  What goes wrong is logged when it begins to.
 */
#include "daemon/keeper.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/kept_file.h"
#include "daemon/kept_post.h"
#include "daemon/log/log.h"

static pid_t child; /* 0: none */
static int last_error;

void keeper_look(const char *dir)
{
	char path[PATH_MAX];
	const void *bytes;
	size_t n;

	if (child || !(bytes = kept_post_see(&n)))
		return;
	snprintf(path, sizeof(path), "%s/" KEPT_NAME, dir);
	child = fork();
	if (child == 0) {
		/* A disk that hangs shall not keep our sockets open. */
		(void)close_range(3, ~0U, 0);
		_exit(kept_write(path, bytes, n) ? 0 : errno & 0xff);
	}
	if (child < 0) { /* no more processes now: the next one, perhaps */
		child = 0;
		kept_post_taken();
	}
}

bool keeper_ended(pid_t pid, int how)
{
	int error = WIFEXITED(how) ? WEXITSTATUS(how) : EINTR;

	if (pid != child)
		return false;
	child = 0;
	kept_post_taken();
	if (error && error != last_error)
		log_event(LOG_LEVEL_ERROR, "keys.not-kept", "why", strerror(error), NULL);
	last_error = error;
	return true;
}
