/*
 * What a spreadsheet keeps as a number: plain decimals, and days by the format that shows them.
 * Pure.
 */
#ifndef DAEMON_SHEET_XLSX_NUMBERS_H
#define DAEMON_SHEET_XLSX_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Whether a number format shows days: one of those built in, or the code of another. */
bool xlsx_format_is_day(unsigned id);
bool xlsx_code_is_day(const char *code);
/* Puts a number as a plain decimal, with the fifteen digits that a spreadsheet keeps; false: it
 * is none.  What the file has in at most fifteen digits stays as it is. */
bool xlsx_put_number(struct buf *out, const char *text) __attribute__((warn_unused_result));
/* Puts YYYY-MM-DD; false: no day of this calendar.  The 29th of February 1900, which was none
 * and which spreadsheets count, is put as they show it. */
bool xlsx_put_day(struct buf *out, const char *text, bool is_1904)
    __attribute__((warn_unused_result));
/* _x000D_ and its like as the character, line ends as '\n', in place; the new length. */
size_t xlsx_unescape(char *text, size_t n);

#endif
