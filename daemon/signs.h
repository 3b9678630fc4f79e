/*
 * What a worker tells its parent and the other workers: that its loop turns, and whom it
 * serves.
 */
#ifndef DAEMON_SIGNS_H
#define DAEMON_SIGNS_H

#include <stdbool.h>
#include <stdint.h>

/* Whom a worker takes requests of. */
enum served { SERVED_CLIENTS, SERVED_OPERATOR, SERVED };

/* Before fork: of so many processes at a time.  Each writes its own, by its number. */
void signs_open(int processes);
void signs_close(void);
/* Nobody is there, or only just: the parent's to say. */
void signs_clear(int process);

void signs_beat(int process);
uint64_t signs_beats(int process);
void signs_serve(int process, enum served whom, bool is_served);
bool signs_serves(int process, enum served whom);
/* Besides that one. */
bool signs_other_serves(int process, enum served whom);

#endif
