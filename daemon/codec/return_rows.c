/*
 * A sheet in the body of a return, read row by row.
 *
 * A row may say whose it is and of which quarter, as a row of an import must, and then says
 * what the path says.  One with a reason in the column `closed` closes a vacancy.
 */
#include "daemon/codec/return_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/base64.h"
#include "daemon/base/count.h"
#include "daemon/base/utf8.h"
#include "daemon/codec/cells.h"
#include "daemon/codec/line.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/rows.h"
#include "daemon/sheet/fold.h"

#define ROWS_MAX 2000 /* of the sheet, those refused too */

struct where {
	uint64_t line;
	const char *sheet; /* "": the file has but one */
};

struct return_rows {
	size_t n_lines, n_closed;
	struct where lines[ROWS_MAX], closed[ROWS_MAX];
	struct columns columns; /* of the last worksheet */
};

/* What the reading of one file needs. */
struct reading {
	const struct codec *c; /* whose faults are the return's */
	struct codec own;      /* and those of a row */
	const struct return_path *path;
	struct rows *rows;
	struct return_rows *out;
	struct filed_return *filed;
	json_t *lines, *closed;
};

static void add_fault(struct faults *to, const struct fault *fault, const char *above,
    const struct where *where)
{
	struct fault *at;

	if (to->n++ >= FAULTS_MAX)
		return;
	at = &to->at[to->n - 1];
	*at = *fault;
	utf8_cut(at->sheet, sizeof(at->sheet), where->sheet);
	at->line = where->line;
	if (above)
		snprintf(at->pointer, sizeof(at->pointer), "%s%.70s", above, fault->pointer);
}

/* Those of a row; what had no room is counted. */
static void add_faults(const struct reading *g, const char *above, const struct where *where)
{
	const struct faults *of_row = g->own.faults;

	for (size_t i = 0; i < of_row->n && i < FAULTS_MAX; i++)
		add_fault(g->c->faults, &of_row->at[i], above, where);
	if (of_row->n > FAULTS_MAX)
		g->c->faults->n += of_row->n - FAULTS_MAX;
}

/* A row that says another employer or quarter than the path is of another return. */
static void compare(const struct reading *g, const struct field *top, json_t *tree)
{
	struct field whose = field_member(top, "employer");
	struct field quarter = field_member(top, "quarter");
	const char *said;

	if (read_employer(&whose, &said) && g->path->employer &&
	    strncmp(codec_organisation(said), codec_organisation(g->path->employer), 9) != 0)
		field_fault(&whose, BROKEN_CHOICE, NULL,
		    "the employer of the return, or nothing");
	if (read_raw(&quarter, &said) && g->path->quarter &&
	    strcmp(said, g->path->quarter) != 0)
		field_fault(&quarter, BROKEN_CHOICE, NULL,
		    "the quarter of the return, or nothing");
	json_object_del(tree, "employer");
	json_object_del(tree, "quarter");
}

static void take_closed(struct reading *g, json_t *tree, const struct where *where)
{
	json_t *entry = json_copy(json_object_get(tree, "closed"));
	char above[32];

	snprintf(above, sizeof(above), "/closed/%zu", g->out->n_closed);
	json_object_set(entry, "ref", json_object_get(tree, "ref"));
	json_array_append_new(g->closed, entry);
	g->out->closed[g->out->n_closed++] = *where;
	rows_explain(g->rows, &g->own, READ_OK);
	add_faults(g, above, where);
}

static void take_line(struct reading *g, const struct field *top, const struct where *where)
{
	char above[32];

	snprintf(above, sizeof(above), "/lines/%zu", g->out->n_lines);
	read_line(top, g->path->district, &g->filed->lines[g->out->n_lines]);
	rows_explain(g->rows, &g->own, READ_OK);
	json_array_append(g->lines, (json_t *)top->value);
	g->out->lines[g->out->n_lines++] = *where;
	add_faults(g, above, where);
}

static void take_record(struct reading *g, const struct where *where)
{
	json_t *tree = rows_record(g->rows);
	struct field top = field_top(&g->own, tree);

	compare(g, &top, tree);
	if (json_object_get(tree, "closed"))
		take_closed(g, tree, where);
	else
		take_line(g, &top, where);
	json_decref(tree);
}

/* Headings outlive the file. */
static void keep_columns(const struct reading *g)
{
	g->out->columns = *rows_columns(g->rows);
	for (size_t i = 0; i < g->out->columns.n; i++)
		g->out->columns.at[i].heading =
		    arena_strdup(g->c->arena, g->out->columns.at[i].heading);
}

static void read_rows(struct reading *g, const char *bytes, size_t len)
{
	struct row_place place = { 0 };
	enum rows_step step = ROWS_MORE;
	bool is_all = false;
	size_t at = 0;

	for (int n = 0; n < ROWS_MAX && step != ROWS_END && step != ROWS_BAD_FILE;) {
		step = rows_next(g->rows, &g->own, &place);

		const struct where where = { place.line,
			place.sheet ? arena_strdup(g->c->arena, place.sheet) : "" };

		if (step == ROWS_MORE && !is_all) {
			at += rows_put(g->rows, bytes + at, len - at, true);
			is_all = at == len;
		}
		n += step == ROWS_RECORD || step == ROWS_REFUSED;
		if (step == ROWS_RECORD)
			take_record(g, &where);
		else if (step == ROWS_REFUSED || step == ROWS_BAD_FILE)
			add_faults(g, NULL,
			    step == ROWS_REFUSED ? &where : &(struct where){ 0, "" });
		if (step == ROWS_BAD_FILE && !g->own.faults->n)
			g->filed->lacks_room = true;
	}
	keep_columns(g);
}

/* Bytes decide what it is. */
static struct rows *open_rows(const char *bytes, size_t len, const char *dir)
{
	const struct sheet_limits limits = {
		.record_bytes = ROW_BYTES_MAX,
		.columns = ROW_CELLS_MAX,
		.dir = dir,
		.cells = 100000,
		.rows = 5000,
		.cell_bytes = ROW_BYTES_MAX,
		.entries = 1000,
		.strings = 20000,
		.inflated_bytes = (size_t)8 << 20,
		.ratio = 200,
		.file_bytes = CODEC_RETURN_MAX,
	};
	bool is_book = len >= 4 && memcmp(bytes, "PK\3\4", 4) == 0;

	return rows_new(is_book ? SHEET_XLSX : SHEET_CSV, "returns", &limits, NULL);
}

static void refuse_beside(const struct field *top)
{
	static const char *const beside[] = { "lines", "closed" };

	for (size_t i = 0; i < COUNT(beside); i++) {
		struct field member = field_member(top, beside[i]);

		if (member.value)
			field_fault(&member, BROKEN_TOGETHER, NOT_SHOWN, "none beside file");
	}
}

void return_rows_read(const struct field *top, const struct return_path *path, const char *dir,
    json_t *tree, struct filed_return *out)
{
	struct field file = field_member(top, "file");
	struct reading g = { top->codec, *top->codec, path, NULL, NULL, out, json_array(),
		json_array() };
	struct arena *a = top->codec->arena;
	const char *text = json_string_value(file.value);
	size_t n = json_string_length(file.value), len;
	char *bytes = arena_alloc(a, BASE64_ROOM(n));

	if (file.value && (!text || !base64_read(text, n, bytes, &len))) {
		field_fault(&file, BROKEN_FORMAT, NOT_SHOWN, "a file in base64");
	} else if (file.value) {
		refuse_beside(top);
		g.own.faults = arena_alloc(a, sizeof(*g.own.faults));
		g.out = arena_alloc(a, sizeof(*g.out));
		g.rows = open_rows(bytes, len, dir);
		out->lines = arena_alloc(a, ROWS_MAX * sizeof(*out->lines));
		out->rows = g.out;
		read_rows(&g, bytes, len);
		rows_free(g.rows);
		if (!json_object_get(tree, "nil"))
			json_object_set_new(tree, "nil", json_false());
		json_object_set(tree, "lines", g.lines);
		json_object_set(tree, "closed", g.closed);
	}
	json_object_del(tree, "file");
	json_decref(g.lines);
	json_decref(g.closed);
}

/* Of "/lines/3/posts" where that stands, and "/posts"; NULL: it is of no row. */
static const struct where *where_of(const struct return_rows *rows, const char *pointer,
    const char **rest)
{
	bool is_line = strncmp(pointer, "/lines/", 7) == 0;
	size_t n;
	char *end;

	if (!is_line && strncmp(pointer, "/closed/", 8) != 0)
		return NULL;
	pointer += is_line ? 7 : 8;
	n = strtoul(pointer, &end, 10);
	if (end == pointer || n >= (is_line ? rows->n_lines : rows->n_closed))
		return NULL;
	*rest = end;
	if (!is_line && strcmp(end, "/reason") == 0)
		*rest = "/closed";
	return is_line ? &rows->lines[n] : &rows->closed[n];
}

void return_rows_explain(const struct return_rows *rows, struct faults *faults)
{
	for (size_t i = 0; i < faults->n && i < FAULTS_MAX; i++) {
		struct fault *fault = &faults->at[i];
		const char *rest, *heading;
		const struct where *where = where_of(rows, fault->pointer, &rest);

		if (!where || fault->line)
			continue;
		fault->line = where->line;
		utf8_cut(fault->sheet, sizeof(fault->sheet), where->sheet);
		heading = cells_heading(&rows->columns, rest);
		if (heading)
			utf8_cut(fault->column, sizeof(fault->column), heading);
	}
}

const char *return_rows_tell(struct arena *a, const struct return_rows *rows,
    const char *members)
{
	json_t *tree = json_loads(arena_printf(a, "{%s}", members), 0, NULL), *fault;
	char *text;
	size_t i;

	json_array_foreach(json_object_get(tree, "errors"), i, fault)
	{
		const char *pointer = json_string_value(json_object_get(fault, "pointer"));
		const char *rest, *heading;
		const struct where *where = pointer ? where_of(rows, pointer, &rest) : NULL;

		if (!where)
			continue;
		json_object_set_new(fault, "line", json_integer((json_int_t)where->line));
		if (*where->sheet)
			json_object_set_new(fault, "sheet", json_string(where->sheet));
		heading = cells_heading(&rows->columns, rest);
		if (heading)
			json_object_set_new(fault, "column", json_string(heading));
	}
	text = tree ? json_dumps(tree, JSON_COMPACT) : NULL;
	if (text)
		members = arena_strndup(a, text + 1, strlen(text) - 2);
	free(text);
	json_decref(tree);
	return members;
}
