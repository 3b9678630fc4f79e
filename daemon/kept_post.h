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
/* The place is that process's, until it puts something there or is gone.  False: what came
 * before has not been written yet; again later. */
bool kept_post_take(int process);
/* By who has taken it.  At most KEPT_MOST bytes. */
void kept_post_put(const void *bytes, size_t n);
/* The parent's: what is to be written, or NULL; it stays until kept_post_taken. */
const void *kept_post_see(size_t *n);
void kept_post_taken(void);
/* That process is no more, or has nothing to put after all. */
void kept_post_gone(int process);

#endif
