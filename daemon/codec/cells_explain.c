/*
 * What is wrong with a record that was read from cells, told by its columns: the heading of
 * each, and what the reading of its cell has noted.
 */
#include "daemon/codec/cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/utf8.h"
#include "daemon/flow/problem.h"

/* "/members/1" of "/members/1/able"; any number when `item` is none. */
static bool skip_item(const char **pointer, int item)
{
	char *end;
	long n = strtol(*pointer + 1, &end, 10);

	if (end == *pointer + 1 || (item >= 0 && n != item))
		return false;
	*pointer = end;
	return *end == '/';
}

/* Whether a pointer begins with the column's member. */
static bool points_at(const char *pointer, const struct column_row *row, int item)
{
	const char *member = row->member;

	if (*pointer++ != '/')
		return false;
	for (; *member; member++, pointer++) {
		if (*member == *pointer)
			continue;
		if (*member != '.' || *pointer != '/' ||
		    (row->is_each && !skip_item(&pointer, item)))
			return false;
	}
	return !*pointer || *pointer == '/';
}

static bool is_for(const struct column *column, int item, const char *pointer)
{
	if (!column->row)
		return false;
	return points_at(pointer, column->row, item) ||
	       (column->row->as == AS_PAY && strncmp(pointer, "/pay_", 5) == 0);
}

static void say_note(struct fault *fault, const struct cell_note *note)
{
	const struct broken_rule *r;

	if (fault->found[0] && strcmp(fault->found, NOT_SHOWN) != 0)
		fault_found(fault, note->found);
	if (note->rule == BROKEN_RULES)
		return;
	r = broken_rule(note->rule);
	utf8_cut(fault->rule, sizeof(fault->rule), r->name);
	if (note->expected[0])
		utf8_cut(fault->expected, sizeof(fault->expected), note->expected);
	utf8_cut(fault->zh, sizeof(fault->zh), r->zh);
	utf8_cut(fault->en, sizeof(fault->en), r->en);
}

/* What its member's reader took, although the sheet has spoiled it.  It may be a sealed one:
 * only the sheet's own word for an error is shown. */
static void refuse_noted(const struct cell_note *note, const json_t *tree,
    struct faults *faults)
{
	const struct broken_rule *r;
	const char *member = note->column->row->member;
	int n = (int)strcspn(member, ".");
	char pointer[96], outer[64];

	snprintf(outer, sizeof(outer), "%.*s", n, member);
	if (note->rule == BROKEN_RULES || !json_object_get(tree, outer))
		return;
	for (size_t i = 0; i < faults->n && i < FAULTS_MAX; i++)
		if (is_for(note->column, note->item, faults->at[i].pointer))
			return;
	r = broken_rule(note->rule);
	if (note->item < 0)
		snprintf(pointer, sizeof(pointer), "/%s", member);
	else
		snprintf(pointer, sizeof(pointer), "/%s/%d%s", outer, note->item, member + n);
	for (char *at = pointer; *at; at++)
		if (*at == '.')
			*at = '/';
	fault_add(faults, pointer, r->name, note->found[0] == '#' ? note->found : NOT_SHOWN,
	    note->expected, r->en, r->zh);
}

const char *cells_heading(const struct columns *columns, const char *pointer)
{
	for (size_t i = 0; i < columns->n; i++)
		if (is_for(&columns->at[i], -1, pointer))
			return columns->at[i].heading;
	return NULL;
}

void cells_explain(const struct columns *columns, const struct cell_notes *notes,
    const json_t *tree, struct faults *faults)
{
	for (size_t k = 0; k < notes->n; k++)
		refuse_noted(&notes->at[k], tree, faults);
	for (size_t i = 0; i < faults->n && i < FAULTS_MAX; i++) {
		struct fault *fault = &faults->at[i];

		const char *heading = cells_heading(columns, fault->pointer);

		if (heading && !fault->column[0])
			utf8_cut(fault->column, sizeof(fault->column), heading);
		for (size_t k = 0; k < notes->n; k++)
			if (is_for(notes->at[k].column, notes->at[k].item, fault->pointer))
				say_note(fault, &notes->at[k]);
	}
}
