/*
 * Opening and reading a file with a secret.
 *
 * It knows who may read the file and not what is in it.  What was read beside the line that
 * was asked for is wiped.
 */
#include "daemon/base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/oom.h"

bool private_file_is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() || geteuid() == 0;
}

static const char *fault_of(const struct stat *st)
{
	bool is_roots = st->st_uid == 0;

	if (!S_ISREG(st->st_mode))
		return "it is not a regular file";
	if (!is_roots && !private_file_is_ours(st))
		return "it belongs to another user";
	if (st->st_mode & (is_roots ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO))
		return "it can be read by others; chmod 0600, or 0640 when it is root's";
	return NULL;
}

int private_file_open(const char *path, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		*why = strerror(errno);
	else
		*why = fault_of(&st);
	if (*why && fd >= 0)
		close(fd);
	return *why ? -1 : fd;
}

char *private_file_line(const char *path, size_t most, const char **why)
{
	int fd = private_file_open(path, why);
	char *text, *line = NULL;
	ssize_t n;

	if (fd < 0)
		return NULL;
	text = must_alloc(most + 2); /* one more than is allowed, so that too long shows */
	n = read(fd, text, most + 1);
	text[n > 0 ? strcspn(text, "\n") : 0] = '\0';
	if (n < 0)
		*why = strerror(errno);
	else if (!*text || strlen(text) > most)
		*why = "its first line is empty, or too long";
	else
		line = must_strdup(text);
	explicit_bzero(text, most + 2);
	free(text);
	close(fd);
	return line;
}
