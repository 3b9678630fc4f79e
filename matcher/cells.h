/*
 * Cells: who or what is waiting, by occupation and street, inside matcher only.
 *
 * One side of the market.  An entry is a number that its owner gives; it may
 * stand in as many cells as it has seats.
 */
#ifndef MATCHER_CELLS_H
#define MATCHER_CELLS_H

#include "matcher/map.h"
#include "matcher/model.h"

/* Middle groups by the first three digits of the code, 100 to 899. */
#define GROUPS 900

struct posting {
	uint32_t entry;
	uint8_t seat; /* of a seeker: which wish */
};

struct cell {
	struct posting *postings;
	size_t n, room;
};

struct group {
	uint32_t *cells; /* numbers of the cells of this middle group */
	size_t n, room;
};

struct seat {
	uint32_t cell; /* MAP_NONE: empty */
	uint32_t at;
};

struct cells {
	unsigned seats_each;
	struct seat *seats; /* seats_each for every entry */
	size_t n_seats, seats_room;
	struct map by_place; /* (occupation, street) -> cell */
	struct cell *cells;
	size_t n, room;
	struct group groups[GROUPS];
};

void cells_release(struct cells *c);
/* Seats for the next entry, all empty. */
void cells_add_entry(struct cells *c);
/* An occupation outside every group stands nowhere. */
void cells_sit(struct cells *c, uint32_t entry, uint8_t seat, occupation_t occupation,
    place_t place);
void cells_leave(struct cells *c, uint32_t entry);

#endif
