/*
 * The shared strings of a workbook, in files without names: memory does not grow with them.
 */
#ifndef DAEMON_SHEET_XLSX_STRINGS_H
#define DAEMON_SHEET_XLSX_STRINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/sheet/xlsx_xml.h"

struct buf;
struct sheet_fault;
struct sheet_limits;
struct xlsx_entry;
struct xlsx_strings;

/* Takes the entry; NULL: no file can be made. */
struct xlsx_strings *xlsx_strings_new(struct xlsx_entry *entry,
    const struct sheet_limits *limits);
void xlsx_strings_free(struct xlsx_strings *s); /* NULL is fine */
/* Reads a piece; after XLSX_END they can be asked for.  XLSX_BROKEN with why->rule NULL: the
 * disk is full. */
enum xlsx_step xlsx_strings_read(struct xlsx_strings *s, struct sheet_fault *why);
/* Puts the string with that number, from 0, at the end of `out`; false: there is none.  One
 * that is too long has its beginning, one byte too long. */
bool xlsx_strings_get(struct xlsx_strings *s, uint64_t number, struct buf *out)
    __attribute__((warn_unused_result));

#endif
