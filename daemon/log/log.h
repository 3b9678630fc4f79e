/*
 * The log: one logfmt line an event, to standard error or journald's.
 *
 * No personal data ever: no names, citizen numbers, phones, addresses, bodies,
 * keys, query strings.  Values are quoted when they need it.
 */
#ifndef DAEMON_LOG_LOG_H
#define DAEMON_LOG_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* "error", "warn", "info", "debug"; false: another word. */
bool log_level_of(const char *name, enum log_level *out);

/* Until it is called: warnings and errors, of the worker "main".  `worker` is copied. */
void log_open(enum log_level level, const char *worker);
/* Whether an event of that level would be written: for those whose words cost something. */
bool log_is_on(enum log_level level);
/* log_event(LOG_LEVEL_WARN, "board.lost", "why", text, "port", "8080", NULL): pairs of strings.
 */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
