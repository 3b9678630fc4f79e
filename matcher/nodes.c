/*
 * A leaf holds entries in order and no more room than it needs; a branch holds
 * twigs.
 *
 * Nothing here knows where in a tree a node belongs.  A leaf's memory moves as
 * it grows, and its number is what stays.
 */
#include "matcher/nodes.h"

#include "matcher/map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LEAF_STEP = 4 };

void *node_memory(void *was, size_t size)
{
	void *p = realloc(was, size);

	if (!p)
		abort();
	return p;
}

struct leaf *leaf_new(struct tree *t)
{
	struct leaf *l = node_memory(NULL, sizeof(*l));

	*l = (struct leaf){ 0 };
	if (t->n_unused) {
		l->number = t->unused[--t->n_unused];
	} else {
		t->leaves =
		    grown(t->leaves, t->n_leaves, &t->leaves_room, sizeof(struct leaf *));
		l->number = (uint32_t)t->n_leaves++;
	}
	t->leaves[l->number] = l;
	return l;
}

void leaf_gone(struct tree *t, struct leaf *l)
{
	t->unused = grown(t->unused, t->n_unused, &t->unused_room, sizeof(*t->unused));
	t->unused[t->n_unused++] = l->number;
	t->leaves[l->number] = NULL;
	free(l);
}

struct leaf *leaf_fit(struct tree *t, struct leaf *l, size_t n)
{
	size_t room = (n + LEAF_STEP - 1) / LEAF_STEP * LEAF_STEP;

	if (room == l->room)
		return l;
	l = node_memory(l, sizeof(*l) + room * t->kind->entry_size);
	l->room = (uint16_t)room;
	t->leaves[l->number] = l;
	return l;
}

struct branch *branch_new(const struct tree *t)
{
	size_t each = t->kind->summary_size + t->kind->entry_size;
	struct branch *b = node_memory(NULL, sizeof(*b) + BRANCH_MAX * each);

	b->n = 0;
	return b;
}

void node_free(void *node, unsigned height)
{
	struct branch *b = node;

	for (size_t i = 0; height && i < b->n; i++)
		node_free(b->below[i], height - 1);
	free(node);
}

static void summarise(const struct tree *t, void *node, unsigned height, void *out)
{
	_Alignas(8) unsigned char one[SUMMARY_MAX];
	struct leaf *l = node;
	struct branch *b = node;
	size_t n = height ? b->n : l->n;

	assert(n > 0);
	for (size_t i = 0; i < n; i++) {
		unsigned char *part = height ? summary_at(t, b, i) : i ? one : out;

		if (!height)
			t->kind->summarise(t->arg, entry_at(t, l, i), part);
		if (i == 0 && height)
			memcpy(out, part, t->kind->summary_size);
		else if (i > 0)
			t->kind->widen(out, part);
	}
}

void branch_summarise(const struct tree *t, struct branch *b, size_t i, unsigned height)
{
	summarise(t, b->below[i], height - 1, summary_at(t, b, i));
}

const void *node_first(const struct tree *t, void *node, unsigned height)
{
	for (; height; height--)
		node = ((struct branch *)node)->below[0];
	return entry_at(t, node, 0);
}

void leaf_mark(const struct tree *t, struct leaf *l, size_t from)
{
	for (size_t i = from; i < l->n; i++) {
		struct marks m = t->kind->marks(entry_at(t, l, i));

		l->first[i] = m.first;
		l->second[i] = m.second;
	}
}

struct leaf *leaf_move(struct tree *t, struct leaf *from, size_t at, size_t n, struct leaf *to)
{
	to = leaf_fit(t, to, to->n + n);
	memcpy(entry_at(t, to, to->n), entry_at(t, from, at), n * t->kind->entry_size);
	for (size_t i = 0; t->kind->moved && i < n; i++)
		t->kind->moved(t->arg, entry_at(t, to, to->n + i), from->number, to->number);
	to->n = (uint16_t)(to->n + n);
	leaf_mark(t, to, to->n - n);
	from->n = (uint16_t)(from->n - n);
	return to;
}

struct leaf *leaf_put(struct tree *t, struct leaf *l, size_t at, const void *entry)
{
	size_t size = t->kind->entry_size;

	if (l->n == l->room)
		l = leaf_fit(t, l, l->n + 1u);
	memmove(entry_at(t, l, at + 1), entry_at(t, l, at), (l->n - at) * size);
	memcpy(entry_at(t, l, at), entry, size);
	l->n++;
	leaf_mark(t, l, at);
	if (t->kind->moved)
		t->kind->moved(t->arg, entry_at(t, l, at), NO_LEAF, l->number);
	return l;
}

void branch_move(const struct tree *t, struct branch *from, size_t at, size_t n,
    struct branch *to, size_t where)
{
	memmove(&to->below[where], &from->below[at], n * sizeof(void *));
	memmove(summary_at(t, to, where), summary_at(t, from, at), n * t->kind->summary_size);
	memmove(first_at(t, to, where), first_at(t, from, at), n * t->kind->entry_size);
}

void branch_put(struct tree *t, struct branch *b, size_t at, void *node, unsigned height)
{
	branch_move(t, b, at, b->n - at, b, at + 1);
	b->n++;
	b->below[at] = node;
	memcpy(first_at(t, b, at), node_first(t, node, height - 1), t->kind->entry_size);
	/* Those below it may be older, and before what comes to its left from now on. */
	for (unsigned h = height - 1; h > 0; h--) {
		memcpy(first_at(t, node, 0), first_at(t, b, at), t->kind->entry_size);
		node = ((struct branch *)node)->below[0];
	}
	branch_summarise(t, b, at, height);
}

void branch_drop(struct tree *t, struct branch *b, size_t at)
{
	branch_move(t, b, at + 1, b->n - at - 1, b, at);
	b->n--;
}
