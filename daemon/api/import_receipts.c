/*
 * Receipts in files.
 *
 * A batch's receipts are put with one write, after the ledger has committed the batch:
 * so a daemon that dies leaves a file that is at most one batch behind, and whoever
 * comes back finds where it ends.  A file that is under way is locked, so that two
 * senders of one import cannot write into each other's lines.
 */
#include "daemon/api/import_receipts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/oom.h"

#define KEPT_SECONDS ((time_t)35 * 86400)
#define END_MAX      32768             /* bytes of a line that is no receipt of a record */
#define PIECE        ((size_t)1 << 20) /* read at a time */
#define FILES_KEPT   8000              /* at most, of whatever size */
#define FILES_SEEN   8192              /* in one sweep */
#define BEGINNING    "vacancyd-"
#define ENDING       ".receipts"

struct place {
	size_t n, size;
};

struct receipts {
	int file;
	size_t size, n;
	FILE *found; /* where its receipts are being looked for */
	struct place at, early, late;
};

static bool name_file(char *path, size_t room, const char *dir, const char *name)
{
	return snprintf(path, room, "%s/" BEGINNING "%s" ENDING, dir, name) < (int)room;
}

static int open_nameless(const char *dir)
{
	char path[4096];
	int file = -1;

	if (snprintf(path, sizeof(path), "%s/" BEGINNING "XXXXXX", dir) < (int)sizeof(path))
		file = mkstemp(path);
	if (file >= 0)
		unlink(path);
	return file;
}

/* The directory may be everybody's. */
static bool is_private(int file)
{
	struct stat st;

	return fstat(file, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	       !(st.st_mode & 077);
}

static int open_named(const char *dir, const char *name)
{
	char path[4096];
	int file, why;

	if (!name_file(path, sizeof(path), dir, name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file >= 0 && (!is_private(file) || flock(file, LOCK_EX | LOCK_NB) != 0)) {
		why = errno == EWOULDBLOCK ? EWOULDBLOCK : EPERM;
		close(file);
		errno = why;
		return -1;
	}
	return file;
}

struct receipts *receipts_open(const char *dir, const char *name)
{
	int file = name ? open_named(dir, name) : open_nameless(dir);
	struct receipts *r;

	if (file < 0)
		return NULL;
	r = must_alloc(sizeof(*r));
	r->file = file;
	return r;
}

void receipts_free(struct receipts *r)
{
	if (!r)
		return;
	if (r->found)
		fclose(r->found);
	close(r->file);
	free(r);
}

#define GONE "\"result\":\"gone\",\"records\":"

/* Of how many records a line is the receipt. */
static size_t records_of(const char *text)
{
	const char *gone = strstr(text, GONE);

	if (strncmp(text, "{\"line\":", 8) != 0)
		return 0;
	return gone ? strtoul(gone + sizeof(GONE) - 1, NULL, 10) : 1;
}

/* Some lines; false: there is more to read. */
static bool read_places(struct receipts *r, size_t before, size_t known)
{
	size_t room = 0, n, end = r->at.size + PIECE;
	bool is_over = false;
	char *text = NULL;
	ssize_t len;

	while (!is_over && r->at.size < end) {
		len = getline(&text, &room, r->found);
		n = len > 0 && text[len - 1] == '\n' ? records_of(text) : 0;
		is_over = !n || r->at.n + n > known;
		if (is_over)
			break;
		r->at.n += n;
		r->at.size += (size_t)len;
		r->late = r->at;
		if (r->at.n <= before)
			r->early = r->at;
	}
	free(text);
	return is_over;
}

static bool begin_to_find(struct receipts *r)
{
	int copy = dup(r->file);

	r->found = copy >= 0 ? fdopen(copy, "r") : NULL;
	r->at = r->early = r->late = (struct place){ 0 };
	if (r->found)
		rewind(r->found);
	else if (copy >= 0)
		close(copy);
	return r->found != NULL;
}

enum receipts_found receipts_find(struct receipts *r, size_t known, size_t before)
{
	struct place here = { 0 };
	enum receipts_found found = RECEIPTS_GONE;

	if (r->found || begin_to_find(r)) {
		if (!read_places(r, before, known))
			return RECEIPTS_SOUGHT;
		fclose(r->found);
		r->found = NULL;
	}
	if (r->late.n == known) {
		here = r->late;
		found = RECEIPTS_WHOLE;
	} else if (r->early.n == before) {
		here = r->early;
		found = RECEIPTS_BEHIND;
	}
	if (ftruncate(r->file, (off_t)here.size) != 0)
		return RECEIPTS_GONE;
	r->size = here.size;
	r->n = here.n;
	return found;
}

bool receipts_append(struct receipts *r, bool is_empty)
{
	struct stat st;

	if ((is_empty && ftruncate(r->file, 0) != 0) || fstat(r->file, &st) != 0)
		return false;
	r->size = (size_t)st.st_size;
	return true;
}

bool receipts_cut(struct receipts *r, size_t size)
{
	if (ftruncate(r->file, (off_t)size) != 0)
		return false;
	r->size = size;
	return true;
}

bool receipts_put(struct receipts *r, const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n = pwrite(r->file, text + at, len - at, (off_t)(r->size + at));

		if (n < 0 && errno != EINTR)
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	for (size_t i = 0; i < len; i++)
		r->n += text[i] == '\n';
	r->size += len;
	return true;
}

bool receipts_put_gone(struct receipts *r, uint64_t last_line, size_t records)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "{\"line\":%llu," GONE "%zu}\n",
	    (unsigned long long)last_line, records);

	if (!receipts_put(r, line, (size_t)n))
		return false;
	r->n += records - 1;
	return true;
}

size_t receipts_bytes(const struct receipts *r)
{
	return r->size;
}

size_t receipts_count(const struct receipts *r)
{
	return r->n;
}

int receipts_let_go(struct receipts *r)
{
	flock(r->file, LOCK_UN);
	return dup(r->file);
}

int receipts_read(const char *dir, const char *name, size_t *len)
{
	char path[4096];
	struct stat st;
	int file = -1;

	if (name_file(path, sizeof(path), dir, name))
		file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file >= 0 && (!is_private(file) || fstat(file, &st) != 0 || st.st_size == 0)) {
		close(file);
		return -1;
	}
	*len = file >= 0 ? (size_t)st.st_size : 0;
	return file;
}

bool receipts_have_end(int file, size_t len)
{
	char tail[END_MAX + 1];
	size_t n = len < END_MAX ? len : END_MAX, at = n;

	if (!n || pread(file, tail, n, (off_t)(len - n)) != (ssize_t)n || tail[n - 1] != '\n')
		return false;
	tail[n - 1] = '\0';
	while (at && tail[at - 1] != '\n')
		at--;
	return (at || n == len) && !records_of(tail + at);
}

struct kept {
	char name[64];
	struct timespec at;
	size_t size; /* on the disk */
};

static int by_age(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->at.tv_sec != y->at.tv_sec)
		return x->at.tv_sec < y->at.tv_sec ? -1 : 1;
	return (x->at.tv_nsec > y->at.tv_nsec) - (x->at.tv_nsec < y->at.tv_nsec);
}

static bool is_ours(const char *name)
{
	size_t n = strlen(name), end = strlen(ENDING);

	return n > end && n < sizeof(((struct kept *)0)->name) &&
	       strncmp(name, BEGINNING, strlen(BEGINNING)) == 0 &&
	       strcmp(name + n - end, ENDING) == 0;
}

/* One of a few bytes takes a block of the disk. */
static size_t find_kept(DIR *d, struct kept *all, size_t *sum)
{
	const struct dirent *e;
	struct stat st;
	size_t n = 0;

	while (n < FILES_SEEN && (e = readdir(d))) {
		if (!is_ours(e->d_name) ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		snprintf(all[n].name, sizeof(all[n].name), "%s", e->d_name);
		all[n].at = st.st_mtim;
		all[n].size = (size_t)st.st_blocks * 512;
		*sum += all[n++].size;
	}
	return n;
}

void receipts_sweep(const char *dir, size_t most_bytes)
{
	static int64_t next_ms; /* the more there are, the more seldom they are looked at */
	struct kept *all;
	size_t n, sum = 0;
	DIR *d;

	if (clock_ms() < next_ms || !(d = opendir(dir)))
		return;
	all = must_alloc(FILES_SEEN * sizeof(*all));
	n = find_kept(d, all, &sum);
	qsort(all, n, sizeof(*all), by_age);
	for (size_t i = 0; i < n; i++) {
		if (sum <= most_bytes && n - i <= FILES_KEPT &&
		    time(NULL) - all[i].at.tv_sec < KEPT_SECONDS)
			break;
		unlinkat(dirfd(d), all[i].name, 0);
		sum -= all[i].size;
	}
	next_ms = clock_ms() + (int64_t)n / 4;
	closedir(d);
	free(all);
}
