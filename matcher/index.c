/*
 * The index: every vacancy and seeker of a city, newest version only, and the
 * cells in which the open and the active ones stand.
 *
 * It knows no rule and no score.  What is closed leaves its cells and stays in
 * the index: its version keeps an older one, which may come late, outside.
 */
#include "matcher/index.h"

#include <stdlib.h>

struct index *index_new(void)
{
	struct index *ix = calloc(1, sizeof(*ix));

	if (!ix)
		abort();
	ix->vacancy_cells.seats_each = 1;
	ix->seeker_cells.seats_each = WISHES_MAX;
	return ix;
}

void index_free(struct index *ix)
{
	if (!ix)
		return;
	cells_release(&ix->vacancy_cells);
	cells_release(&ix->seeker_cells);
	map_free(&ix->vacancy_ids);
	map_free(&ix->seeker_ids);
	free(ix->vacancies);
	free(ix->seekers);
	free(ix);
}

static uint32_t add_vacancy(struct index *ix, uint64_t id)
{
	uint32_t entry = (uint32_t)ix->n_vacancies;

	ix->vacancies =
	    grown(ix->vacancies, ix->n_vacancies, &ix->vacancies_room, sizeof(*ix->vacancies));
	ix->vacancies[ix->n_vacancies++] = (struct vacancy){ .id = id };
	cells_add_entry(&ix->vacancy_cells);
	map_put(&ix->vacancy_ids, id, entry);
	return entry;
}

bool index_put_vacancy(struct index *ix, const struct vacancy *v)
{
	uint32_t entry = map_get(&ix->vacancy_ids, v->id);
	struct vacancy *kept;

	if (entry == MAP_NONE)
		entry = add_vacancy(ix, v->id);
	else if (ix->vacancies[entry].version >= v->version)
		return false;
	kept = &ix->vacancies[entry];
	cells_leave(&ix->vacancy_cells, entry);
	ix->n_open -= kept->open;
	*kept = *v;
	ix->n_open += kept->open;
	if (kept->open)
		cells_sit(&ix->vacancy_cells, entry, 0, kept->occupation, kept->place);
	return true;
}

static uint32_t add_seeker(struct index *ix, uint64_t id)
{
	uint32_t entry = (uint32_t)ix->n_seekers;

	ix->seekers =
	    grown(ix->seekers, ix->n_seekers, &ix->seekers_room, sizeof(*ix->seekers));
	ix->seekers[ix->n_seekers++] = (struct seeker){ .id = id };
	cells_add_entry(&ix->seeker_cells);
	map_put(&ix->seeker_ids, id, entry);
	return entry;
}

bool index_put_seeker(struct index *ix, const struct seeker *s)
{
	uint32_t entry = map_get(&ix->seeker_ids, s->id);
	struct seeker *kept;

	if (entry == MAP_NONE)
		entry = add_seeker(ix, s->id);
	else if (ix->seekers[entry].version >= s->version)
		return false;
	kept = &ix->seekers[entry];
	cells_leave(&ix->seeker_cells, entry);
	ix->n_active -= kept->active;
	*kept = *s;
	ix->n_active += kept->active;
	for (uint8_t i = 0; kept->active && i < kept->n_wishes; i++)
		cells_sit(&ix->seeker_cells, entry, i, kept->wishes[i], kept->place);
	return true;
}

const struct vacancy *index_vacancy(const struct index *ix, uint64_t id)
{
	uint32_t entry = map_get(&ix->vacancy_ids, id);

	return entry == MAP_NONE ? NULL : &ix->vacancies[entry];
}

const struct seeker *index_seeker(const struct index *ix, uint64_t id)
{
	uint32_t entry = map_get(&ix->seeker_ids, id);

	return entry == MAP_NONE ? NULL : &ix->seekers[entry];
}

size_t index_count_vacancies(const struct index *ix)
{
	return ix->n_open;
}

size_t index_count_seekers(const struct index *ix)
{
	return ix->n_active;
}
