/*
 * The log: one logfmt line an event, to standard error or journald's.
 *
 * No personal data ever: no names, citizen numbers, phones, addresses, bodies,
 * keys, query strings.  Values are quoted when they need it.
 *
 * Nobody waits for the reader: what they do not take is kept, up to 64 KiB, and then lost; the
 * log says so when it goes on.
 */
#ifndef DAEMON_LOG_LOG_H
#define DAEMON_LOG_LOG_H

#include <stdbool.h>
#include <stdint.h>

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

/* Once, before the first fork: standard error becomes one that never blocks. */
void log_never_wait(void);
/* After fork: what waits is the parent's to write. */
void log_forked(void);
/* Writes what waits, as far as it goes: from time to time, and at the end. */
void log_flush(void);
/* How many lines were lost since this was asked before. */
uint64_t log_take_lost(void);

#endif
