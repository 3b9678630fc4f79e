/*
 * A line that says what the file is, then one sealed box: a head with times, and the list.
 *
 * It knows neither key nor officer.  The age is the longer of what two clocks say: one that was
 * put back, or a machine that began anew, makes the file no younger.
 */
#include "daemon/kept_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/buf.h"
#include "daemon/ledger/ledger.h"
#include "daemon/vault/vault.h"

#define FIRST_LINE "vacancyd keys 1\n"
#define LINE_LEN   (sizeof(FIRST_LINE) - 1)

struct head {
	struct kept_time at;
	int64_t now_us;
	int64_t fixed;
};

static int64_t microseconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct kept_time kept_time(int64_t ago_ms)
{
	return (struct kept_time){ .real_us = microseconds(CLOCK_REALTIME) - ago_ms * 1000,
		.boot_us = microseconds(CLOCK_BOOTTIME) - ago_ms * 1000 };
}

static void about(char *to, size_t size, const char *whose)
{
	snprintf(to, size, FIRST_LINE "%s", whose);
}

void kept_seal(struct buf *out, const struct vault *v, const char *whose,
    const struct ledger_kept *kept, const struct kept_time *at)
{
	const struct head head = { *at, kept->now_us, kept->fixed };
	struct buf plain = { 0 };
	char what[64];
	uint8_t *box;

	buf_put(&plain, &head, sizeof(head));
	buf_put(&plain, kept->keys, kept->len);
	buf_puts(out, FIRST_LINE);
	box = (uint8_t *)buf_room(out, plain.len + VAULT_BOX_MORE);
	about(what, sizeof(what), whose);
	vault_box(v, what, plain.data, plain.len, box);
	buf_upto(out, (char *)box + plain.len + VAULT_BOX_MORE);
	buf_free(&plain);
}

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		bytes += done;
		n -= (size_t)done;
	}
	return fsync(fd) == 0;
}

static bool sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd;
	bool done;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	done = fsync(fd) == 0;
	close(fd);
	return done;
}

bool kept_write(const char *path, const void *bytes, size_t n)
{
	char fresh[PATH_MAX];
	int fd;
	bool done;

	if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", path) >= sizeof(fresh)) {
		errno = ENAMETOOLONG;
		return false;
	}
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	done = write_all(fd, bytes, n);
	close(fd);
	return done && rename(fresh, path) == 0 && sync_folder(path);
}

/* NULL, or why not. */
static const char *read_file(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	const char *why = NULL;
	struct stat s;
	ssize_t n = 0;

	if (fd < 0)
		return errno == ENOENT ? "there is none" : strerror(errno);
	if (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode))
		why = "not a file";
	else if (s.st_uid != geteuid() || s.st_mode & 077)
		why = "others may have written it or can read it";
	else if (s.st_size < (off_t)(LINE_LEN + VAULT_BOX_MORE + sizeof(struct head)) ||
		 s.st_size > (off_t)KEPT_MOST)
		why = "of no such file's length";
	if (!why) {
		char *to = buf_room(b, (size_t)s.st_size);

		n = read(fd, to, (size_t)s.st_size);
		if (n == s.st_size)
			buf_upto(b, to + n);
		else
			why = "cannot be read";
	}
	close(fd);
	return why;
}

static int64_t age_of(const struct kept_time *at, const struct kept_time *now)
{
	int64_t real = now->real_us - at->real_us, boot = now->boot_us - at->boot_us;

	return real > boot ? real : boot;
}

static const char *open_box(const struct vault *v, const char *whose, struct buf *b,
    struct buf *plain)
{
	const uint8_t *box = (const uint8_t *)b->data + LINE_LEN;
	size_t len = b->len - LINE_LEN;
	char what[64];
	char *to;

	assert(b->data); /* read_file has seen to the length */
	if (memcmp(b->data, FIRST_LINE, LINE_LEN) != 0)
		return "another version's";
	about(what, sizeof(what), whose);
	to = buf_room(plain, len - VAULT_BOX_MORE);
	if (!vault_unbox(v, what, box, len, to))
		return "does not open: altered, or of another key or city";
	buf_upto(plain, to + len - VAULT_BOX_MORE);
	return NULL;
}

const char *kept_read(const char *path, const struct vault *v, const char *whose,
    const struct kept_time *now, int64_t most_us, struct buf *plain, struct ledger_kept *out,
    int64_t *age_us)
{
	struct buf b = { 0 };
	const char *why = read_file(path, &b);
	struct head head;

	if (!why)
		why = open_box(v, whose, &b, plain);
	buf_free(&b);
	if (why)
		return why;
	memcpy(&head, plain->data, sizeof(head));
	*age_us = age_of(&head.at, now);
	if (*age_us < 0)
		return "of a time to come";
	if (*age_us > most_us)
		return "too old";
	*out = (struct ledger_kept){ .keys = plain->data + sizeof(head),
		.len = plain->len - sizeof(head),
		.now_us = head.now_us + (head.fixed ? 0 : *age_us),
		.fixed = head.fixed };
	return NULL;
}
