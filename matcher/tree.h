/*
 * A tree of packed entries in one order, with a summary above whatever lies
 * below: the shape of both sides of the index, inside matcher only.
 *
 * A summary says what the entries under it can be at best.  It is exact after
 * an entry left, and never too narrow.  Many entries of one cell fill leaves of
 * their own; small cells share one, so neither costs more than its entries.
 */
#ifndef MATCHER_TREE_H
#define MATCHER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEAF_MAX = 48, BRANCH_MAX = 32, SUMMARY_MAX = 128 };

struct marks {
	uint8_t first, second;
};

struct tree_kind {
	size_t entry_size, summary_size;
	uint64_t (*cell)(const void *entry); /* by which they are in order */
	/* What whoever looks through a leaf asks of an entry first. */
	struct marks (*marks)(const void *entry);
	int (*order)(const void *a, const void *b); /* within a cell; 0: the same entry */
	void (*summarise)(const void *arg, const void *entry, void *summary);
	void (*widen)(void *summary, const void *by); /* so that it holds for both */
	/* An entry now stands in another leaf, or in its first one (from NO_LEAF).  May be
	 * NULL. */
	void (*moved)(void *arg, const void *entry, uint32_t from, uint32_t to);
};

#define NO_LEAF UINT32_MAX

struct leaf {
	uint32_t number;
	uint16_t n, room;
	uint8_t first[LEAF_MAX], second[LEAF_MAX]; /* the marks of the entries, side by side */
	_Alignas(8) unsigned char entries[];
};

struct branch {
	size_t n;
	void *below[BRANCH_MAX]; /* branches, or leaves at height 1 */
	/* BRANCH_MAX summaries, then as many entries: none below is before it, and all
	 * before are. */
	_Alignas(8) unsigned char rest[];
};

struct tree {
	const struct tree_kind *kind;
	void *arg;
	void *root; /* NULL: empty; a leaf at height 0 */
	unsigned height;
	struct leaf **leaves; /* by number */
	size_t n_leaves, leaves_room;
	uint32_t *unused; /* numbers of leaves that are gone */
	size_t n_unused, unused_room;
};

void tree_free(struct tree *t);
void tree_add(struct tree *t, const void *entry);
void tree_drop(struct tree *t, const void *entry); /* it must be there */
/* All at once, in any order, into an empty tree: much cheaper than one by one. */
void tree_build(struct tree *t, const void *entries, size_t n);

static inline const void *leaf_entry(const struct tree *t, const struct leaf *l, size_t i)
{
	return l->entries + i * t->kind->entry_size;
}

/* Which entries meet the marks; returns how many.  Without a branch: none could be foretold. */
static inline size_t leaf_meets(const struct leaf *l, struct marks asked, uint8_t out[LEAF_MAX])
{
	uint8_t meets[LEAF_MAX];
	size_t n = 0;

	for (size_t i = 0; i < LEAF_MAX; i++)
		meets[i] =
		    ((l->first[i] & asked.first) != 0) & ((l->second[i] & asked.second) != 0);
	for (size_t i = 0; i < l->n; i++) {
		out[n] = (uint8_t)i;
		n += meets[i];
	}
	return n;
}

/* A node is on its way while the one before it is looked into. */
static inline void node_fetch(const void *node)
{
	enum { LINE = 64, BYTES = 24 * LINE };

	for (size_t i = 0; i < BYTES; i += LINE)
		__builtin_prefetch((const char *)node + i);
}

static inline const void *branch_summary(const struct tree *t, const struct branch *b, size_t i)
{
	return b->rest + i * t->kind->summary_size;
}

#endif
