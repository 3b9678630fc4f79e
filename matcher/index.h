/*
 * The index as its two halves see it, inside matcher only: index.c keeps it,
 * search.c reads it.
 */
#ifndef MATCHER_INDEX_H
#define MATCHER_INDEX_H

#include "matcher/cells.h"
#include "matcher/match.h"

struct index {
	struct vacancy *vacancies; /* entry -> vacancy */
	size_t n_vacancies, vacancies_room, n_open;
	struct map vacancy_ids; /* id -> entry */
	struct cells vacancy_cells;

	struct seeker *seekers;
	size_t n_seekers, seekers_room, n_active;
	struct map seeker_ids;
	struct cells seeker_cells; /* a seat for each wish */
};

#endif
