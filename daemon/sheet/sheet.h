/*
 * A sheet: a file that people send, as rows of cells.
 *
 * It knows bytes, charsets and the forms of files, and no column, code list or
 * ledger.  A row that cannot be read never takes another with it: reading goes on
 * at the next line end after where it began.  Every line of the file is in
 * exactly one row that is given, so that whoever reads can say what became of each.
 */
#ifndef DAEMON_SHEET_SHEET_H
#define DAEMON_SHEET_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct sheet;

enum sheet_kind {
	SHEET_NDJSON, /* a row is one cell with the record */
	SHEET_CSV,    /* divided by commas, tabs or semicolons, as its first lines are */
	SHEET_XLSX
};

/* Of CSV and NDJSON every cell is text or empty. */
enum cell_kind {
	CELL_EMPTY,
	CELL_TEXT,
	CELL_NUMBER, /* plain decimal, never an exponent if it is exact */
	CELL_DAY,    /* YYYY-MM-DD */
	CELL_FLAG,   /* TRUE, FALSE */
	CELL_BAD /* an error of the spreadsheet: #REF!; refused only in a column that counts */
};
/* The text of a CELL_BAD that is a formula whose value was never kept. */
#define CELL_NEVER "#FORMULA!"
struct cell {
	enum cell_kind kind;
	const char
	    *text; /* UTF-8 as the file has it, not folded; line ends are '\n'; "" if empty */
};

struct sheet_row {
	uint64_t line;     /* as the file counts, from 1 */
	uint64_t lines;    /* how many lines of the file it is: cells can hold line ends */
	const char *sheet; /* the worksheet's name, or NULL */
	size_t n;          /* 0: nothing stands there */
	const struct cell *cells;
};

enum sheet_step {
	SHEET_ROW,
	SHEET_MORE, /* more bytes are needed; all are there: call again, from the loop */
	SHEET_END,
	SHEET_BAD_ROW, /* line and lines are set; the next may be fine */
	SHEET_BAD_FILE /* nothing more comes of it */
};

/* What is wrong, as a row of faults.tsv says it. */
struct sheet_fault {
	const char *rule;
	char found[64], expected[96];
};

struct sheet_limits {
	size_t record_bytes; /* of one row, as UTF-8 */
	size_t columns;
	/* Of XLSX alone. */
	const char *dir; /* where it waits, without a name */
	size_t cells, rows, cell_bytes, entries, strings;
	size_t inflated_bytes, ratio;
	int64_t file_bytes;
};

/* `charset` is what the sender says of the bytes ("gb18030"), or NULL; bytes decide, and a
 * word that they contradict is refused.  NULL: there is no such charset. */
struct sheet *sheet_new(enum sheet_kind kind, const struct sheet_limits *limits,
    const char *charset);
void sheet_free(struct sheet *s); /* NULL is fine */

/* How many of the bytes were taken; the others come again after sheet_next asked for more. */
size_t sheet_put(struct sheet *s, const char *bytes, size_t n, bool is_last);
/* Bounded work; what is given lives in the arena.  `why` is set with the BAD steps. */
enum sheet_step sheet_next(struct sheet *s, struct arena *a, struct sheet_row *row,
    struct sheet_fault *why);
/* The row just given is none of this file: of a row of many lines only the first is spent, and
 * the next is what follows that line.  Says whether there is a difference. */
bool sheet_refuse_row(struct sheet *s, struct sheet_row *row);
/* Lines of what has come so far, counted by their ends alone. */
uint64_t sheet_lines(const struct sheet *s);

/* What a workbook has out of sight.  Its hidden worksheets are not read: the name of the i-th,
 * NULL past the last.  Hidden rows and columns are: how many rows of those given, and whether
 * that column, from 0, of the worksheet of the row just given. */
const char *sheet_hidden_name(const struct sheet *s, size_t i);
uint64_t sheet_hidden_rows(const struct sheet *s);
bool sheet_hides_column(const struct sheet *s, size_t column);

#endif
