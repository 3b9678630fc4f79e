/*
 * Lists as files.
 *
 * Pages are asked for one after another, as their reader would, and wait in a file without a
 * name until the last has come, because only then all columns are known.  Then rows are
 * written, some at a time, and XLSX is packed in a thread.  Whole records (list_whole.h) have
 * columns that are known, and are written as they come.  Memory does not grow with the rows,
 * and the answer begins when nothing can go wrong any more.
 */
#include "daemon/api/list_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/cursor.h"
#include "daemon/api/list_whole.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/codec/table.h"
#include "daemon/sheet/paged.h"
#include "daemon/sheet/writer.h"

#define ROWS_AT_A_TIME 500

struct list_file {
	enum sheet_kind kind;
	struct table *table;
	struct arena *page;  /* the reply at hand lives in it */
	struct arena *whole; /* and that of its whole records; NULL: none is awaited */
	struct ask records;
	struct buf lines;
	FILE *items; /* a line each */
	struct writer *writer;
	size_t n, written;
	char *line;
	size_t line_room;
	bool has_all, is_packed, is_whole;
};

static size_t type_length(const char *at)
{
	size_t n = strcspn(at, ",;");

	while (n && at[n - 1] == ' ')
		n--;
	return n;
}

bool wants_file(const struct request *r, enum sheet_kind *kind)
{
	const char *at = r->accept;

	while (at && *at) {
		size_t n;

		at += strspn(at, " ,");
		n = type_length(at);
		if (n == strlen(TYPE_CSV) && strncasecmp(at, TYPE_CSV, n) == 0) {
			*kind = SHEET_CSV;
			return true;
		}
		if (n == strlen(TYPE_XLSX) && strncasecmp(at, TYPE_XLSX, n) == 0) {
			*kind = SHEET_XLSX;
			return true;
		}
		if (n == 3 || (n >= 12 && strncasecmp(at, "application/", 12) == 0))
			return false; /* anything, or JSON */
		at += strcspn(at, ",");
	}
	return false;
}

/* "/v1/employers/123456788/sites" is of "sites". */
static const char *thing_of(const struct request *r)
{
	const char *slash = strrchr(r->path, '/');

	return slash ? slash + 1 : r->path;
}

static bool begin(struct flow *f, struct listing *l, enum sheet_kind kind)
{
	const char *dir = flow_app(f)->imports.dir;
	struct list_file *file = must_alloc(sizeof(*file));
	int fd = nameless_open(dir);

	l->file = file;
	file->kind = kind;
	file->items = fd < 0 ? NULL : fdopen(fd, "w+");
	file->table = table_new(flow_arena(f), thing_of(flow_request(f)),
	    flow_request(f)->lang == LANG_ZH);
	file->writer = writer_new(kind, dir, thing_of(flow_request(f)));
	flow_takes_long(f);
	if (l->whole && file->writer)
		write_whole_headings(f, flow_arena(f), file->writer);
	if (!file->items && fd >= 0)
		close(fd);
	return file->items && file->writer;
}

void list_release(void *state)
{
	struct listing *l = state;
	struct list_file *file = l->file;

	if (!file)
		return;
	if (file->page)
		arena_free(file->page);
	if (file->whole)
		arena_free(file->whole);
	buf_free(&file->lines);
	if (file->items)
		fclose(file->items);
	writer_free(file->writer);
	free(file->line);
	free(file);
}

bool list_file_has_all(const struct listing *l)
{
	return l->file && l->file->has_all;
}

static enum next no_room(struct flow *f)
{
	return flow_refuse(f, "busy", NULL, NULL);
}

/* Asks for the rows after those that have come: its last arguments are their keys. */
static enum next ask_for_more(struct flow *f, struct listing *l)
{
	struct list_file *file = l->file;
	const char *keys = l->ask.reply.next;
	size_t n = strlen(l->order->keys);
	struct arena *page = arena_new();
	char *rest = arena_strdup(page, keys + 1), *key;

	l->ask.n_args -= n;
	while ((key = strsep(&rest, "\x1f")))
		ask_text(&l->ask, key);
	ask_ledger_beside(f, &l->ask, l->ask.op, page, flow_resume(f));
	/* The call has been sent: the page before is spent. */
	if (file->page)
		arena_free(file->page);
	file->page = page;
	return STEP_WAIT;
}

/* A household has a row a person. */
#define ROWS_OF_PAGE_MAX ((size_t)ROWS_AT_A_TIME * 20)

/* The whole records of the page, when they have come; true: the page is done. */
static bool take_whole(struct flow *f, struct listing *l, enum next *next)
{
	struct list_file *file = l->file;
	struct writer *w = file->writer;
	size_t room = writer_rows_max(file->kind) - writer_rows(w);

	if (!file->whole) {
		file->whole = arena_new();
		if (ask_whole(f, l, &file->records, file->whole)) {
			*next = STEP_WAIT;
			return false;
		}
	} else if (!ask_apply(f, &file->records)) {
		*next = ask_refuse(f, &file->records);
		return false;
	} else {
		if (room < ROWS_OF_PAGE_MAX) {
			writer_sheet(w, arena_printf(flow_arena(f), "%zu", file->written + 1));
			write_whole_headings(f, flow_arena(f), w);
		}
		if (!write_whole(f, &file->records, file->whole, w, &file->written)) {
			*next = flow_refuse(f, "internal", NULL, NULL);
			return false;
		}
	}
	arena_free(file->whole);
	file->whole = NULL;
	file->n = file->written;
	return true;
}

static enum next take_whole_page(struct flow *f, struct listing *l)
{
	const struct reply *r = &l->ask.reply;
	enum next next = STEP_NEXT;

	if (!take_whole(f, l, &next))
		return next;
	if (r->next && r->next[0])
		return ask_for_more(f, l);
	l->file->has_all = true;
	return STEP_NEXT;
}

static enum next take_page(struct flow *f, struct listing *l)
{
	struct list_file *file = l->file;
	const struct reply *r = &l->ask.reply;
	size_t n;

	buf_clear(&file->lines);
	if (!table_note(file->table, r->body, &file->lines, &n))
		return flow_refuse(f, "internal", NULL, NULL);
	file->n += n;
	if (file->lines.len &&
	    fwrite(file->lines.data, 1, file->lines.len, file->items) != file->lines.len)
		return no_room(f);
	if (r->next && r->next[0])
		return ask_for_more(f, l);
	if (fflush(file->items) != 0)
		return no_room(f);
	rewind(file->items);
	file->has_all = true;
	table_write_headings(file->table, file->writer);
	return STEP_NEXT;
}

/* Some rows. */
static enum next write_rows(struct flow *f, struct list_file *file)
{
	for (int i = 0; i < ROWS_AT_A_TIME && file->written < file->n; i++) {
		if (getline(&file->line, &file->line_room, file->items) < 0)
			return flow_refuse(f, "internal", NULL, NULL);
		if (writer_rows(file->writer) == writer_rows_max(file->kind)) {
			writer_sheet(file->writer,
			    arena_printf(flow_arena(f), "%zu", file->written + 1));
			table_write_headings(file->table, file->writer);
		}
		table_write_item(file->table, file->writer, file->line);
		file->written++;
	}
	return flow_yield(f);
}

/* In a thread, for XLSX. */
static void pack(void *arg)
{
	struct list_file *file = arg;

	file->is_whole = writer_end(file->writer);
}

static enum next answer(struct flow *f, struct list_file *file)
{
	size_t len;
	int fd;

	if (!file->is_whole)
		return no_room(f);
	fd = writer_take(file->writer, &len);
	return flow_reply_file(f, 200,
	    file->kind == SHEET_XLSX ? TYPE_XLSX : TYPE_CSV "; charset=utf-8", fd, len);
}

enum next list_file_go_on(struct flow *f, struct listing *l)
{
	enum sheet_kind kind = SHEET_CSV;
	enum next next = STEP_NEXT;

	if (!l->file && (!wants_file(flow_request(f), &kind) || !begin(f, l, kind)))
		return no_room(f);
	if (!flow_is_listened_to(f))
		return no_room(f); /* nobody will hear it */
	if (!l->file->has_all)
		next = l->whole ? take_whole_page(f, l) : take_page(f, l);
	if (next != STEP_NEXT)
		return next;
	if (l->file->written < l->file->n)
		return write_rows(f, l->file);
	if (l->file->is_packed)
		return answer(f, l->file);
	l->file->is_packed = true;
	if (l->file->kind == SHEET_XLSX)
		return flow_aside(f, pack, l->file);
	pack(l->file);
	return answer(f, l->file);
}
