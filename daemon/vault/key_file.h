/*
 * The file of the master key: 64 hex digits that only their owner can read.
 */
#ifndef DAEMON_VAULT_KEY_FILE_H
#define DAEMON_VAULT_KEY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/status.h"

#define MASTER_LEN 32

/* Fills `key`; NULL when it did, else what is wrong with the file. */
MUST_CHECK const char *key_file_read(const char *path, uint8_t key[static MASTER_LEN]);
/* Makes the file, mode 0400, with a new random key; false when it is there already. */
MUST_CHECK bool key_file_create(const char *path);

#endif
