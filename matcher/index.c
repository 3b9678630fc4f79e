/*
 * The index: every vacancy and seeker of a city, newest version only; what is
 * offered and who is waiting stand in trees, by occupation and place.
 *
 * It knows no rule and no score.  What is closed leaves its tree and stays in
 * the index: its version keeps an older one, which may come late, outside.
 */
#include "matcher/index.h"

#include <assert.h>
#include <stdlib.h>

enum { MANY = 1 << 20 };

struct index *index_new(void)
{
	struct index *ix = calloc(1, sizeof(*ix));

	if (!ix)
		abort();
	ix->posts = (struct tree){ .kind = &posts_kind, .arg = ix };
	for (unsigned i = 0; i < CLASSES; i++)
		ix->waiting[i] = (struct tree){ .kind = &waiting_kind };
	return ix;
}

void index_free(struct index *ix)
{
	if (!ix)
		return;
	tree_free(&ix->posts);
	for (unsigned i = 0; i < CLASSES; i++)
		tree_free(&ix->waiting[i]);
	for (size_t i = 0; i * SEEKERS_A_CHUNK < ix->n_seekers; i++)
		free(ix->seekers[i]);
	free(ix->seekers);
	free(ix->off);
	more_ids_free(&ix->more);
	map_free(&ix->post_ids);
	map_free(&ix->off_ids);
	map_free(&ix->seeker_ids);
	free(ix);
}

/* Where a vacancy stands: in the tree, or among what is not offered.  NULL: unknown. */
static const struct vacancy_entry *find_vacancy(const struct index *ix, uint64_t id,
    uint32_t *leaf)
{
	size_t at = MAP_BEGIN;
	uint32_t found;

	while ((found = map_next(&ix->post_ids, id, &at)) != MAP_NONE) {
		const struct leaf *l = ix->posts.leaves[found];
		const struct vacancy_entry *e = leaf_entry(&ix->posts, l, 0);

		*leaf = found;
		for (uint16_t i = 0; i < l->n; i++) {
			if (e[i].id == id)
				return &e[i];
		}
	}
	*leaf = NO_LEAF;
	for (at = MAP_BEGIN; (found = map_next(&ix->off_ids, id, &at)) != MAP_NONE;) {
		if (ix->off[found].id == id)
			return &ix->off[found];
	}
	return NULL;
}

static void forget_vacancy(struct index *ix, const struct vacancy_entry *e, uint32_t leaf)
{
	struct vacancy_entry was = *e;
	uint32_t at;

	vacancy_release(&was, &ix->more);
	if (leaf != NO_LEAF) {
		map_drop(&ix->post_ids, was.id, leaf);
		tree_drop(&ix->posts, &was);
		return;
	}
	at = (uint32_t)(e - ix->off);
	map_drop(&ix->off_ids, was.id, at);
	if (at != --ix->n_off) {
		ix->off[at] = ix->off[ix->n_off];
		map_change(&ix->off_ids, ix->off[at].id, (uint32_t)ix->n_off, at);
	}
}

static bool is_offered(const struct vacancy_entry *e)
{
	return e->open && e->open_posts > 0;
}

/* While a million is still to come a map grows by doubling; what was too much is given back
 * when they are settled. */
static void add_id(struct index *ix, struct map *ids, uint64_t id, uint32_t value)
{
	if (ix->is_held && map_is_full(ids))
		map_reserve(ids, ids->used + LEAF_MAX);
	map_add(ids, id, value);
}

static void put_off(struct index *ix, const struct vacancy_entry *e)
{
	ix->off = grown(ix->off, ix->n_off, &ix->off_room, sizeof(*ix->off));
	add_id(ix, &ix->off_ids, e->id, (uint32_t)ix->n_off);
	ix->off[ix->n_off++] = *e;
}

void index_fetch_vacancy(const struct index *ix, uint64_t id)
{
	map_fetch(&ix->post_ids, id);
	map_fetch(&ix->off_ids, id);
}

void index_fetch_seeker(const struct index *ix, uint64_t id)
{
	map_fetch(&ix->seeker_ids, id);
}

bool index_put_vacancy(struct index *ix, const struct vacancy *v)
{
	uint32_t leaf;
	const struct vacancy_entry *had = find_vacancy(ix, v->id, &leaf);
	struct vacancy_entry e;

	if (had && had->version >= v->version)
		return false;
	if (had) {
		ix->n_open -= had->open;
		forget_vacancy(ix, had, leaf);
	}
	vacancy_pack(v, &ix->more, &e);
	ix->n_open += v->open;
	if (is_offered(&e) && !ix->is_held)
		tree_add(&ix->posts, &e);
	else
		put_off(ix, &e);
	return true;
}

static uint32_t find_seeker(const struct index *ix, uint64_t id)
{
	size_t at = MAP_BEGIN;
	uint32_t found;

	do {
		found = map_next(&ix->seeker_ids, id, &at);
	} while (found != MAP_NONE && seeker_at(ix, found)->id != id);
	return found;
}

static uint32_t add_seeker(struct index *ix, uint64_t id)
{
	uint32_t entry = (uint32_t)ix->n_seekers;
	size_t chunk = entry / SEEKERS_A_CHUNK;

	if (entry % SEEKERS_A_CHUNK == 0) {
		ix->seekers =
		    grown(ix->seekers, chunk, &ix->chunks_room, sizeof(struct seeker_entry *));
		ix->seekers[chunk] = calloc(SEEKERS_A_CHUNK, sizeof(struct seeker_entry));
		if (!ix->seekers[chunk])
			abort();
	}
	add_id(ix, &ix->seeker_ids, id, entry);
	ix->n_seekers++;
	return entry;
}

static void post_wishes(struct index *ix, uint32_t entry, const struct seeker *s, bool drop)
{
	struct tree *tree = &ix->waiting[rank_class((enum rank)s->rank)];
	struct posting p;

	for (uint8_t i = 0; !ix->is_held && s->active && i < s->n_wishes; i++) {
		posting_of(s, entry, i, &p);
		if (drop)
			tree_drop(tree, &p);
		else
			tree_add(tree, &p);
	}
}

bool index_put_seeker(struct index *ix, const struct seeker *s)
{
	uint32_t entry = find_seeker(ix, s->id);
	struct seeker was;

	if (entry == MAP_NONE) {
		entry = add_seeker(ix, s->id);
	} else if (seeker_at(ix, entry)->version >= s->version) {
		return false;
	} else {
		seeker_expand(seeker_at(ix, entry), &was);
		ix->n_active -= was.active;
		ix->n_busy -= was.busy;
		post_wishes(ix, entry, &was, true);
	}
	seeker_pack(s, seeker_at(ix, entry));
	ix->n_active += s->active;
	ix->n_busy += s->busy;
	post_wishes(ix, entry, s, false);
	return true;
}

void index_hold(struct index *ix)
{
	assert(ix->n_off == 0 && ix->n_seekers == 0);
	ix->is_held = true;
	/* Room that is not used is not memory yet, and what is so large grows without moving.
	 */
	ix->off_room = MANY;
	ix->off = malloc(ix->off_room * sizeof(*ix->off));
	if (!ix->off)
		abort();
}

static void settle_vacancies(struct index *ix)
{
	struct vacancy_entry *all = ix->off;
	size_t n = ix->n_off, offered = 0;

	ix->off = NULL;
	ix->n_off = ix->off_room = 0;
	map_free(&ix->off_ids);
	for (size_t i = 0; i < n; i++) {
		if (is_offered(&all[i]))
			all[offered++] = all[i];
		else
			put_off(ix, &all[i]);
	}
	map_reserve(&ix->post_ids, offered);
	tree_build(&ix->posts, all, offered);
	free(all);
}

static unsigned class_of(const struct seeker_entry *e)
{
	return rank_class((enum rank)e->rank);
}

static void settle_seekers(struct index *ix)
{
	struct posting *postings[CLASSES];
	size_t n[CLASSES] = { 0 };
	struct seeker s;

	for (uint32_t entry = 0; entry < ix->n_seekers; entry++)
		n[class_of(seeker_at(ix, entry))] += seeker_at(ix, entry)->n_wishes;
	for (unsigned class = 0; class < CLASSES; class ++) {
		postings[class] = malloc((n[class] + 1) * sizeof(**postings));
		if (!postings[class])
			abort();
		n[class] = 0;
	}
	for (uint32_t entry = 0; entry < ix->n_seekers; entry++) {
		unsigned class = class_of(seeker_at(ix, entry));

		seeker_expand(seeker_at(ix, entry), &s);
		for (uint8_t i = 0; s.active && i < s.n_wishes; i++)
			posting_of(&s, entry, i, &postings[class][n[class]++]);
	}
	for (unsigned class = 0; class < CLASSES; class ++) {
		tree_build(&ix->waiting[class], postings[class], n[class]);
		free(postings[class]);
	}
}

void index_settle(struct index *ix)
{
	ix->is_held = false;
	map_fit(&ix->seeker_ids);
	settle_vacancies(ix);
	settle_seekers(ix);
}

bool index_vacancy(const struct index *ix, uint64_t id, struct vacancy *out)
{
	uint32_t leaf;
	const struct vacancy_entry *e = find_vacancy(ix, id, &leaf);

	if (e)
		vacancy_expand(e, &ix->more, out);
	return e != NULL;
}

bool index_seeker(const struct index *ix, uint64_t id, struct seeker *out)
{
	uint32_t entry = find_seeker(ix, id);

	if (entry != MAP_NONE)
		seeker_expand(seeker_at(ix, entry), out);
	return entry != MAP_NONE;
}

size_t index_count_vacancies(const struct index *ix)
{
	return ix->n_open;
}

size_t index_count_seekers(const struct index *ix)
{
	return ix->n_active;
}

size_t index_count_busy(const struct index *ix)
{
	return ix->n_busy;
}
