/*
 * The index as its parts see it, inside matcher only: index.c keeps it, kinds.c
 * says how its trees are ordered, search.c reads it.
 */
#ifndef MATCHER_INDEX_H
#define MATCHER_INDEX_H

#include "matcher/entry.h"
#include "matcher/map.h"
#include "matcher/match.h"
#include "matcher/tree.h"

enum { CLASSES = 4, SEEKERS_A_CHUNK = 4096 };

struct index {
	struct tree posts;         /* what is offered: open, and with a post left */
	struct map post_ids;       /* id -> number of its leaf */
	struct vacancy_entry *off; /* what is not offered, for its version */
	size_t n_off, off_room;
	struct map off_ids; /* id -> place in `off` */
	struct more_ids more;
	size_t n_open;

	struct seeker_entry **seekers; /* in chunks: growing moves none of them */
	size_t n_seekers, chunks_room;
	struct map seeker_ids;
	struct tree waiting[CLASSES]; /* a posting for each wish */
	size_t n_active, n_busy;

	bool is_held; /* nothing stands in a tree yet */
};

/* Of a vacancy_entry each, with the index; of a posting each. */
extern const struct tree_kind posts_kind, waiting_kind;

static inline struct seeker_entry *seeker_at(const struct index *ix, uint32_t entry)
{
	return &ix->seekers[entry / SEEKERS_A_CHUNK][entry % SEEKERS_A_CHUNK];
}

#endif
