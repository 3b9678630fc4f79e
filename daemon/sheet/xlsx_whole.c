/*
 * A workbook that was made, looked at once more.
 *
 * The rows of a worksheet wait in a file that says, before the book is closed, whether all of
 * them came into it; the book must then hold the same bytes.  Whatever else is in it must be
 * XML from its beginning to its end.
 */
#include "daemon/sheet/xlsx_whole.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xlsxwriter.h>

#include "daemon/base/count.h"
#include "daemon/base/oom.h"
#include "daemon/sheet/kinds.h"
#include "daemon/sheet/xlsx_xml.h"
#include "daemon/sheet/xlsx_zip.h"

#define PIECE      65536 /* the rows begin in the first */
#define SHEETS_MAX 64

/* The rows of a worksheet: their bytes are `n`. */
struct rows_file {
	int fd;
	int64_t n;
};

struct xlsx_whole {
	bool is_cut;
	size_t n;
	struct rows_file sheets[SHEETS_MAX];
};

static bool flush_rows(lxw_worksheet *sheet, struct rows_file *out)
{
	FILE *rows = sheet->optimize_tmpfile;

	lxw_worksheet_write_single_row(sheet); /* the last is still in memory */
	if (fflush(rows) != 0 || ferror(rows))
		return false;
	out->n = ftell(rows);
	out->fd = dup(fileno(rows));
	return out->fd >= 0 && out->n >= 0;
}

struct xlsx_whole *xlsx_whole_begin(struct lxw_workbook *book)
{
	struct xlsx_whole *w = must_alloc(sizeof(*w));
	lxw_worksheet *sheet;

	STAILQ_FOREACH(sheet, book->worksheets, list_pointers)
	{
		if (w->n == SHEETS_MAX || !flush_rows(sheet, &w->sheets[w->n]))
			w->is_cut = true;
		w->n += w->n < SHEETS_MAX;
	}
	return w;
}

static bool is_xml(struct xlsx_zip *zip, const char *path)
{
	static const struct xlsx_handlers none = { NULL, NULL, NULL };
	struct sheet_fault why;
	struct xlsx_entry *e = xlsx_entry_open(zip, path, false, &why);
	enum xlsx_step step = XLSX_MORE;
	struct xlsx_xml *xml;

	if (!e)
		return false;
	xml = xlsx_xml_new(e, &none, NULL);
	while (step == XLSX_MORE)
		step = xlsx_xml_read(xml, &why);
	xlsx_xml_free(xml);
	return step == XLSX_END;
}

/* As many bytes as there are, at most `room`. */
static size_t read_some(struct xlsx_entry *e, char *to, size_t room)
{
	struct sheet_fault why;
	size_t n = 0;
	int got = 1;

	while (n < room && (got = xlsx_entry_read(e, to + n, room - n, &why)) > 0)
		n += (size_t)got;
	return n;
}

static size_t read_piece(struct xlsx_entry *e, char *to)
{
	return read_some(e, to, PIECE);
}

static bool is_same(const struct rows_file *rows, int64_t at, const char *bytes, size_t n)
{
	char wanted[PIECE];

	return pread(rows->fd, wanted, n, at) == (ssize_t)n && memcmp(wanted, bytes, n) == 0;
}

/* Whether it ends as a worksheet does: the piece at hand, and whatever comes after it. */
static bool has_end(struct xlsx_entry *e, char *piece, size_t n)
{
	static const char end[] = "</worksheet>";
	const size_t len = sizeof(end) - 1;
	char tail[sizeof(end)] = "";

	for (; n; n = read_piece(e, piece)) {
		size_t some = n < len ? n : len;

		memmove(tail, tail + some, len - some);
		memcpy(tail + len - some, piece + n - some, some);
	}
	return memcmp(tail, end, len) == 0;
}

/* <sheetData>, the rows, </sheetData>, and what stands below them. */
static bool holds(struct xlsx_entry *e, const struct rows_file *rows)
{
	static const char begin[] = "<sheetData>", end[] = "</sheetData>";
	char piece[PIECE + 1];
	size_t n = read_piece(e, piece), at = 0, some;
	const char *found;
	int64_t done = 0;

	piece[n] = '\0';
	found = strstr(piece, begin);
	if (!found)
		return false;
	at = (size_t)(found - piece) + strlen(begin);
	while (done < rows->n) {
		some = n - at;
		if ((int64_t)some > rows->n - done)
			some = (size_t)(rows->n - done);
		if (!some || !is_same(rows, done, piece + at, some))
			return false;
		done += (int64_t)some;
		at += some;
		if (at == n) {
			n = read_piece(e, piece);
			at = 0;
		}
	}
	memmove(piece, piece + at, n - at);
	n -= at;
	n += read_some(e, piece + n, PIECE - n);
	return n >= strlen(end) && memcmp(piece, end, strlen(end)) == 0 && has_end(e, piece, n);
}

static bool is_whole_sheet(struct xlsx_zip *zip, size_t number, const struct rows_file *rows)
{
	struct sheet_fault why;
	struct xlsx_entry *e;
	char path[64];
	bool is_whole;

	snprintf(path, sizeof(path), "xl/worksheets/sheet%zu.xml", number);
	if (!rows->n)
		return is_xml(zip, path);
	e = xlsx_entry_open(zip, path, false, &why);
	is_whole = e && holds(e, rows);
	xlsx_entry_close(e);
	return is_whole;
}

static bool is_whole_book(const struct xlsx_whole *w, int fd)
{
	static const struct sheet_limits none = { .entries = 1000,
		.inflated_bytes = SIZE_MAX,
		.ratio = SIZE_MAX };
	static const char *const parts[] = { "[Content_Types].xml", "_rels/.rels",
		"docProps/app.xml", "docProps/core.xml", "xl/workbook.xml",
		"xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/theme/theme1.xml" };
	struct sheet_fault why;
	struct xlsx_zip *zip = xlsx_zip_open(fd, &none, &why);
	bool is_whole = zip;

	for (size_t i = 0; is_whole && i < COUNT(parts); i++)
		is_whole = is_xml(zip, parts[i]);
	for (size_t i = 0; is_whole && i < w->n; i++)
		is_whole = is_whole_sheet(zip, i + 1, &w->sheets[i]);
	xlsx_zip_close(zip);
	return is_whole;
}

bool xlsx_whole_end(struct xlsx_whole *w, int fd)
{
	bool is_whole = !w->is_cut && is_whole_book(w, fd);

	for (size_t i = 0; i < w->n; i++)
		if (w->sheets[i].fd > 0)
			close(w->sheets[i].fd);
	free(w);
	return is_whole;
}
