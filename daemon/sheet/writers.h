/*
 * What each kind of file is to writer.c, inside sheet only.
 */
#ifndef DAEMON_SHEET_WRITERS_H
#define DAEMON_SHEET_WRITERS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/sheet/sheet.h"

/* Places of cells count from 0.  A text is never NULL or empty. */
struct sheet_writer {
	void *(*open)(int fd, const char *dir, const char *name);
	void (*close)(void *state);
	void (*cell)(void *state, size_t row, size_t column, enum cell_kind kind, bool is_head,
	    const char *text); /* CELL_EMPTY too */
	void (*row_end)(void *state);
	bool (*end)(void *state);
	void (*is_text)(void *state, size_t column); /* the rest: NULL: nothing of it */
	void (*choices)(void *state, size_t column, const char *const *words);
	void (*note)(void *state, size_t column, const char *title, const char *text);
	void (*sheet)(void *state, const char *name);
};

extern const struct sheet_writer csv_writer, xlsx_writer;

#endif
