/*
 * Merged cells.  Ranges are sorted by their first row, and only those that the row at hand is
 * in are looked at; a value is kept while its range lasts.
 */
#include "daemon/sheet/xlsx_merges.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"
#include "daemon/sheet/kinds.h"

#define RANGES_MAX  65536
#define COLUMNS_MAX 16384
#define ROWS_MAX    1048576

struct range {
	uint32_t first, last; /* rows */
	uint16_t left, right; /* columns from 0 */
	enum cell_kind kind;
	char *text; /* of a range of several rows, once its first has been read */
};

struct xlsx_merges {
	struct range *ranges;
	size_t n, room;
	size_t next;  /* the first that no row has reached */
	size_t *live; /* those that the last row was in */
	size_t n_live;
};

bool xlsx_cell_name(const char *name, uint64_t *column, uint64_t *row, const char **end)
{
	uint64_t letters = 0, digits = 0;

	for (; *name >= 'A' && *name <= 'Z' && letters <= COLUMNS_MAX; name++)
		letters = letters * 26 + (uint64_t)(*name - 'A') + 1;
	for (; *name >= '0' && *name <= '9' && digits <= ROWS_MAX; name++)
		digits = digits * 10 + (uint64_t)(*name - '0');
	*column = letters;
	*row = digits;
	*end = name;
	return letters && letters <= COLUMNS_MAX && digits && digits <= ROWS_MAX;
}

struct xlsx_merges *xlsx_merges_new(void)
{
	return must_alloc(sizeof(struct xlsx_merges));
}

void xlsx_merges_free(struct xlsx_merges *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->n; i++)
		free(m->ranges[i].text);
	free(m->ranges);
	free(m->live);
	free(m);
}

bool xlsx_merges_add(struct xlsx_merges *m, const char *range)
{
	uint64_t left, first, right, last;

	if (m->n == RANGES_MAX)
		return false;
	if (!xlsx_cell_name(range, &left, &first, &range))
		return false;
	right = left;
	last = first;
	if (*range == ':' && !xlsx_cell_name(range + 1, &right, &last, &range))
		return false;
	if (*range || right < left || last < first)
		return false;
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->ranges = must_realloc(m->ranges, m->room * sizeof(*m->ranges));
	}
	m->ranges[m->n++] = (struct range){ (uint32_t)first, (uint32_t)last,
		(uint16_t)(left - 1), (uint16_t)(right - 1), CELL_EMPTY, NULL };
	return true;
}

static int by_row(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->left < y->left ? -1 : x->left > y->left;
}

void xlsx_merges_sort(struct xlsx_merges *m)
{
	if (m->n)
		qsort(m->ranges, m->n, sizeof(*m->ranges), by_row);
	m->live = must_alloc((m->n + 1) * sizeof(*m->live));
}

static size_t count_set(const struct cell *cells, size_t n)
{
	size_t set = 0;

	for (size_t i = 0; i < n; i++)
		set += cells[i].kind != CELL_EMPTY;
	return set;
}

static void keep(struct range *r, const struct cell *from)
{
	r->kind = from->kind;
	r->text = must_strdup(from->text);
}

size_t xlsx_merges_fill(struct xlsx_merges *m, uint64_t row, struct cell *cells, size_t n,
    size_t room)
{
	bool is_title = count_set(cells, n) == 1;
	size_t still = 0;

	/* Ranges that do not overlap are no more than columns; others are of no spreadsheet. */
	for (; m->next < m->n && m->ranges[m->next].first <= row; m->next++)
		if (m->ranges[m->next].left < room && m->n_live < room)
			m->live[m->n_live++] = m->next;
	for (size_t i = 0; i < m->n_live; i++) {
		struct range *r = &m->ranges[m->live[i]];

		if (r->last < row) {
			free(r->text);
			r->text = NULL;
			continue;
		}
		m->live[still++] = m->live[i];
		if (r->first == row && !r->text && r->left < n &&
		    cells[r->left].kind != CELL_EMPTY && !(is_title && r->left < r->right))
			keep(r, &cells[r->left]);
		if (!r->text)
			continue;
		for (size_t c = r->left; c <= r->right && c < room; c++) {
			for (; n <= c; n++)
				cells[n] = (struct cell){ CELL_EMPTY, "" };
			if (cells[c].kind == CELL_EMPTY)
				cells[c] = (struct cell){ r->kind, r->text };
		}
	}
	m->n_live = still;
	return n;
}

struct xlsx_merging {
	struct xlsx_xml *xml;
	struct xlsx_merges *found;
};

static void on_start(void *arg, int depth, const char *name, const char **attributes)
{
	struct xlsx_merging *g = arg;
	const char *range;

	if (depth != 3 || strcmp(name, "mergeCell") != 0)
		return;
	range = xlsx_attribute(attributes, "ref");
	if (!range || !xlsx_merges_add(g->found, range))
		xlsx_xml_refuse(g->xml, "sheet-broken", "merged cells", ".xlsx");
}

struct xlsx_merging *xlsx_merging_new(struct xlsx_entry *entry)
{
	static const struct xlsx_handlers handlers = { .start = on_start };
	struct xlsx_merging *g = must_alloc(sizeof(*g));

	g->xml = xlsx_xml_new(entry, &handlers, g);
	g->found = xlsx_merges_new();
	return g;
}

enum xlsx_step xlsx_merging_read(struct xlsx_merging *g, struct sheet_fault *why)
{
	return xlsx_xml_read(g->xml, why);
}

struct xlsx_merges *xlsx_merging_take(struct xlsx_merging *g)
{
	struct xlsx_merges *found = g->found;

	xlsx_merges_sort(found);
	g->found = NULL;
	return found;
}

void xlsx_merging_free(struct xlsx_merging *g)
{
	if (!g)
		return;
	xlsx_xml_free(g->xml);
	xlsx_merges_free(g->found);
	free(g);
}
