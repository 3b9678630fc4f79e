/*
 * The parent: keeps its workers running until it is told to stop.
 */
#ifndef DAEMON_SUPERVISE_H
#define DAEMON_SUPERVISE_H

struct parts;
struct sockets;

/* Blocks the signals that supervise() waits for: before anything is built. */
void supervise_prepare(void);

/* Forks the workers and serves; returns the exit status.  SIGHUP reads `config_path` again
 * into *p.  Returns in workers too, with their own status: whoever calls releases. */
int supervise(struct parts *p, const struct sockets *s, const char *config_path);

#endif
