/*
 * The apostrophe before a text that a spreadsheet would take for a formula: put on the way out
 * of CSV, taken away on the way in.  Pure.
 */
#ifndef DAEMON_SHEET_GUARD_H
#define DAEMON_SHEET_GUARD_H

#include <stdbool.h>

/* Whether the text gets one: = + - @ TAB CR begin a formula, but not a plain number.
 * Apostrophes of its own do not hide it, so that what was guarded once is guarded again. */
bool guard_is_needed(const char *text);
/* The text without the one that was put before it. */
const char *guard_taken_away(const char *text);

#endif
