/*
 * What each kind of file is to sheet.c, inside sheet only: the functions of
 * sheet.h for its own state.
 */
#ifndef DAEMON_SHEET_KINDS_H
#define DAEMON_SHEET_KINDS_H

#include "daemon/sheet/sheet.h"

struct sheet_reader {
	void *(*open)(enum sheet_kind kind, const struct sheet_limits *limits,
	    const char *charset);
	void (*close)(void *state);
	size_t (*put)(void *state, const char *bytes, size_t n, bool is_last);
	enum sheet_step (*next)(void *state, struct arena *a, struct sheet_row *row,
	    struct sheet_fault *why);
	bool (*refuse_row)(void *state, struct sheet_row *row); /* NULL: makes no difference */
	uint64_t (*lines)(const void *state);
	/* The rest: NULL: nothing is out of sight. */
	const char *(*hidden_name)(const void *state, size_t i);
	uint64_t (*hidden_rows)(const void *state);
	bool (*hides_column)(const void *state, size_t column);
};

extern const struct sheet_reader text_sheet; /* CSV and NDJSON */
extern const struct sheet_reader xlsx_sheet;

/* Whether the first bytes of a file are a spreadsheet's (.xlsx; .xls and .et), or a web page's,
 * which `why` says: to whoever said that it is text. */
bool sheet_is_another(const char *bytes, size_t n, struct sheet_fault *why);

void sheet_fault_set(struct sheet_fault *f, const char *rule, const char *found,
    const char *expected);

#endif
