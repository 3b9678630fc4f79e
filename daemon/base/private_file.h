/*
 * A file that holds a secret, opened only if nobody else can read it.
 */
#ifndef DAEMON_BASE_PRIVATE_FILE_H
#define DAEMON_BASE_PRIVATE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct stat;

/* Our own; root, who reads any file, looks at the daemon's user's, as for --check-config. */
bool private_file_is_ours(const struct stat *st);

/* The rule of PostgreSQL: ours alone, or root's, which a group may read.  -1: *why says what
 * is wrong. */
int private_file_open(const char *path, const char **why);

/* Its first line, of at most `most` bytes; to be wiped and freed by whoever asked.  NULL: *why
 * says what is wrong. */
char *private_file_line(const char *path, size_t most, const char **why);

#endif
