/*
 * The file in which keys and officers outlive the daemon, for a start without PostgreSQL.
 *
 * Sealed with the master key and bound to whose it is, a city of one kind; whole or not there;
 * for its owner alone.
 */
#ifndef DAEMON_KEPT_FILE_H
#define DAEMON_KEPT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/status.h"

struct buf;
struct ledger_kept;
struct vault;

#define KEPT_NAME "keys"             /* in state_dir */
#define KEPT_MOST ((size_t)16 << 20) /* bytes of such a file */

/* An instant on two clocks: one may be put wrong, the other begins anew with the machine. */
struct kept_time {
	int64_t real_us, boot_us;
};
/* `ago_ms` before now. */
struct kept_time kept_time(int64_t ago_ms);

/* The bytes of the file, of what the ledger told at that time. */
void kept_seal(struct buf *out, const struct vault *v, const char *whose,
    const struct ledger_kept *kept, const struct kept_time *at);
/* In place of what is there, and on the disk when this returns; false: errno says why not. */
MUST_CHECK bool kept_write(const char *path, const void *bytes, size_t n);

/* NULL: *out is what the file keeps, its clock gone on until `now`, its bytes in `plain`, and
 * *age_us how old it is; else why it is of no use.  It is not more than `most_us` old. */
MUST_CHECK const char *kept_read(const char *path, const struct vault *v, const char *whose,
    const struct kept_time *now, int64_t most_us, struct buf *plain, struct ledger_kept *out,
    int64_t *age_us);

#endif
