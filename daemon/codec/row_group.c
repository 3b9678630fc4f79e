/*
 * Rows put together to one record: what they say once is compared, and their things are one
 * list.  It knows no kind: which column groups, and which are of things, the table says.
 */
#include "daemon/codec/row_group.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/codec/codec.h"

/* As columns.tsv names them. */
#define HOME          "home"
#define SIZE          "size"
#define ROWS_TOGETHER 100

bool row_group_is_of(const char *kind)
{
	const struct column_row *row;

	for (size_t i = 0; (row = columns_row(kind, i)); i++)
		if (row->as == AS_GROUP)
			return true;
	return false;
}

void row_group_empty(struct row_group *g)
{
	struct buf said = g->said;

	json_decref(g->record.tree);
	json_decref(g->home);
	json_decref(g->size);
	*g = (struct row_group){ .said = said };
	buf_clear(&g->said);
}

void row_group_free(struct row_group *g)
{
	row_group_empty(g);
	buf_free(&g->said);
}

bool row_group_has(const struct row_group *g, const json_t *tree, const struct row_place *place)
{
	const json_t *home = json_object_get(tree, HOME);

	if (!g->n)
		return true;
	if (place->line != g->place.line + g->place.lines || g->n == ROWS_TOGETHER ||
	    strcmp(place->sheet ? place->sheet : "", g->sheet) != 0)
		return false;
	return !home || (g->home && json_equal(home, g->home));
}

static const struct column_row *row_of(const struct columns *columns, const char *member)
{
	for (size_t i = 0; i < columns->n; i++) {
		const struct column_row *row = columns->at[i].row;

		if (row && strcmp(row->member, member) == 0)
			return row;
	}
	return NULL;
}

static bool are_things(const struct columns *columns, const char *member)
{
	size_t n = strlen(member);

	for (size_t i = 0; i < columns->n; i++) {
		const struct column_row *row = columns->at[i].row;

		if (row && row->is_each && strncmp(row->member, member, n) == 0 &&
		    row->member[n] == '.')
			return true;
	}
	return false;
}

static void note_difference(struct row_group *g, const char *member)
{
	const struct column_row *row = row_of(g->record.columns, member);

	for (size_t i = 0; i < g->n_differ; i++)
		if (g->differ[i] == row)
			return;
	if (row && g->n_differ < DIFFERENCES_MAX)
		g->differ[g->n_differ++] = row;
}

/* Takes a reference to the value, or leaves it. */
static void merge(struct row_group *g, const char *member, json_t *value)
{
	json_t *before = json_object_get(g->record.tree, member);

	if (!before)
		json_object_set(g->record.tree, member, value);
	else if (are_things(g->record.columns, member))
		json_array_extend(before, value);
	else if (!json_equal(before, value))
		note_difference(g, member);
}

/* Of things, the row's come behind those that there are. */
static void keep_notes(struct row_group *g, const struct cell_notes *notes)
{
	struct cell_notes *all = &g->record.notes;

	for (size_t i = 0; i < notes->n && all->n < COLUMNS_MAX; i++) {
		all->at[all->n] = notes->at[i];
		if (notes->at[i].item >= 0)
			all->at[all->n].item += (int)g->n_things;
		all->n++;
	}
}

static size_t count_things(const struct row_group *g)
{
	const char *name;
	json_t *value;

	json_object_foreach(g->record.tree, name,
	    value) if (are_things(g->record.columns, name)) return json_array_size(value);
	return 0;
}

static void keep(json_t **to, json_t *tree, const char *member)
{
	if (!*to)
		*to = json_incref(json_object_get(tree, member));
}

void row_group_add(struct row_group *g, struct row_record *row, const struct row_place *place)
{
	const char *name;
	json_t *value;

	if (!g->n) {
		g->record.columns = row->columns;
		g->record.tree = json_object();
		g->place = *place;
		snprintf(g->sheet, sizeof(g->sheet), "%s", place->sheet ? place->sheet : "");
		g->place.sheet = place->sheet ? g->sheet : NULL;
	} else {
		g->place.lines += place->lines;
	}
	keep_notes(g, &row->notes);
	keep(&g->home, row->tree, HOME);
	if (json_object_get(row->tree, SIZE) && g->size &&
	    !json_equal(g->size, json_object_get(row->tree, SIZE)))
		note_difference(g, SIZE);
	keep(&g->size, row->tree, SIZE);
	json_object_del(row->tree, HOME);
	json_object_del(row->tree, SIZE);
	json_object_foreach(row->tree, name, value) merge(g, name, value);
	g->n++;
	g->n_things = count_things(g);
	json_decref(row->tree);
	row->tree = NULL;
}

static void fault(const struct codec *c, const char *member, enum broken b, const char *found,
    const char *expected)
{
	const struct broken_rule *r = broken_rule(b);
	char pointer[80];

	snprintf(pointer, sizeof(pointer), "/%s", member);
	fault_add(c->faults, pointer, r->name, found, expected, r->en, r->zh);
}

void row_group_explain(const struct row_group *g, const struct codec *c)
{
	char found[32];

	for (size_t i = 0; i < g->n_differ; i++)
		fault(c, g->differ[i]->member, BROKEN_ROWS_DIFFER, NOT_SHOWN,
		    "as in the row above, or nothing");
	if (!g->home)
		fault(c, HOME, BROKEN_REQUIRED, "nothing", "");
	if (!g->size) {
		fault(c, SIZE, BROKEN_REQUIRED, "nothing", "");
	} else if (!json_is_integer(g->size)) {
		fault(c, SIZE, BROKEN_TYPE, NOT_SHOWN, "");
	} else if ((size_t)json_integer_value(g->size) != g->n_things) {
		snprintf(found, sizeof(found), "%zu", g->n_things);
		fault(c, SIZE, BROKEN_ROWS_COUNT, found,
		    arena_printf(c->arena, "%" JSON_INTEGER_FORMAT ", a row each",
			json_integer_value(g->size)));
	}
}
