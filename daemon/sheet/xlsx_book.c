/*
 * The parts of a workbook beside its worksheets, found by their relationships.
 *
 * A relationship's type is known by the end of its address, which both editions of the format
 * share; a target outside of the file is never followed.
 */
#include "daemon/sheet/xlsx_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/count.h"
#include "daemon/base/oom.h"
#include "daemon/sheet/kinds.h"
#include "daemon/sheet/xlsx_numbers.h"
#include "daemon/sheet/xlsx_xml.h"
#include "daemon/sheet/xlsx_zip.h"

#define SHEETS_MAX  256
#define FORMATS_MAX 65536
#define CODES_MAX   4096
#define NAME_BYTES  128
#define PATH_BYTES  256
#define PATH_WHOLE  ((size_t)2 * PATH_BYTES) /* with the folder before it */

struct relation {
	char *id, *path;
	const char *type; /* its last word, of the three below */
};

/* Parts under way. */
struct reading {
	struct xlsx_book *book;
	struct xlsx_xml *xml;
	char folder[PATH_WHOLE]; /* what a relative target is relative to */
	struct relation *relations;
	size_t n_relations;
};

/* The styles under way. */
struct xlsx_styles {
	struct xlsx_book *book;
	struct xlsx_xml *xml;
	bool is_day_code[FORMATS_MAX]; /* of the formats that the file numbers itself */
	size_t n_codes;
	bool in_formats;
};

static bool ends_with(const char *text, const char *end)
{
	size_t n = text ? strlen(text) : 0, m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* "../theme.xml" of "xl/worksheets/" is "xl/theme.xml".  NULL: it climbs out, or is too long.
 */
static char *resolve(const char *folder, const char *target)
{
	char path[PATH_WHOLE], *out = must_alloc(PATH_WHOLE), *at = path, *word;
	size_t n = 0;

	if (strlen(target) >= PATH_BYTES || strchr(target, '\\'))
		goto no;
	snprintf(path, sizeof(path), "%s%s", *target == '/' ? "" : folder, target);
	while ((word = strsep(&at, "/"))) {
		if (!*word || strcmp(word, ".") == 0)
			continue;
		if (strcmp(word, "..") == 0) {
			if (!n)
				goto no;
			for (n--; n && out[n - 1] != '/'; n--)
				continue;
			continue;
		}
		n += (size_t)sprintf(out + n, "%s%s", word, at ? "/" : "");
	}
	out[n] = '\0';
	return out;

no:
	free(out);
	return NULL;
}

static void on_relation(void *arg, int depth, const char *name, const char **attributes)
{
	static const char *const types[] = { "/officeDocument", "/worksheet", "/sharedStrings",
		"/styles" };
	struct reading *r = arg;
	const char *id = xlsx_attribute(attributes, "Id");
	const char *type = xlsx_attribute(attributes, "Type");
	const char *target = xlsx_attribute(attributes, "Target");
	const char *mode = xlsx_attribute(attributes, "TargetMode");
	char *path;

	if (depth != 2 || strcmp(name, "Relationship") != 0 || !id || !type || !target ||
	    (mode && strcmp(mode, "External") == 0) || r->n_relations == SHEETS_MAX)
		return;
	for (size_t i = 0; i < COUNT(types); i++) {
		if (!ends_with(type, types[i]))
			continue;
		path = resolve(r->folder, target);
		if (!path)
			return;
		r->relations[r->n_relations++] =
		    (struct relation){ must_strdup(id), path, types[i] };
		return;
	}
}

static bool is_true(const char *word)
{
	return word &&
	       (strcmp(word, "1") == 0 || strcmp(word, "true") == 0 || strcmp(word, "on") == 0);
}

static void on_workbook(void *arg, int depth, const char *name, const char **attributes)
{
	struct reading *r = arg;
	struct xlsx_book *b = r->book;
	const char *title, *state, *id;

	if (depth == 2 && strcmp(name, "workbookPr") == 0)
		b->is_1904 = is_true(xlsx_attribute(attributes, "date1904"));
	if (depth != 3 || strcmp(name, "sheet") != 0)
		return;
	title = xlsx_attribute(attributes, "name");
	state = xlsx_attribute(attributes, "state");
	id = xlsx_attribute(attributes, "id");
	if (!title || !id)
		return;
	if (b->n_sheets == SHEETS_MAX || strlen(title) > NAME_BYTES) {
		xlsx_xml_refuse(r->xml, "sheet-size", "worksheets", "<= 256 worksheets");
		return;
	}
	b->sheets[b->n_sheets++] = (struct xlsx_worksheet){ .name = must_strdup(title),
		.relation = must_strdup(id),
		.is_hidden = state && strcmp(state, "visible") != 0 };
}

static void on_style(void *arg, int depth, const char *name, const char **attributes)
{
	struct xlsx_styles *r = arg;
	struct xlsx_book *b = r->book;
	const char *id = xlsx_attribute(attributes, "numFmtId");
	unsigned format = id ? (unsigned)strtoul(id, NULL, 10) : 0;

	if (depth == 2)
		r->in_formats = strcmp(name, "cellXfs") == 0;
	if (depth != 3)
		return;
	if (strcmp(name, "numFmt") == 0 && id) {
		const char *code = xlsx_attribute(attributes, "formatCode");

		if (++r->n_codes > CODES_MAX)
			xlsx_xml_refuse(r->xml, "sheet-size", "formats", "<= 4096");
		else if (code && format < FORMATS_MAX && xlsx_code_is_day(code))
			r->is_day_code[format] = true;
	}
	if (!r->in_formats || strcmp(name, "xf") != 0)
		return;
	if (b->n_formats == FORMATS_MAX) {
		xlsx_xml_refuse(r->xml, "sheet-size", "formats", "<= 65536");
		return;
	}
	b->is_day[b->n_formats++] =
	    xlsx_format_is_day(format) || (format < FORMATS_MAX && r->is_day_code[format]);
}

/* A small part, whole.  False: `why`, or, with why->rule NULL, it is not there. */
static bool read_part(struct reading *r, struct xlsx_zip *zip, const char *path,
    void (*start)(void *, int, const char *, const char **), struct sheet_fault *why)
{
	const struct xlsx_handlers handlers = { .start = start };
	struct xlsx_entry *entry = xlsx_entry_open(zip, path, false, why);
	enum xlsx_step step;

	if (!entry)
		return false;
	xlsx_entry_is_small(entry);
	r->xml = xlsx_xml_new(entry, &handlers, r);
	do {
		step = xlsx_xml_read(r->xml, why);
	} while (step == XLSX_MORE);
	xlsx_xml_free(r->xml);
	r->xml = NULL;
	return step == XLSX_END;
}

static void forget_relations(struct reading *r)
{
	for (size_t i = 0; i < r->n_relations; i++) {
		free(r->relations[i].id);
		free(r->relations[i].path);
	}
	r->n_relations = 0;
}

static const char *related(const struct reading *r, const char *type, const char *id)
{
	for (size_t i = 0; i < r->n_relations; i++)
		if (strcmp(r->relations[i].type, type) == 0 &&
		    (!id || strcmp(r->relations[i].id, id) == 0))
			return r->relations[i].path;
	return NULL;
}

static bool not_there(struct sheet_fault *why, const char *what)
{
	if (!why->rule)
		sheet_fault_set(why, "sheet-broken", what, ".xlsx");
	return false;
}

/* Worksheets that are none (charts, macros) leave the list. */
static void place_sheets(struct xlsx_book *b, const struct reading *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->n_sheets; i++) {
		const char *path = related(r, "/worksheet", b->sheets[i].relation);

		if (path) {
			b->sheets[i].path = must_strdup(path);
			b->sheets[kept++] = b->sheets[i];
		} else {
			free(b->sheets[i].name);
			free(b->sheets[i].relation);
		}
	}
	b->n_sheets = kept;
}

static bool read_all(struct reading *r, struct xlsx_zip *zip, struct sheet_fault *why)
{
	char workbook[PATH_WHOLE], folder[PATH_WHOLE], rels[2 * PATH_WHOLE];
	struct xlsx_book *b = r->book;
	const char *path;
	char *slash;

	if (!read_part(r, zip, "_rels/.rels", on_relation, why))
		return not_there(why, "_rels/.rels");
	path = related(r, "/officeDocument", NULL);
	if (!path || ends_with(path, ".bin"))
		return not_there(why, path ? path : "workbook.xml");
	snprintf(workbook, sizeof(workbook), "%s", path);
	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	slash = slash ? slash + 1 : folder;
	snprintf(rels, sizeof(rels), "%.*s_rels/%s.rels", (int)(slash - folder), folder,
	    workbook + (slash - folder));
	*slash = '\0';
	forget_relations(r);
	snprintf(r->folder, sizeof(r->folder), "%s", folder);
	if (!read_part(r, zip, rels, on_relation, why))
		return not_there(why, rels);
	if (!read_part(r, zip, workbook, on_workbook, why))
		return not_there(why, workbook);
	place_sheets(b, r);
	if (!b->n_sheets)
		return not_there(why, "0 worksheets");
	path = related(r, "/styles", NULL);
	b->styles_path = path ? must_strdup(path) : NULL;
	path = related(r, "/sharedStrings", NULL);
	b->strings_path = path ? must_strdup(path) : NULL;
	return true;
}

bool xlsx_book_open(struct xlsx_book *b, struct xlsx_zip *zip, struct sheet_fault *why)
{
	struct reading r = { .book = b };
	bool is_read;

	r.relations = must_alloc(SHEETS_MAX * sizeof(*r.relations));
	b->sheets = must_alloc(SHEETS_MAX * sizeof(*b->sheets));
	b->is_day = must_alloc(FORMATS_MAX * sizeof(*b->is_day));
	is_read = read_all(&r, zip, why);
	forget_relations(&r);
	free(r.relations);
	return is_read;
}

enum xlsx_step xlsx_book_styles(struct xlsx_book *b, struct xlsx_zip *zip,
    struct sheet_fault *why)
{
	static const struct xlsx_handlers handlers = { .start = on_style };
	struct xlsx_entry *entry;

	if (!b->styles_path)
		return XLSX_END;
	if (!b->styles) {
		entry = xlsx_entry_open(zip, b->styles_path, false, why);
		if (!entry)
			return why->rule ? XLSX_BROKEN : XLSX_END;
		b->styles = must_alloc(sizeof(*b->styles));
		b->styles->book = b;
		b->styles->xml = xlsx_xml_new(entry, &handlers, b->styles);
	}
	return xlsx_xml_read(b->styles->xml, why);
}

void xlsx_book_release(struct xlsx_book *b)
{
	for (size_t i = 0; i < b->n_sheets; i++) {
		free(b->sheets[i].name);
		free(b->sheets[i].relation);
		free(b->sheets[i].path);
	}
	if (b->styles)
		xlsx_xml_free(b->styles->xml);
	free(b->styles);
	free(b->sheets);
	free(b->is_day);
	free(b->strings_path);
	free(b->styles_path);
	*b = (struct xlsx_book){ 0 };
}
