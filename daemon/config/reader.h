/*
 * What config.c and policy.c share: a libConfuse file, read, with its faults on
 * standard error as "file:line: what".  Not for two files at once.
 */
#ifndef DAEMON_CONFIG_READER_H
#define DAEMON_CONFIG_READER_H

#include <confuse.h>

/* A fault of the line that is being read; the reading goes on, and fails at its end. */
void reader_fault(cfg_t *cfg, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* NULL: the file cannot be read or has faults.  `opts` must outlive the result;
 * `check` (may be NULL) is called after each option of the file's own level is read. */
cfg_t *reader_open(const char *path, cfg_opt_t *opts, cfg_validate_callback_t check);

/* Faults found after the reading: how many since reader_open. */
int reader_faults(void);

#endif
