/*
 * Telling systemd: one datagram to the socket that $NOTIFY_SOCKET names.
 *
 * It refuses to know when what is true.  Nobody waits for systemd, and that it does not listen
 * is no reason to do anything else.
 */
#include "daemon/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/clock.h"

#define ALIVE_MS 1000

/* False: systemd has so much to read that this did not fit. */
static bool tell(const char *what)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = path ? strlen(path) : 0;
	bool is_full;
	int fd;

	if (n < 2 || n >= sizeof(to.sun_path) || (*path != '/' && *path != '@'))
		return true;
	memcpy(to.sun_path, path, n);
	if (*path == '@')
		to.sun_path[0] = '\0'; /* of the abstract name space */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return true;
	is_full = sendto(fd, what, strlen(what), MSG_NOSIGNAL, (const struct sockaddr *)&to,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0 &&
		  errno == EAGAIN;
	close(fd);
	return !is_full;
}

bool notify_ready(void)
{
	return tell("READY=1");
}

void notify_reloading(void)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_us());
	(void)tell(text);
}

void notify_stopping(void)
{
	(void)tell("STOPPING=1");
}

void notify_alive(void)
{
	static int64_t told_ms;

	if (!getenv("WATCHDOG_USEC") || clock_ms() - told_ms < ALIVE_MS)
		return;
	told_ms = clock_ms();
	(void)tell("WATCHDOG=1");
}
