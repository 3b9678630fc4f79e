/*
 * The refused records of an import as a sheet to mend: the columns and cells that were
 * received, and why each was refused in one more, which an import passes over.
 *
 * While it is made and on its way it lies in files without a name, in the directory of
 * receipts, and not sealed: a workbook is packed by way of files, and memory is not to grow
 * with it.  That directory is the operator's to keep on an encrypted disk, or on none (tmpfs).
 */
#ifndef DAEMON_API_REFUSED_SHEET_H
#define DAEMON_API_REFUSED_SHEET_H

#include <stdbool.h>

#include "daemon/sheet/sheet.h"

struct refused_sheet;
struct vault;

/* All of these stay until it is freed. */
struct refused_sheet *refused_sheet_new(const struct vault *v, const char *dir,
    const char *import, enum sheet_kind kind, bool is_zh);
void refused_sheet_free(struct refused_sheet *s); /* NULL is fine */
/* Writes it; long, and may run in a thread of its own. */
void refused_sheet_make(void *sheet);
/* After that: the file, to be closed by who takes it; -1: there is no room. */
int refused_sheet_take(struct refused_sheet *s, size_t *len);

#endif
