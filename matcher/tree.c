/*
 * The tree: a B+ tree whose leaves are only as large as what is in them.
 *
 * It knows no field of an entry.  What is split is split in the middle, or at
 * the end when entries come in order; two neighbours that would fill half of
 * one become one.  A separator may be older than what is behind it, never later
 * than it.
 */
#include "matcher/nodes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void tree_free(struct tree *t)
{
	if (t->root)
		node_free(t->root, t->height);
	free(t->leaves);
	free(t->unused);
	*t = (struct tree){ 0 };
}

/* So much room too many is given back. */
enum { LEAF_SLACK = 8 };

static int order(const struct tree *t, const void *a, const void *b)
{
	uint64_t cell_a = t->kind->cell(a), cell_b = t->kind->cell(b);

	return cell_a != cell_b ? (cell_a > cell_b) - (cell_a < cell_b) : t->kind->order(a, b);
}

/* How many of a leaf's entries come before this one. */
static size_t rank_in_leaf(const struct tree *t, struct leaf *l, const void *entry)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (order(t, entry_at(t, l, mid), entry) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The child under which an entry stands or would stand. */
static size_t child_for(const struct tree *t, struct branch *b, const void *entry)
{
	size_t low = 1, high = b->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (order(t, first_at(t, b, mid), entry) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low - 1;
}

/* Puts an entry under a node; its new right neighbour when it had to be split, else NULL. */
static void *add(struct tree *t, void **node, unsigned height, const void *entry);

static void *add_to_leaf(struct tree *t, void **node, const void *entry)
{
	struct leaf *l = *node, *right;
	size_t at = rank_in_leaf(t, l, entry);
	size_t half = at == LEAF_MAX ? LEAF_MAX : LEAF_MAX / 2;

	if (l->n < LEAF_MAX) {
		*node = leaf_put(t, l, at, entry);
		return NULL;
	}
	right = leaf_new(t);
	if (half < LEAF_MAX) {
		right = leaf_move(t, l, half, LEAF_MAX - half, right);
		*node = l = leaf_fit(t, l, half);
	}
	if (at > half || half == LEAF_MAX)
		return leaf_put(t, right, at - half, entry);
	*node = leaf_put(t, l, at, entry);
	return right;
}

static void *add_to_branch(struct tree *t, struct branch *b, unsigned height, const void *entry)
{
	_Alignas(8) unsigned char one[SUMMARY_MAX];
	size_t at = child_for(t, b, entry);
	struct branch *right = NULL;
	void *split;

	if (at == 0 && order(t, entry, first_at(t, b, 0)) < 0)
		memcpy(first_at(t, b, 0), entry, t->kind->entry_size);
	split = add(t, &b->below[at], height - 1, entry);
	if (!split) {
		t->kind->summarise(t->arg, entry, one);
		t->kind->widen(summary_at(t, b, at), one);
		return NULL;
	}
	branch_summarise(t, b, at, height);
	if (b->n == BRANCH_MAX) {
		size_t half = at == BRANCH_MAX - 1 ? BRANCH_MAX - 1 : BRANCH_MAX / 2;

		right = branch_new(t);
		right->n = BRANCH_MAX - half;
		branch_move(t, b, half, right->n, right, 0);
		b->n = half;
	}
	if (right && at >= b->n)
		branch_put(t, right, at - b->n + 1, split, height);
	else
		branch_put(t, b, at + 1, split, height);
	return right;
}

static void *add(struct tree *t, void **node, unsigned height, const void *entry)
{
	return height ? add_to_branch(t, *node, height, entry) : add_to_leaf(t, node, entry);
}

void tree_add(struct tree *t, const void *entry)
{
	struct branch *top;
	void *split;

	if (!t->root)
		t->root = leaf_new(t);
	split = add(t, &t->root, t->height, entry);
	if (!split)
		return;
	top = branch_new(t);
	t->height++;
	branch_put(t, top, 0, t->root, t->height);
	branch_put(t, top, 1, split, t->height);
	t->root = top;
}

/* Twigs i and i + 1 become one when together they would fill half of one. */
static void merge(struct tree *t, struct branch *b, size_t i, unsigned height)
{
	struct branch *left, *right;
	struct leaf *l, *r;

	if (i + 1 >= b->n)
		return;
	if (height == 1) {
		l = b->below[i];
		r = b->below[i + 1];
		if (l->n + r->n > LEAF_MAX / 2)
			return;
		b->below[i] = leaf_move(t, r, 0, r->n, l);
		leaf_gone(t, r);
	} else {
		left = b->below[i];
		right = b->below[i + 1];
		if (left->n + right->n > BRANCH_MAX / 2)
			return;
		branch_move(t, right, 0, right->n, left, left->n);
		left->n += right->n;
		free(right);
	}
	branch_drop(t, b, i + 1);
	branch_summarise(t, b, i, height);
}

/* True: nothing is left of the node, and it is gone. */
static bool drop(struct tree *t, void **node, unsigned height, const void *entry);

static bool drop_from_leaf(struct tree *t, void **node, const void *entry)
{
	struct leaf *l = *node;
	size_t at = rank_in_leaf(t, l, entry);

	assert(at < l->n && order(t, entry_at(t, l, at), entry) == 0);
	l->n--;
	memmove(entry_at(t, l, at), entry_at(t, l, at + 1), (l->n - at) * t->kind->entry_size);
	leaf_mark(t, l, at);
	if (l->n == 0) {
		leaf_gone(t, l);
		return true;
	}
	if (l->room - l->n >= LEAF_SLACK)
		*node = leaf_fit(t, l, l->n);
	return false;
}

static bool drop_from_branch(struct tree *t, struct branch *b, unsigned height,
    const void *entry)
{
	size_t at = child_for(t, b, entry);

	if (drop(t, &b->below[at], height - 1, entry)) {
		branch_drop(t, b, at);
	} else {
		branch_summarise(t, b, at, height);
		merge(t, b, at, height);
		if (at > 0)
			merge(t, b, at - 1, height);
	}
	if (b->n > 0)
		return false;
	free(b);
	return true;
}

static bool drop(struct tree *t, void **node, unsigned height, const void *entry)
{
	return height ? drop_from_branch(t, *node, height, entry)
		      : drop_from_leaf(t, node, entry);
}

void tree_drop(struct tree *t, const void *entry)
{
	struct branch *top;

	assert(t->root);
	if (drop(t, &t->root, t->height, entry)) {
		t->root = NULL;
		t->height = 0;
	}
	while (t->height && (top = t->root)->n == 1) {
		t->root = top->below[0];
		t->height--;
		free(top);
	}
}

/* Room is left in each node, so that the first additions do not split them all. */
enum { LEAF_BUILT = LEAF_MAX * 3 / 4, BRANCH_BUILT = BRANCH_MAX * 3 / 4 };

struct sort_key {
	uint64_t cell;
	size_t at; /* which of the entries */
};

/* By cell, and within a cell as they came: digit by digit, the last one first.  A digit in
 * which all agree orders nothing. */
static struct sort_key *sorted_by_cell(struct sort_key *keys, struct sort_key *spare, size_t n)
{
	enum { BITS = 11, VALUES = 1 << BITS, DIGITS = 6 };
	uint32_t count[DIGITS][VALUES] = { 0 };

	for (size_t i = 0; i < n; i++) {
		for (unsigned d = 0; d < DIGITS; d++)
			count[d][keys[i].cell >> BITS * d & (VALUES - 1)]++;
	}
	for (unsigned d = 0; n > 0 && d < DIGITS; d++) {
		struct sort_key *from = keys;
		uint32_t begin = 0;

		if (count[d][keys->cell >> BITS * d & (VALUES - 1)] == n)
			continue;
		for (unsigned v = 0; v < VALUES; v++) {
			uint32_t some = count[d][v];

			count[d][v] = begin;
			begin += some;
		}
		for (size_t i = 0; i < n; i++)
			spare[count[d][from[i].cell >> BITS * d & (VALUES - 1)]++] = from[i];
		keys = spare;
		spare = from;
	}
	return keys;
}

/* The entries of one cell side by side, in order.  They come from all over: far ahead of their
 * turn they are fetched. */
static void gather_cell(const struct tree *t, const unsigned char *entries,
    const struct sort_key *keys, size_t n, size_t behind, unsigned char *out)
{
	enum { AHEAD = 24 };
	size_t size = t->kind->entry_size;

	for (size_t i = 0; i < n; i++) {
		if (i + AHEAD < n + behind)
			__builtin_prefetch(entries + keys[i + AHEAD].at * size);
		memcpy(out + i * size, entries + keys[i].at * size, size);
	}
	if (n > 1)
		qsort(out, n, size, t->kind->order);
}

/* Leaves in order, side by side; returns how many. */
static size_t build_leaves(struct tree *t, const unsigned char *entries,
    const struct sort_key *keys, size_t n, void **nodes)
{
	size_t size = t->kind->entry_size, room = 0, made = 0;
	unsigned char *cell = NULL;
	struct leaf *l = NULL;

	for (size_t i = 0, end = 0, begin = 0; i < n; i++) {
		unsigned char *to;

		if (i == end) {
			for (begin = i; end < n && keys[end].cell == keys[begin].cell;)
				end++;
			if (end - begin > room)
				cell = node_memory(cell, (room = end - begin) * size);
			gather_cell(t, entries, keys + begin, end - begin, n - end, cell);
		}
		if (i % LEAF_BUILT == 0)
			nodes[made++] = l =
			    leaf_fit(t, leaf_new(t), n - i < LEAF_BUILT ? n - i : LEAF_BUILT);
		to = entry_at(t, l, l->n++);
		memcpy(to, cell + (i - begin) * size, size);
		leaf_mark(t, l, l->n - 1u);
		if (t->kind->moved)
			t->kind->moved(t->arg, to, NO_LEAF, l->number);
	}
	free(cell);
	return made;
}

void tree_build(struct tree *t, const void *entries, size_t n)
{
	struct sort_key *keys = node_memory(NULL, 2 * (n + 1) * sizeof(*keys));
	void **nodes = node_memory(NULL, (n / LEAF_BUILT + 1) * sizeof(*nodes));
	const unsigned char *all = entries;

	assert(!t->root);
	for (size_t i = 0; i < n; i++)
		keys[i] = (struct sort_key){ t->kind->cell(all + i * t->kind->entry_size), i };
	n = build_leaves(t, all, sorted_by_cell(keys, keys + n, n), n, nodes);
	while (n > 1) {
		size_t above = 0;

		t->height++;
		for (size_t i = 0; i < n; above++) {
			struct branch *b = branch_new(t);

			for (; i < n && b->n < BRANCH_BUILT; i++)
				branch_put(t, b, b->n, nodes[i], t->height);
			nodes[above] = b;
		}
		n = above;
	}
	t->root = n ? nodes[0] : NULL;
	free(nodes);
	free(keys);
}
