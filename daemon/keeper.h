/*
 * The parent's part in keeping keys: a child of its own writes them, because a disk may be
 * slow.
 */
#ifndef DAEMON_KEEPER_H
#define DAEMON_KEEPER_H

#include <stdbool.h>
#include <sys/types.h>

/* Begins to write what lies in the post, into that folder, unless it does already. */
void keeper_look(const char *dir);
/* Whether it was ours that ended so. */
bool keeper_ended(pid_t pid, int how);

#endif
