/*
 * The nodes of a tree: what a leaf and a branch can do to themselves, for tree.c
 * alone.
 *
 * A function that may move a node's memory returns where it is now.
 */
#ifndef MATCHER_NODES_H
#define MATCHER_NODES_H

#include "matcher/tree.h"

static inline unsigned char *entry_at(const struct tree *t, struct leaf *l, size_t i)
{
	return l->entries + i * t->kind->entry_size;
}

static inline unsigned char *summary_at(const struct tree *t, struct branch *b, size_t i)
{
	return b->rest + i * t->kind->summary_size;
}

static inline unsigned char *first_at(const struct tree *t, struct branch *b, size_t i)
{
	return b->rest + BRANCH_MAX * t->kind->summary_size + i * t->kind->entry_size;
}

/* Or the end of the process. */
void *node_memory(void *was, size_t size);
void node_free(void *node, unsigned height); /* and all below */
/* The leftmost entry under a node. */
const void *node_first(const struct tree *t, void *node, unsigned height);

struct leaf *leaf_new(struct tree *t);
void leaf_gone(struct tree *t, struct leaf *l);
/* Room for n entries and not many more. */
struct leaf *leaf_fit(struct tree *t, struct leaf *l, size_t n);
/* The marks of the entries from this one on, anew. */
void leaf_mark(const struct tree *t, struct leaf *l, size_t from);
struct leaf *leaf_put(struct tree *t, struct leaf *l, size_t at, const void *entry);
/* `n` entries to the end of another leaf, which is returned. */
struct leaf *leaf_move(struct tree *t, struct leaf *from, size_t at, size_t n, struct leaf *to);

struct branch *branch_new(const struct tree *t);
/* A twig: a node below, its summary and its separator. */
void branch_put(struct tree *t, struct branch *b, size_t at, void *node, unsigned height);
void branch_drop(struct tree *t, struct branch *b, size_t at);
void branch_move(const struct tree *t, struct branch *from, size_t at, size_t n,
    struct branch *to, size_t where);
/* Twig i anew, from all that is below it. */
void branch_summarise(const struct tree *t, struct branch *b, size_t i, unsigned height);

#endif
