/*
 * A worker: one process, one event loop, all parts that serve requests.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

struct parts;
struct sockets;
struct worker_place;

/* The exit status of a worker whose database keeps another kind of city than the settings say.
 */
#define WORKER_WRONG_CITY 3

/* Serves, as soon as it can or nobody else does, until SIGTERM, and drains; returns the exit
 * status.  Slot 0 also carries the outbox to the board and answers the operator.  Takes the
 * sockets' descriptors. */
int worker_run(const struct parts *p, const struct sockets *s,
    const struct worker_place *place);

#endif
