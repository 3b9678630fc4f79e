/*
 * The log: one logfmt line an event, to standard error or journald's.
 *
 * No personal data ever: no names, citizen numbers, phones, addresses, bodies,
 * keys, query strings.  Values are quoted when they need it.
 */
#ifndef DAEMON_LOG_LOG_H
#define DAEMON_LOG_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_open(enum log_level level, const char *worker);
/* log_event(LOG_LEVEL_WARN, "board.lost", "why", text, "port", "8080", NULL): pairs of strings. */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
