/*
 * What an XLSX or CSV of a city's lines costs in and out, beside what nobody can do without.
 *
 *   bench_sheets --rows 100000 --rounds 5
 *
 * In: ours gives rows of cells; the peer inflates the same parts by libzip and runs expat over
 * them, and does nothing with what it hears.  Out: ours against libxlsxwriter in constant
 * memory alone, and against fputs of the same cells.  Processor time, in turn.  Memory is what
 * a process of its own had at most, for these rows and for a hundredth of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <expat.h>
#include <xlsxwriter.h>
#include <zip.h>

#include "daemon/base/arena.h"
#include "daemon/sheet/sheet.h"
#include "daemon/sheet/writer.h"

enum { COLUMNS = 20, ROUNDS_MAX = 100 };

static const struct sheet_limits limits = {
	.record_bytes = 65536,
	.columns = 64,
	.dir = "/tmp",
	.cells = 100000000,
	.rows = 2000000,
	.cell_bytes = 32768,
	.entries = 1000,
	.strings = 10000000,
	.inflated_bytes = (size_t)4 << 30,
	.ratio = 1000,
	.file_bytes = (int64_t)1 << 32,
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *text_of(size_t row, size_t column, char *out)
{
	static const char *const words[] = { "仓库保管员", "搬运、登记、盘点", "月", "高中",
		"白班", "养老;医疗" };

	if (column % 3 == 0)
		return words[(row + column) % 6];
	sprintf(out, "N%zu-%zu", row * 7919 % 100003, column);
	return out;
}

/* Column 5 is a number, 6 a day. */
static double write_ours(enum sheet_kind kind, size_t rows, int *file)
{
	double began = seconds();
	struct writer *w = writer_new(kind, "/tmp", "岗位");
	char text[64];
	size_t len;

	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < COLUMNS; c++) {
			if (c == 5) {
				sprintf(text, "%zu", 80000 + r % 5000);
				writer_number(w, text);
			} else if (c == 6) {
				sprintf(text, "2007-04-%02zu", 1 + r % 28);
				writer_day(w, text);
			} else {
				writer_text(w, text_of(r, c, text));
			}
		}
		writer_row_end(w);
	}
	if (!writer_end(w))
		abort();
	*file = writer_take(w, &len);
	writer_free(w);
	return seconds() - began;
}

static double write_bare_xlsx(size_t rows)
{
	double began = seconds();
	char path[] = "/tmp/vacancyd-bench-XXXXXX", where[] = "/tmp", text[64];
	int fd = mkstemp(path);
	lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = where };
	lxw_workbook *book = workbook_new_opt(path, &options);
	lxw_worksheet *sheet = workbook_add_worksheet(book, NULL);
	lxw_format *day = workbook_add_format(book);

	format_set_num_format(day, "yyyy-mm-dd");
	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < COLUMNS; c++) {
			lxw_datetime on = { .year = 2007,
				.month = 4,
				.day = (int)(1 + r % 28) };

			if (c == 5)
				worksheet_write_number(sheet, (lxw_row_t)r, (lxw_col_t)c,
				    (double)(80000 + r % 5000), NULL);
			else if (c == 6)
				worksheet_write_datetime(sheet, (lxw_row_t)r, (lxw_col_t)c, &on,
				    day);
			else
				worksheet_write_string(sheet, (lxw_row_t)r, (lxw_col_t)c,
				    text_of(r, c, text), NULL);
		}
	}
	workbook_close(book);
	close(fd);
	unlink(path);
	return seconds() - began;
}

static double write_bare_csv(size_t rows)
{
	double began = seconds();
	FILE *f = tmpfile();
	char text[64];

	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < COLUMNS; c++) {
			if (c)
				fputc(',', f);
			if (c == 5)
				sprintf(text, "%zu", 80000 + r % 5000);
			else if (c == 6)
				sprintf(text, "2007-04-%02zu", 1 + r % 28);
			fputs(c == 5 || c == 6 ? text : text_of(r, c, text), f);
		}
		fputs("\r\n", f);
	}
	fclose(f);
	return seconds() - began;
}

static double read_ours(int file, size_t rows)
{
	double began = seconds();
	struct sheet *s = sheet_new(SHEET_XLSX, &limits, NULL);
	struct arena *a = arena_new();
	static char piece[65536];
	struct sheet_fault why;
	struct sheet_row row;
	enum sheet_step step;
	off_t at = 0;
	ssize_t n;
	size_t found = 0;

	while ((n = pread(file, piece, sizeof(piece), at)) > 0) {
		sheet_put(s, piece, (size_t)n, false);
		at += n;
	}
	sheet_put(s, piece, 0, true);
	while ((step = sheet_next(s, a, &row, &why)) != SHEET_END) {
		if (step == SHEET_BAD_FILE || step == SHEET_BAD_ROW)
			abort();
		if (step == SHEET_ROW && ++found % 500 == 0) {
			arena_free(a);
			a = arena_new();
		}
	}
	if (found != rows)
		abort();
	arena_free(a);
	sheet_free(s);
	return seconds() - began;
}

static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	(void)arg;
	(void)name;
	(void)attributes;
}

static void on_end(void *arg, const XML_Char *name)
{
	(void)arg;
	(void)name;
}

static void on_text(void *arg, const XML_Char *text, int n)
{
	(void)arg;
	(void)text;
	(void)n;
}

static double read_bare(int file)
{
	double began = seconds();
	zip_t *z = zip_fdopen(dup(file), 0, NULL);
	zip_file_t *f = zip_fopen(z, "xl/worksheets/sheet1.xml", 0);
	XML_Parser p = XML_ParserCreate(NULL);
	int n;

	XML_SetElementHandler(p, on_start, on_end);
	XML_SetCharacterDataHandler(p, on_text);
	do {
		n = (int)zip_fread(f, XML_GetBuffer(p, 32768), 32768);
		if (XML_ParseBuffer(p, n, n == 0) != XML_STATUS_OK)
			abort();
	} while (n);
	XML_ParserFree(p);
	zip_fclose(f);
	zip_discard(z);
	return seconds() - began;
}

/* KiB that a process reading so many rows had at most. */
static long memory_for(int file, size_t rows)
{
	struct rusage usage;
	pid_t pid = fork();

	if (pid == 0) {
		read_ours(file, rows);
		_exit(0);
	}
	wait4(pid, NULL, 0, &usage);
	return usage.ru_maxrss;
}

static void print(const char *name, const double *values, size_t n, const char *after)
{
	printf("\"%s\":[", name);
	for (size_t i = 0; i < n; i++)
		printf("%s%.4f", i ? "," : "", values[i]);
	printf("]%s", after);
}

int main(int argc, char **argv)
{
	double in[ROUNDS_MAX], bare_in[ROUNDS_MAX], xlsx[ROUNDS_MAX], bare_xlsx[ROUNDS_MAX];
	double csv[ROUNDS_MAX], bare_csv[ROUNDS_MAX];
	size_t rows = 100000, rounds = 5;
	long few, many;
	int file, small;

	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--rows") == 0)
			rows = strtoul(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--rounds") == 0)
			rounds = strtoul(argv[i + 1], NULL, 10);
	}
	if (rounds > ROUNDS_MAX || rows < 100)
		return 2;
	/* Memory first, while this process is small. */
	write_ours(SHEET_XLSX, rows / 100, &small);
	few = memory_for(small, rows / 100);
	write_ours(SHEET_XLSX, rows, &file);
	many = memory_for(file, rows);
	for (size_t i = 0; i < rounds; i++) {
		int again;

		in[i] = read_ours(file, rows);
		bare_in[i] = read_bare(file);
		xlsx[i] = write_ours(SHEET_XLSX, rows, &again);
		close(again);
		bare_xlsx[i] = write_bare_xlsx(rows);
		csv[i] = write_ours(SHEET_CSV, rows, &again);
		close(again);
		bare_csv[i] = write_bare_csv(rows);
	}
	printf("{\"rows\":%zu,\"few_kib\":%ld,\"many_kib\":%ld,", rows, few, many);
	print("in", in, rounds, ",");
	print("bare_in", bare_in, rounds, ",");
	print("xlsx", xlsx, rounds, ",");
	print("bare_xlsx", bare_xlsx, rounds, ",");
	print("csv", csv, rounds, ",");
	print("bare_csv", bare_csv, rounds, "}\n");
	return 0;
}
