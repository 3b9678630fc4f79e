/*
 * The lines that wait to be written, because nobody reads fast enough.
 *
 * It refuses to know what a line says.  A reader that stopped may stop us at no write: standard
 * error is opened again, so that the programs it was inherited from keep theirs as it was, and
 * is asked not to wait.  A file never makes anybody wait and is left alone.  What does not fit
 * into a bounded queue is lost.
 */
#include "daemon/log/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUEUE_MAX 65536

static char queue[QUEUE_MAX];
static size_t queued;

/* How much of it went out; what never can, counts as gone out. */
static size_t write_some(const char *text, size_t len)
{
	ssize_t n;

	do
		n = write(STDERR_FILENO, text, len);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return (size_t)n;
	/* A log that cannot be written is no reason to stop serving. */
	return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : len;
}

/* Whole lines, as many as a pipe takes as one (PIPE_BUF): those of several workers never mix.
 */
static size_t next_piece(void)
{
	const char *end;
	size_t n = queued < 4096 ? queued : 4096;

	end = memrchr(queue, '\n', n);
	if (!end)
		end = memchr(queue, '\n', queued);
	return end ? (size_t)(end - queue) + 1 : queued;
}

bool lines_flush(void)
{
	while (queued > 0) {
		size_t wanted = next_piece(), n = write_some(queue, wanted);

		memmove(queue, queue + n, queued - n);
		queued -= n;
		if (n < wanted)
			break;
	}
	return queued == 0;
}

bool lines_put(const char *line, size_t len)
{
	size_t n = lines_flush() ? write_some(line, len) : 0;

	if (len - n > QUEUE_MAX - queued)
		return false;
	memcpy(queue + queued, line + n, len - n);
	queued += len - n;
	return true;
}

void lines_forget(void)
{
	queued = 0;
}

void lines_never_wait(void)
{
	struct stat st;
	int flags, fd;

	if (fstat(STDERR_FILENO, &st) != 0 || S_ISREG(st.st_mode))
		return;
	fd = open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
		return;
	}
	/* A socket, the journal's, is nobody else's; so is whatever cannot be opened again. */
	flags = fcntl(STDERR_FILENO, F_GETFL);
	if (flags >= 0)
		(void)fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
}
