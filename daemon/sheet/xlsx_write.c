/*
 * XLSX, by libxlsxwriter in its mode of constant memory: rows wait as XML in files without
 * names and are packed at the end.
 *
 * A text is a text whatever it begins with.  A template's choices stand in a hidden worksheet
 * of their own, because in the cells that they are for there is room for 255 characters of
 * them. libxlsxwriter asks nobody whether its files could be written: that is seen here (rows)
 * and in xlsx_whole.c (the rest).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xlsxwriter.h>

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/sheet/writer.h"
#include "daemon/sheet/writers.h"
#include "daemon/sheet/xlsx_whole.h"

#define COLUMNS_MAX 64
#define WIDTH       16
#define LAST_ROW    9999    /* of a template, that is checked */
#define CODES       "codes" /* the worksheet of the choices */

struct xlsx_out {
	int fd;
	lxw_workbook *book;
	lxw_worksheet *sheet, *first;
	lxw_format *head, *day, *text;
	bool is_text[COLUMNS_MAX];
	const char *titles[COLUMNS_MAX], *notes[COLUMNS_MAX];
	const char *const *choices[COLUMNS_MAX];
	struct buf escaped;
	bool is_full; /* the disk */
};

static void *open_xlsx_out(int fd, const char *dir, const char *name)
{
	struct xlsx_out *x = must_alloc(sizeof(*x));
	char *where = must_strdup(dir), path[40];
	lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = where };

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	x->book = workbook_new_opt(path, &options);
	free(where);
	x->fd = fd;
	if (!x->book) {
		free(x);
		return NULL;
	}
	x->head = workbook_add_format(x->book);
	format_set_bold(x->head);
	x->day = workbook_add_format(x->book);
	format_set_num_format(x->day, "yyyy-mm-dd");
	x->text = workbook_add_format(x->book);
	format_set_num_format(x->text, "@");
	x->first = x->sheet = workbook_add_worksheet(x->book, name);
	if (!x->sheet) { /* no descriptor for its file */
		lxw_workbook_free(x->book);
		free(x);
		return NULL;
	}
	worksheet_set_column(x->sheet, 0, COLUMNS_MAX - 1, WIDTH, NULL);
	worksheet_freeze_panes(x->sheet, 1, 0);
	return x;
}

static void close_xlsx_out(void *state)
{
	struct xlsx_out *x = state;

	if (x->book)
		lxw_workbook_free(x->book);
	buf_free(&x->escaped);
	free(x);
}

/* At most the fifteen digits that a spreadsheet keeps. */
static bool read_number(const char *text, double *out)
{
	const char *digits = text + (*text == '-');
	char *end;

	if (strspn(digits, "0123456789.") != strlen(digits) || strlen(digits) > 15 ||
	    (digits[0] == '0' && digits[1] && digits[1] != '.'))
		return false;
	*out = strtod(text, &end);
	return end != text && !*end;
}

/* Digits, and then the divider or the end. */
static bool read_part(const char **at, size_t digits, char divider, int least, int most,
    int *out)
{
	if (strspn(*at, "0123456789") != digits || (*at)[digits] != divider)
		return false;
	*out = (int)strtol(*at, NULL, 10);
	*at += digits + 1;
	return *out >= least && *out <= most;
}

static bool read_day(const char *text, lxw_datetime *out)
{
	*out = (lxw_datetime){ 0 };
	return read_part(&text, 4, '-', 1900, 9999, &out->year) &&
	       read_part(&text, 2, '-', 1, 12, &out->month) &&
	       read_part(&text, 2, '\0', 1, 31, &out->day);
}

/* What reads like an escape of the format is escaped itself; libxlsxwriter leaves it. */
static const char *escaped(struct xlsx_out *x, const char *text)
{
	const char *at = strstr(text, "_x");

	if (!at)
		return text;
	buf_clear(&x->escaped);
	for (; (at = strstr(text, "_x")); text = at + 1) {
		bool reads_so = strspn(at + 2, "0123456789abcdefABCDEF") >= 4 && at[6] == '_';

		buf_put(&x->escaped, text, (size_t)(at - text));
		buf_puts(&x->escaped, reads_so ? "_x005F_" : "_");
	}
	buf_puts(&x->escaped, text);
	return x->escaped.data;
}

static void put_cell(void *state, size_t row, size_t column, enum cell_kind kind, bool is_head,
    const char *text)
{
	struct xlsx_out *x = state;
	lxw_row_t r = (lxw_row_t)row;
	lxw_col_t c = (lxw_col_t)column;
	lxw_datetime day;
	lxw_error error = LXW_NO_ERROR;
	double number;

	if (kind == CELL_EMPTY)
		return;
	if (kind == CELL_NUMBER && read_number(text, &number))
		error = worksheet_write_number(x->sheet, r, c, number, NULL);
	else if (kind == CELL_DAY && read_day(text, &day))
		error = worksheet_write_datetime(x->sheet, r, c, &day, x->day);
	else
		error = worksheet_write_string(x->sheet, r, c, escaped(x, text),
		    is_head                                      ? x->head
		    : column < COLUMNS_MAX && x->is_text[column] ? x->text
								 : NULL);
	x->is_full = x->is_full || error != LXW_NO_ERROR;
}

static void end_row(void *state)
{
	(void)state;
}

static void column_is_text(void *state, size_t column)
{
	struct xlsx_out *x = state;

	if (column >= COLUMNS_MAX)
		return;
	x->is_text[column] = true;
	worksheet_set_column(x->sheet, (lxw_col_t)column, (lxw_col_t)column, WIDTH, x->text);
}

static void column_choices(void *state, size_t column, const char *const *words)
{
	struct xlsx_out *x = state;

	if (column < COLUMNS_MAX && words[0])
		x->choices[column] = words;
}

static void column_note(void *state, size_t column, const char *title, const char *text)
{
	struct xlsx_out *x = state;

	if (column >= COLUMNS_MAX)
		return;
	x->titles[column] = title;
	x->notes[column] = text;
}

static lxw_worksheet *add_sheet(struct xlsx_out *x, const char *name)
{
	lxw_worksheet *sheet = workbook_add_worksheet(x->book, name);

	/* No descriptor for its file: what follows is not whole. */
	x->is_full = x->is_full || !sheet;
	return sheet;
}

static void next_sheet(void *state, const char *name)
{
	struct xlsx_out *x = state;
	lxw_worksheet *sheet = add_sheet(x, name);

	if (!sheet)
		return;
	x->sheet = sheet;
	worksheet_set_column(x->sheet, 0, 0, WIDTH, NULL);
	worksheet_set_column(x->sheet, 1, 7, 2 * WIDTH, NULL);
}

static size_t count(const char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

/* The choices of a column in the column of its number, row by row, as rows are written. */
static void write_choices(struct xlsx_out *x)
{
	lxw_worksheet *sheet;
	size_t n[COLUMNS_MAX], most = 0;

	for (size_t c = 0; c < COLUMNS_MAX; c++) {
		n[c] = count(x->choices[c]);
		most = n[c] > most ? n[c] : most;
	}
	sheet = most ? add_sheet(x, CODES) : NULL;
	if (!sheet)
		return;
	worksheet_hide(sheet);
	for (size_t row = 0; row < most; row++)
		for (size_t c = 0; c < COLUMNS_MAX; c++)
			if (row < n[c])
				worksheet_write_string(sheet, (lxw_row_t)row, (lxw_col_t)c,
				    escaped(x, x->choices[c][row]), NULL);
}

/* libxlsxwriter 1.1.4 copies a formula twice and frees one of them; the list that it was given
 * instead is put right in its own record. */
static void refer_to_choices(struct xlsx_out *x, size_t column)
{
	lxw_data_val_obj *made = NULL, *one;
	char range[LXW_MAX_CELL_RANGE_LENGTH], formula[sizeof(CODES) + sizeof(range) + 1];

	STAILQ_FOREACH(one, x->first->data_validations, list_pointers)
	{
		made = one;
	}
	if (!made)
		return;
	lxw_rowcol_to_range_abs(range, 0, (lxw_col_t)column,
	    (lxw_row_t)(count(x->choices[column]) - 1), (lxw_col_t)column);
	snprintf(formula, sizeof(formula), CODES "!%s", range);
	free(made->value_formula);
	made->value_formula = must_strdup(formula);
}

static void write_validation(struct xlsx_out *x, size_t column)
{
	char word[] = CODES, *words[] = { word, NULL };
	bool has_choices = x->choices[column];
	lxw_data_validation v = { .validate = has_choices ? LXW_VALIDATION_TYPE_LIST
							  : LXW_VALIDATION_TYPE_ANY,
		.value_list = has_choices ? words : NULL,
		.error_type = LXW_VALIDATION_ERROR_TYPE_WARNING };
	char title[128], note[1024];

	if (x->notes[column]) {
		snprintf(title, sizeof(title), "%s", x->titles[column]);
		snprintf(note, sizeof(note), "%s", x->notes[column]);
		v.input_title = title;
		v.input_message = note;
	}
	if ((x->notes[column] || has_choices) &&
	    worksheet_data_validation_range(x->first, 1, (lxw_col_t)column, LAST_ROW,
		(lxw_col_t)column, &v) == LXW_NO_ERROR &&
	    has_choices)
		refer_to_choices(x, column);
}

static bool end_xlsx(void *state)
{
	struct xlsx_out *x = state;
	struct xlsx_whole *whole;
	lxw_error error;
	bool is_whole;

	write_choices(x);
	for (size_t c = 0; c < COLUMNS_MAX; c++)
		write_validation(x, c);
	whole = xlsx_whole_begin(x->book);
	error = workbook_close(x->book); /* frees it */
	x->book = NULL;
	is_whole = xlsx_whole_end(whole, x->fd);
	return error == LXW_NO_ERROR && is_whole && !x->is_full;
}

const struct sheet_writer xlsx_writer = {
	.open = open_xlsx_out,
	.close = close_xlsx_out,
	.cell = put_cell,
	.row_end = end_row,
	.end = end_xlsx,
	.is_text = column_is_text,
	.choices = column_choices,
	.note = column_note,
	.sheet = next_sheet,
};
