/*
 * Fuzzing XLSX: hostile bytes as the file, or as one part of a file that is sound otherwise,
 * for else nothing would get past the check sums.
 *
 * Beside not crashing it asserts meaning: rows of a worksheet come in order, a row is no wider
 * than the bound, what is refused has a rule, and reading ends.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "daemon/base/arena.h"
#include "daemon/sheet/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define ONE(id, type, target)                                                                  \
	"<Relationship Id=\"" id "\" Type=\"" REL "/" type "\" Target=\"" target "\"/>"

static const char *const parts[][2] = {
	{ "_rels/.rels", "<Relationships>" ONE("a", "officeDocument",
			     "xl/workbook.xml") "</Relationships>" },
	{ "xl/_rels/workbook.xml.rels",
	    "<Relationships>" ONE("r1", "worksheet", "s1.xml") ONE("s", "sharedStrings",
		"st.xml") ONE("t", "styles", "sy.xml") "</Relationships>" },
	{ "xl/workbook.xml",
	    "<workbook><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>" },
	{ "xl/st.xml", "<sst><si><t>one</t></si></sst>" },
	{ "xl/sy.xml",
	    "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>" },
	{ "xl/s1.xml",
	    "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c s=\"1\">"
	    "<v>39000</v></c></row></sheetData></worksheet>" },
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static const struct sheet_limits limits = {
	.record_bytes = 4096,
	.columns = 32,
	.dir = "/tmp",
	.cells = 10000,
	.rows = 1000,
	.cell_bytes = 1024,
	.entries = 16,
	.strings = 1000,
	.inflated_bytes = 1 << 20,
	.ratio = 100,
	.file_bytes = 1 << 20,
};

static void read_all(const char *bytes, size_t n)
{
	struct sheet *s = sheet_new(SHEET_XLSX, &limits, NULL);
	struct arena *a = arena_new();
	const char *sheet = NULL;
	struct sheet_fault why;
	struct sheet_row row;
	enum sheet_step step;
	uint64_t line = 0;
	size_t turns = 0;

	sheet_put(s, bytes, n, true);
	do {
		step = sheet_next(s, a, &row, &why);
		assert(++turns < 100000);
		if (step == SHEET_BAD_ROW || step == SHEET_BAD_FILE)
			assert(why.rule && *why.rule);
		if (step != SHEET_ROW)
			continue;
		assert(row.n && row.n <= limits.columns);
		assert(row.sheet != sheet || row.line > line);
		for (size_t i = 0; i < row.n; i++)
			assert(strlen(row.cells[i].text) <= limits.cell_bytes);
		sheet = row.sheet;
		line = row.line;
	} while (step != SHEET_END && step != SHEET_BAD_FILE);
	sheet_free(s);
	arena_free(a);
}

static void read_with(size_t which, const uint8_t *data, size_t size)
{
	zip_source_t *to = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *z = zip_open_from_source(to, ZIP_TRUNCATE, NULL);
	zip_stat_t st;
	char *bytes;

	zip_source_keep(to);
	for (size_t i = 0; i < PARTS; i++)
		zip_set_file_compression(z,
		    (zip_uint64_t)zip_file_add(z, parts[i][0],
			i == which ? zip_source_buffer(z, data, size, 0)
				   : zip_source_buffer(z, parts[i][1], strlen(parts[i][1]), 0),
			0),
		    ZIP_CM_STORE, 0);
	assert(zip_close(z) == 0);
	zip_source_stat(to, &st);
	bytes = malloc(st.size);
	zip_source_open(to);
	zip_source_read(to, bytes, st.size);
	zip_source_close(to);
	zip_source_free(to);
	read_all(bytes, st.size);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] % (PARTS + 1) == PARTS)
		read_all((const char *)data + 1, size - 1);
	else
		read_with(data[0] % (PARTS + 1), data + 1, size - 1);
	return 0;
}
