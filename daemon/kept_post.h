/*
 * How a worker hands the parent what is to be written to a disk: a worker waits for no disk.
 */
#ifndef DAEMON_KEPT_POST_H
#define DAEMON_KEPT_POST_H

#include <stdbool.h>
#include <stddef.h>

/* Before fork. */
void kept_post_open(void);
void kept_post_close(void);
/* False: what came before has not been written yet; again later.  At most KEPT_MOST bytes. */
bool kept_post_put(int process, const void *bytes, size_t n);
/* The parent's: what is to be written, or NULL; it stays until kept_post_taken. */
const void *kept_post_see(size_t *n);
void kept_post_taken(void);
/* That process is no more; what it had begun to put is nothing. */
void kept_post_gone(int process);

#endif
