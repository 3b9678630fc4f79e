/*
 * Reading and making the file of the master key.
 *
 * It knows no cipher: it hands over 32 bytes or says why not.  A file that
 * anybody else can read is refused although it could be used, because whoever
 * copied it opens every sealed field for ever.
 */
#include "daemon/vault/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "daemon/base/private_file.h"

#define HEX_LEN ((size_t)(2 * MASTER_LEN))

/*
 * systemd hands credentials over in a directory that only the service can
 * enter; the files are root's, and the group bits of their mode are the mask of
 * an access list that names the service.
 */
static bool is_credential(const char *path)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	size_t n = dir ? strlen(dir) : 0;

	return n && strncmp(path, dir, n) == 0 && path[n] == '/' && !strchr(path + n + 1, '/');
}

static const char *owner_fault(const char *path, const struct stat *st)
{
	bool credential = is_credential(path);

	if (!S_ISREG(st->st_mode))
		return "the master key is not a regular file";
	if (!private_file_is_ours(st) && !(credential && st->st_uid == 0))
		return "the master key belongs to another user";
	if (st->st_mode & (credential ? S_IRWXO | S_IWGRP : S_IRWXG | S_IRWXO))
		return "the master key can be read by others than its owner; chmod 0400";
	return NULL;
}

static const char *decode(const char *hex, size_t n, uint8_t *key)
{
	size_t decoded;

	if (n == HEX_LEN + 1 && hex[HEX_LEN] == '\n')
		n--;
	if (n != HEX_LEN ||
	    sodium_hex2bin(key, MASTER_LEN, hex, n, NULL, &decoded, NULL) != 0 ||
	    decoded != MASTER_LEN)
		return "the master key is not 64 hex digits";
	if (sodium_is_zero(key, MASTER_LEN))
		return "the master key is all zeros";
	return NULL;
}

const char *key_file_read(const char *path, uint8_t key[static MASTER_LEN])
{
	char hex[HEX_LEN + 2]; /* one more than is allowed, so that too long shows */
	struct stat st;
	const char *why;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT  ? "the master key file does not exist"
		       : errno == ELOOP ? "the master key file is a symbolic link"
					: "the master key file cannot be opened";
	if (fstat(fd, &st) != 0) {
		close(fd);
		return "the master key file cannot be examined";
	}
	why = owner_fault(path, &st);
	if (!why) {
		n = read(fd, hex, sizeof(hex));
		why =
		    n < 0 ? "the master key file cannot be read" : decode(hex, (size_t)n, key);
		sodium_memzero(hex, sizeof(hex));
	}
	close(fd);
	return why;
}

bool key_file_create(const char *path)
{
	uint8_t key[MASTER_LEN];
	char hex[HEX_LEN + 1];
	bool written;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);

	if (fd < 0)
		return false;
	randombytes_buf(key, sizeof(key));
	sodium_bin2hex(hex, sizeof(hex), key, sizeof(key));
	hex[HEX_LEN] = '\n';
	/* fsync: a key that is lost after something was sealed with it loses all of it. */
	written = write(fd, hex, sizeof(hex)) == (ssize_t)sizeof(hex) && fsync(fd) == 0;
	sodium_memzero(key, sizeof(key));
	sodium_memzero(hex, sizeof(hex));
	if (close(fd) != 0 || !written) {
		unlink(path);
		return false;
	}
	return true;
}
