/*
 * One answer as members and values: hukou.type, closed.reason; a list of objects
 * as a table of its own below, where an object within a row is as many columns.
 *
 * It knows JSON values and no meaning.  In CSV a member has the API's name, or in
 * Chinese its Chinese one.
 */
#include "clients/cli/ctl.h"
#include "clients/cli/register_commands.h"

#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#define COLUMNS_MAX 16
#define LISTS_MAX   16

struct list {
	char name[64];
	json_t *rows;
};

struct members {
	const struct ctl *c;
	const json_t *names;          /* of codes */
	struct libscols_table *table; /* NULL: CSV */
	struct list lists[LISTS_MAX];
	size_t n_lists;
};

static bool is_bilingual(const json_t *v)
{
	return json_is_string(json_object_get(v, "zh")) &&
	       json_is_string(json_object_get(v, "en")) && json_object_size(v) == 2;
}

static bool is_list_of_objects(const json_t *v)
{
	return json_array_size(v) && json_is_object(json_array_get(v, 0));
}

static void set_text(const struct members *m, struct libscols_line *line, size_t column,
    const char *name, const json_t *v)
{
	char *text = show_value(m->c, m->names, name, v);

	scols_line_set_data(line, column, text);
	free(text);
}

static void add_member(struct members *m, const char *name, const json_t *v)
{
	struct libscols_line *line;
	char shown[512];
	json_t *label;

	if (!m->table) {
		show_csv_member(m->c, name, v);
		return;
	}
	name_print(shown, sizeof(shown), m->c, name);
	label = json_string(shown);
	line = scols_table_new_line(m->table, NULL);
	set_text(m, line, 0, "", label);
	set_text(m, line, 1, name, v);
	json_decref(label);
}

/* {"recorded":{"at":...}} as {"recorded.at":...}. */
static void put_flat(json_t *to, const char *name, const json_t *v, int depth)
{
	char path[256];
	const char *key;
	json_t *child;

	if (!json_is_object(v) || is_bilingual(v) || depth == 8) {
		json_object_set(to, name, (json_t *)v);
		return;
	}
	json_object_foreach((json_t *)v, key, child)
	{
		snprintf(path, sizeof(path), "%s%s%s", name, *name ? "." : "", key);
		put_flat(to, path, child, depth + 1);
	}
}

static json_t *flat_rows(const json_t *rows)
{
	json_t *flat = json_array();
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row)
	{
		json_t *one = json_object();

		if (is_bilingual(row))
			json_object_update(one, (json_t *)row);
		else
			put_flat(one, "", row, 0);
		json_array_append_new(flat, one);
	}
	return flat;
}

/* Of a table, a list of objects waits for its turn below. */
static void add_members(struct members *m, const char *name, const json_t *v, int depth)
{
	char path[256];
	const char *key;
	json_t *child;
	size_t i;

	if (is_bilingual(v)) {
		add_member(m, name, json_object_get(v, m->c->zh ? "zh" : "en"));
	} else if (json_is_object(v) && json_object_size(v) && depth < 8) {
		json_object_foreach((json_t *)v, key, child)
		{
			snprintf(path, sizeof(path), "%s%s%s", name, *name ? "." : "", key);
			add_members(m, path, child, depth + 1);
		}
	} else if (is_list_of_objects(v) && m->table && m->n_lists < LISTS_MAX) {
		struct list *list = &m->lists[m->n_lists++];

		snprintf(list->name, sizeof(list->name), "%s", name);
		list->rows = flat_rows(v);
	} else if (is_list_of_objects(v) && depth < 8) {
		json_array_foreach((json_t *)v, i, child)
		{
			snprintf(path, sizeof(path), "%s[%zu]", name, i);
			add_members(m, path, child, depth + 1);
		}
	} else {
		add_member(m, name, v);
	}
}

/* One text in two languages is shown in the reader's. */
static bool is_other_language(const struct ctl *c, const json_t *row, const char *key)
{
	return strcmp(key, c->zh ? "en" : "zh") == 0 &&
	       json_object_get(row, c->zh ? "zh" : "en");
}

/* Every member that any of the rows has. */
static size_t names_of(const struct ctl *c, const json_t *rows, const char *names[COLUMNS_MAX])
{
	const json_t *row;
	const char *key;
	json_t *value;
	size_t i, n = 0, at;

	json_array_foreach((json_t *)rows, i, row)
	{
		json_object_foreach((json_t *)row, key, value)
		{
			for (at = 0; at < n && strcmp(names[at], key) != 0; at++)
				continue;
			if (at == n && n < COLUMNS_MAX && !is_other_language(c, row, key))
				names[n++] = key;
		}
	}
	return n;
}

/* A code is never broken; a text goes on below. */
static int flags_of(const json_t *rows, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row)
	{
		char *text = show_text(NULL, json_object_get(row, name));
		bool is_long = strlen(text) > 16;

		free(text);
		if (is_long)
			return SCOLS_FL_WRAP;
	}
	return json_is_number(json_object_get(json_array_get(rows, 0), name)) ? SCOLS_FL_RIGHT
									      : 0;
}

static void print_list(const struct members *m, const struct list *list)
{
	const struct ctl *c = m->c;
	struct libscols_table *table = scols_new_table();
	const char *names[COLUMNS_MAX];
	size_t n = names_of(c, list->rows, names), i;
	const json_t *row;
	char shown[512];

	for (size_t k = 0; k < n; k++) {
		name_print(shown, sizeof(shown), c, names[k]);
		scols_table_new_column(table, shown, 0, flags_of(list->rows, names[k]));
	}
	json_array_foreach((json_t *)list->rows, i, row)
	{
		struct libscols_line *line = scols_table_new_line(table, NULL);

		for (size_t k = 0; k < n; k++) {
			const json_t *v = json_object_get(row, names[k]);

			set_text(m, line, k, names[k],
			    is_bilingual(v) ? json_object_get(v, c->zh ? "zh" : "en") : v);
		}
	}
	name_print(shown, sizeof(shown), c, list->name);
	printf("\n%s\n", shown);
	scols_print_table(table);
	scols_unref_table(table);
}

void show_rows(const struct ctl *c, const json_t *names, const char *name, const json_t *rows)
{
	const struct members m = { .c = c, .names = names };
	struct list list = { .rows = flat_rows(rows) };

	snprintf(list.name, sizeof(list.name), "%s", name);
	print_list(&m, &list);
	json_decref(list.rows);
}

void show_answer(const struct ctl *c, const struct answer *a)
{
	struct members m = { .c = c };
	json_t *answer;

	if (option("json")) {
		printf("%s\n", a->text);
		return;
	}
	if (option("csv")) {
		show_csv_begin();
		fputs(c->zh ? "项目,内容\r\n" : "member,value\r\n", stdout);
	} else {
		m.table = scols_new_table();
		scols_table_enable_noheadings(m.table, 1);
		scols_table_new_column(m.table, "", 0, 0);
		scols_table_new_column(m.table, "", 0, SCOLS_FL_WRAP);
	}
	answer = register_ordered(c->command, a->json);
	m.names = json_object_get(a->json, "code_names");
	json_object_del(answer, "code_names");
	add_members(&m, "", answer, 0);
	if (m.table && scols_table_get_nlines(m.table))
		scols_print_table(m.table);
	scols_unref_table(m.table);
	for (size_t i = 0; i < m.n_lists; i++) {
		print_list(&m, &m.lists[i]);
		json_decref(m.lists[i].rows);
	}
	json_decref(answer);
}
