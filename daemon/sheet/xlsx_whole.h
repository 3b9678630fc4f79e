/*
 * Whether a workbook that libxlsxwriter has made is whole: it writes to files of its own, and a
 * disk that is full while it does leaves rows out in silence.
 */
#ifndef DAEMON_SHEET_XLSX_WHOLE_H
#define DAEMON_SHEET_XLSX_WHOLE_H

#include <stdbool.h>

struct lxw_workbook;
struct xlsx_whole;

/* All cells are in; to be called just before the book is closed. */
struct xlsx_whole *xlsx_whole_begin(struct lxw_workbook *book);
/* The book is closed, and stands in that file: false, it is not what was written.  Frees. */
bool xlsx_whole_end(struct xlsx_whole *w, int fd) __attribute__((warn_unused_result));

#endif
