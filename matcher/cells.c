/*
 * The cells: one list of postings for every occupation and street that was
 * ever used, grouped by middle group, and the way back from an entry to its
 * postings.
 *
 * It does not know what an entry is.  Leaving moves the cell's last posting
 * into the hole, so the order inside a cell means nothing.
 */
#include "matcher/cells.h"

#include <stdlib.h>

void cells_release(struct cells *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->cells[i].postings);
	for (size_t i = 0; i < GROUPS; i++)
		free(c->groups[i].cells);
	free(c->cells);
	free(c->seats);
	map_free(&c->by_place);
}

void cells_add_entry(struct cells *c)
{
	for (unsigned i = 0; i < c->seats_each; i++) {
		c->seats = grown(c->seats, c->n_seats, &c->seats_room, sizeof(*c->seats));
		c->seats[c->n_seats++] = (struct seat){ .cell = MAP_NONE };
	}
}

static struct seat *seat_of(struct cells *c, struct posting p)
{
	return &c->seats[(size_t)p.entry * c->seats_each + p.seat];
}

static uint32_t cell_for(struct cells *c, occupation_t occupation, place_t place)
{
	uint64_t key = (uint64_t)occupation << 32 | (uint32_t)(place / 1000);
	uint32_t cell = map_get(&c->by_place, key);
	struct group *g = &c->groups[occupation / 10000];

	if (cell != MAP_NONE)
		return cell;
	cell = (uint32_t)c->n;
	c->cells = grown(c->cells, c->n, &c->room, sizeof(*c->cells));
	c->cells[c->n++] = (struct cell){ 0 };
	map_put(&c->by_place, key, cell);
	g->cells = grown(g->cells, g->n, &g->room, sizeof(*g->cells));
	g->cells[g->n++] = cell;
	return cell;
}

void cells_sit(struct cells *c, uint32_t entry, uint8_t seat, occupation_t occupation,
    place_t place)
{
	struct posting p = { entry, seat };
	struct cell *cell;
	uint32_t number;

	if (occupation / 10000 >= GROUPS)
		return;
	number = cell_for(c, occupation, place);
	cell = &c->cells[number];
	*seat_of(c, p) = (struct seat){ number, (uint32_t)cell->n };
	cell->postings = grown(cell->postings, cell->n, &cell->room, sizeof(*cell->postings));
	cell->postings[cell->n++] = p;
}

void cells_leave(struct cells *c, uint32_t entry)
{
	for (unsigned i = 0; i < c->seats_each; i++) {
		struct seat *seat = seat_of(c, (struct posting){ entry, (uint8_t)i });
		struct cell *cell;

		if (seat->cell == MAP_NONE)
			continue;
		cell = &c->cells[seat->cell];
		cell->postings[seat->at] = cell->postings[--cell->n];
		/* The moved one may be the leaving one itself: its seat is emptied after. */
		seat_of(c, cell->postings[seat->at])->at = seat->at;
		seat->cell = MAP_NONE;
	}
}
