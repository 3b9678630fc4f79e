/*
 * What a workbook says of itself: its worksheets in order, which of its formats show days, from
 * which year it counts them, and where its shared strings are.
 */
#ifndef DAEMON_SHEET_XLSX_BOOK_H
#define DAEMON_SHEET_XLSX_BOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/sheet/xlsx_xml.h"

struct sheet_fault;
struct xlsx_styles;
struct xlsx_zip;

struct xlsx_worksheet {
	char *name, *path;
	char *relation; /* what names its path */
	bool is_hidden;
};

struct xlsx_book {
	struct xlsx_worksheet *sheets;
	size_t n_sheets;
	bool is_1904;
	bool *is_day; /* of each cell format */
	size_t n_formats;
	char *strings_path;         /* or NULL */
	char *styles_path;          /* or NULL */
	struct xlsx_styles *styles; /* under way */
};

/* Into a book that is { 0 }, to be released in either case.  False: `why`. */
bool xlsx_book_open(struct xlsx_book *b, struct xlsx_zip *zip, struct sheet_fault *why)
    __attribute__((warn_unused_result));
/* After that: reads a piece of its formats, of which there may be many. */
enum xlsx_step xlsx_book_styles(struct xlsx_book *b, struct xlsx_zip *zip,
    struct sheet_fault *why) __attribute__((warn_unused_result));
void xlsx_book_release(struct xlsx_book *b);

#endif
