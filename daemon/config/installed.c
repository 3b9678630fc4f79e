/*
 * A prefix is found, not compiled in: it is said at the installation, after the build.
 *
 * A program in P/sbin with P/share/vacancyd beside it has its files under P.  One in
 * /usr/sbin, or in the directory of a build, has them where Debian has them.
 */
#include "daemon/config/installed.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"

#define SHARE "/share/vacancyd"

/* "/opt/x" of "/opt/x/sbin/vacancyd"; false: none of its own. */
static bool find_prefix(char *prefix, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", prefix, size - sizeof(SHARE));
	char *slash;

	if (n <= 0 || (size_t)n >= size - sizeof(SHARE))
		return false;
	prefix[n] = '\0';
	slash = strrchr(prefix, '/');
	*slash = '\0';
	slash = strrchr(prefix, '/');
	if (!slash || strcmp(slash, "/sbin") != 0)
		return false;
	memcpy(slash, SHARE, sizeof(SHARE));
	if (access(prefix, X_OK) != 0)
		return false;
	*slash = '\0';
	return strcmp(prefix, "/usr") != 0;
}

char *installed_path(const char *shipped)
{
	const char *below = NULL;
	struct buf path = { 0 };
	char prefix[PATH_MAX];

	if (strncmp(shipped, "/etc/vacancyd/", 14) == 0)
		below = shipped;
	else if (strncmp(shipped, "/usr" SHARE "/", 20) == 0)
		below = shipped + strlen("/usr");
	if (!below || !find_prefix(prefix, sizeof(prefix)))
		return must_strdup(shipped);
	buf_printf(&path, "%s%s", prefix, below);
	return path.data;
}
