/*
 * The zip file that a workbook is: its entries by name, inflated within bounds.
 *
 * Names are compared as the format says: without regard to case of ASCII letters, and one name
 * stands once.  What is not asked for is never inflated.
 */
#ifndef DAEMON_SHEET_XLSX_ZIP_H
#define DAEMON_SHEET_XLSX_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sheet_fault;
struct sheet_limits;
struct xlsx_entry;
struct xlsx_zip;

/* Of an open file, whose position does not matter; NULL: `why` says it. */
struct xlsx_zip *xlsx_zip_open(int fd, const struct sheet_limits *limits,
    struct sheet_fault *why);
void xlsx_zip_close(struct xlsx_zip *z); /* NULL is fine */

/* The entry at "xl/workbook.xml", to be read from its beginning; what is inflated counts toward
 * the bound of the whole file unless it `is_again`.  NULL with `why` set: it cannot be read;
 * with why->rule NULL: there is none. */
struct xlsx_entry *xlsx_entry_open(struct xlsx_zip *z, const char *path, bool is_again,
    struct sheet_fault *why);
/* It is read whole at a time, and so has a bound of its own. */
void xlsx_entry_is_small(struct xlsx_entry *e);
void xlsx_entry_close(struct xlsx_entry *e); /* NULL is fine */
/* How many bytes were put into `out`; 0: that was all, and the check sum fits.  -1: `why`. */
int xlsx_entry_read(struct xlsx_entry *e, char *out, size_t n, struct sheet_fault *why);

#endif
