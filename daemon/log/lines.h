/*
 * The lines that wait to be written.
 */
#ifndef DAEMON_LOG_LINES_H
#define DAEMON_LOG_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* Whole lines, which one write takes or leaves; false: there is no room, and it is gone. */
bool lines_put(const char *line, size_t len);
/* Writes what waits, as far as somebody reads; true: nothing waits any more. */
bool lines_flush(void);
/* What waits is somebody else's to write. */
void lines_forget(void);
/* From now on no write to standard error waits for its reader. */
void lines_never_wait(void);

#endif
