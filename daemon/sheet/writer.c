/*
 * Sheets on their way out: counts rows and cells, and owns the file.
 */
#include "daemon/sheet/writer.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/oom.h"
#include "daemon/sheet/paged.h"
#include "daemon/sheet/writers.h"

struct writer {
	const struct sheet_writer *kind;
	void *state;
	int fd;
	size_t row, column;
};

struct writer *writer_new(enum sheet_kind kind, const char *dir, const char *name)
{
	const struct sheet_writer *of = kind == SHEET_XLSX ? &xlsx_writer : &csv_writer;
	struct writer *w;
	int fd = nameless_open(dir);

	if (fd < 0)
		return NULL;
	w = must_alloc(sizeof(*w));
	w->kind = of;
	w->fd = fd;
	w->state = of->open(fd, dir, name);
	if (w->state)
		return w;
	writer_free(w);
	return NULL;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	if (w->state)
		w->kind->close(w->state);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

static void cell(struct writer *w, enum cell_kind kind, bool is_head, const char *text)
{
	if (!text || !*text)
		kind = CELL_EMPTY;
	w->kind->cell(w->state, w->row, w->column++, kind, is_head, text ? text : "");
}

void writer_text(struct writer *w, const char *text)
{
	cell(w, CELL_TEXT, false, text);
}

void writer_head(struct writer *w, const char *text)
{
	cell(w, CELL_TEXT, true, text);
}

void writer_number(struct writer *w, const char *decimal)
{
	cell(w, CELL_NUMBER, false, decimal);
}

void writer_day(struct writer *w, const char *day)
{
	cell(w, CELL_DAY, false, day);
}

void writer_row_end(struct writer *w)
{
	w->kind->row_end(w->state);
	w->row++;
	w->column = 0;
}

size_t writer_rows(const struct writer *w)
{
	return w->row;
}

void writer_column_is_text(struct writer *w, size_t column)
{
	if (w->kind->is_text)
		w->kind->is_text(w->state, column);
}

void writer_column_choices(struct writer *w, size_t column, const char *const *words)
{
	if (w->kind->choices)
		w->kind->choices(w->state, column, words);
}

void writer_column_note(struct writer *w, size_t column, const char *title, const char *text)
{
	if (w->kind->note)
		w->kind->note(w->state, column, title, text);
}

bool writer_sheet(struct writer *w, const char *name)
{
	if (!w->kind->sheet)
		return false;
	w->kind->sheet(w->state, name);
	w->row = w->column = 0;
	return true;
}

size_t writer_rows_max(enum sheet_kind kind)
{
	return kind == SHEET_XLSX ? 1048576 : SIZE_MAX;
}

bool writer_end(struct writer *w)
{
	return w->kind->end(w->state);
}

int writer_take(struct writer *w, size_t *len)
{
	struct stat st;
	int fd = w->fd;

	*len = fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
	w->fd = -1;
	return fd;
}
