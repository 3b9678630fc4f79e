/*
 * Lists as tables.
 *
 * A column is called as its register calls it, else as the member is called everywhere
 * (members.tsv); in English by its name in the API.  An array stands in one cell, divided by
 * semicolons, and an array of objects as JSON.
 */
#include "daemon/codec/table.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/sheet/writer.h"
#include "daemon/tables/registers.h"
#include "matcher/model.h"

#define DEPTH_MAX 3

struct table {
	struct arena *memory;
	const struct registry *registry; /* NULL: it is no register's */
	bool is_zh;
	size_t n;
	const char *paths[TABLE_COLUMNS_MAX];
	const char *headings[TABLE_COLUMNS_MAX];
};

/* By name. */
static const struct member_word {
	const char *name, *zh;
} words[] = {
#include "member_rows.inc" /* printed by the build */
};

struct table *table_new(struct arena *memory, const char *thing, bool is_zh)
{
	struct table *t = arena_alloc(memory, sizeof(*t));

	t->memory = memory;
	t->is_zh = is_zh;
	for (size_t i = 0; i < n_registers; i++)
		if (registers[i].plural && strcmp(registers[i].plural, thing) == 0)
			t->registry = &registers[i];
	return t;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct member_word *)a)->name,
	    ((const struct member_word *)b)->name);
}

static const char *word_of(const struct table *t, const char *part)
{
	const struct member_word wanted = { part, NULL };
	const struct member_word *found;

	for (size_t i = 0; t->registry && i < t->registry->n; i++)
		if (strcmp(t->registry->members[i].name, part) == 0)
			return t->registry->members[i].zh;
	found = bsearch(&wanted, words, COUNT(words), sizeof(words[0]), by_name);
	return found ? found->zh : part;
}

/* Its path, when another column has that heading already. */
static const char *heading_of(const struct table *t, const char *path)
{
	char *parts = arena_strdup(t->memory, path), *rest = NULL;
	const char *heading = "";

	if (!t->is_zh)
		return path;
	for (char *part = strtok_r(parts, "/", &rest); part; part = strtok_r(NULL, "/", &rest))
		heading = arena_printf(t->memory, "%s%s%s", heading, *heading ? "/" : "",
		    word_of(t, part));
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->headings[i], heading) == 0)
			return path;
	return heading;
}

static void note_member(struct table *t, const char *path)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->paths[i], path) == 0)
			return;
	if (t->n == TABLE_COLUMNS_MAX)
		return;
	t->paths[t->n] = arena_strdup(t->memory, path);
	t->headings[t->n] = heading_of(t, t->paths[t->n]);
	t->n++;
}

static void note_members(struct table *t, json_t *object, const char *above, int depth)
{
	char path[256];
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		snprintf(path, sizeof(path), "%s%s%s", above, *above ? "/" : "", name);
		if (json_is_object(value) && depth < DEPTH_MAX)
			note_members(t, value, path, depth + 1);
		else
			note_member(t, path);
	}
}

bool table_note(struct table *t, const char *body, struct buf *out, size_t *n)
{
	json_t *tree = json_loads(body, 0, NULL);
	json_t *items = json_object_get(tree, "items"), *item;
	size_t i;

	*n = json_array_size(items);
	json_array_foreach(items, i, item)
	{
		char *line = json_dumps(item, JSON_COMPACT);

		note_members(t, item, "", 1);
		buf_puts(out, line);
		buf_putc(out, '\n');
		free(line);
	}
	json_decref(tree);
	return items != NULL;
}

void table_write_headings(const struct table *t, struct writer *w)
{
	for (size_t i = 0; i < t->n; i++)
		writer_head(w, t->headings[i]);
	writer_row_end(w);
}

static json_t *find(json_t *object, const char *path)
{
	char name[256];
	size_t n;

	while (object && *path) {
		n = strcspn(path, "/");
		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		object = json_object_get(object, name);
		path += n + (path[n] == '/');
	}
	return object;
}

static void put_scalar(struct buf *b, const json_t *value)
{
	char *text;

	if (json_is_string(value)) {
		buf_puts(b, json_string_value(value));
		return;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_puts(b, text ? text : "");
	free(text);
}

static void write_array(struct writer *w, json_t *array)
{
	struct buf b = { 0 };
	json_t *value;
	size_t i;

	if (json_is_object(json_array_get(array, 0))) {
		put_scalar(&b, array);
	} else {
		json_array_foreach(array, i, value)
		{
			buf_puts(&b, i ? ";" : "");
			put_scalar(&b, value);
		}
	}
	writer_text(w, b.data);
	buf_free(&b);
}

static void write_cell(const struct table *t, struct writer *w, json_t *value)
{
	char number[32];
	day_t day;

	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		if (strlen(json_string_value(value)) == 10 &&
		    day_parse(json_string_value(value), &day))
			writer_day(w, json_string_value(value));
		else
			writer_text(w, json_string_value(value));
		break;
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
		writer_number(w, number);
		break;
	case JSON_REAL:
		snprintf(number, sizeof(number), "%.10g", json_real_value(value));
		writer_number(w, number);
		break;
	case JSON_TRUE:
		writer_text(w, t->is_zh ? "是" : "TRUE");
		break;
	case JSON_FALSE:
		writer_text(w, t->is_zh ? "否" : "FALSE");
		break;
	case JSON_ARRAY:
		write_array(w, value);
		break;
	case JSON_NULL:
	case JSON_OBJECT:
		writer_text(w, NULL);
		break;
	}
}

void table_write_item(const struct table *t, struct writer *w, const char *line)
{
	json_t *item = json_loads(line, 0, NULL);

	for (size_t i = 0; i < t->n; i++)
		write_cell(t, w, find(item, t->paths[i]));
	writer_row_end(w);
	json_decref(item);
}
