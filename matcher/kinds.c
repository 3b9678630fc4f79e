/*
 * The two kinds of tree of an index: in which order entries stand, and what is
 * said of those below a branch.
 *
 * It knows what an entry holds and neither keeps nor finds one.  Whoever moves
 * from leaf to leaf is followed in the index's map of ids, and postings are
 * not, as a seeker's own record says where they stand.
 */
#include "matcher/bounds.h"
#include "matcher/index.h"

#include <string.h>

_Static_assert(sizeof(struct vacancy_bounds) <= SUMMARY_MAX, "a summary has room in a tree");
_Static_assert(sizeof(struct posting_bounds) <= SUMMARY_MAX, "a summary has room in a tree");

static int less_first(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static uint64_t conditions_of(const struct vacancy_entry *e)
{
	return (uint64_t)hours_of(e->shift, e->form) << 8 | e->education_min;
}

static uint64_t vacancy_cell(const void *entry)
{
	return ((const struct vacancy_entry *)entry)->cell;
}

/* One bit for the education asked for, and the hours. */
static struct marks vacancy_marks(const void *entry)
{
	const struct vacancy_entry *e = entry;

	return (struct marks){ hours_of(e->shift, e->form), (uint8_t)(1u << e->education_min) };
}

/* Within a place those that ask for the same stand together: a cell of very many has leaves
 * that differ. */
static int vacancy_order(const void *left, const void *right)
{
	const struct vacancy_entry *a = left, *b = right;
	int c = less_first(conditions_of(a), conditions_of(b));

	if (!c)
		c = memcmp(a->ids, b->ids, sizeof(a->ids));
	if (!c)
		c = less_first(a->posted_on, b->posted_on);
	return c ? c : less_first(a->id, b->id);
}

static uint64_t posting_cell(const void *entry)
{
	return ((const struct posting *)entry)->cell;
}

static struct marks posting_marks(const void *entry)
{
	const struct posting *p = entry;

	return (struct marks){ (uint8_t)p->takes, (uint8_t)(1u << p->education) };
}

static int posting_order(const void *left, const void *right)
{
	const struct posting *a = left, *b = right;
	int c = less_first(a->waiting_since, b->waiting_since);

	if (!c)
		c = less_first(a->entry, b->entry);
	return c ? c : less_first(a->wish, b->wish);
}

static void vacancy_below(const void *ix, const void *entry, void *out)
{
	vacancy_summarise(entry, &((const struct index *)ix)->more, out);
}

static void vacancies_widen(void *bounds, const void *by)
{
	vacancy_widen(bounds, by);
}

static void vacancy_moved(void *index, const void *entry, uint32_t from, uint32_t to)
{
	struct index *ix = index;
	uint64_t id = ((const struct vacancy_entry *)entry)->id;

	if (from == NO_LEAF)
		map_add(&ix->post_ids, id, to);
	else
		map_change(&ix->post_ids, id, from, to);
}

static void posting_below(const void *ix, const void *entry, void *out)
{
	(void)ix;
	posting_summarise(entry, out);
}

static void postings_widen(void *bounds, const void *by)
{
	posting_widen(bounds, by);
}

const struct tree_kind posts_kind = {
	.entry_size = sizeof(struct vacancy_entry),
	.summary_size = sizeof(struct vacancy_bounds),
	.cell = vacancy_cell,
	.marks = vacancy_marks,
	.order = vacancy_order,
	.summarise = vacancy_below,
	.widen = vacancies_widen,
	.moved = vacancy_moved,
};

const struct tree_kind waiting_kind = {
	.entry_size = sizeof(struct posting),
	.summary_size = sizeof(struct posting_bounds),
	.cell = posting_cell,
	.marks = posting_marks,
	.order = posting_order,
	.summarise = posting_below,
	.widen = postings_widen,
};
