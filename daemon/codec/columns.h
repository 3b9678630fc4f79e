/*
 * Columns of a file that people send: which there are of each kind (config/data/columns.tsv,
 * and of registers registers.tsv), and which of them a file has, by its headings.
 */
#ifndef DAEMON_CODEC_COLUMNS_H
#define DAEMON_CODEC_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/catalog/catalog.h"
#include "daemon/tables/choices.h"

struct arena;
struct codec;
struct sheet_row;

#define COLUMNS_MAX 64
#define NO_LIST     ((enum code_list)0)

enum cell_reading {
	AS_IGNORED, /* a running number and the like: nothing of it is kept */
	AS_SHOWN,   /* what lists only show: passed over, and told of */
	AS_GROUP,   /* rows that say the same there, or nothing, are one record */
	AS_TEXT,
	AS_CODE, /* of ours or theirs: folded, and never a number that a sheet has rounded */
	AS_NUMBER,
	AS_YUAN,
	AS_MONTHS,
	AS_YEARS, /* several of them */
	AS_FLAG,
	AS_DAY,
	AS_QUARTER,
	AS_PERIOD, /* a year, a quarter or a month */
	AS_CHOICE,
	AS_CHOICES,
	AS_OCCUPATION,
	AS_OCCUPATIONS,
	AS_COMMUNITY,
	AS_DISTRICT,
	AS_SKILLS,
	AS_LICENCES,
	AS_PAY /* lowest, highest and period in one cell */
};

struct column_row {
	const char *kind, *member; /* "hukou.type" */
	bool is_each; /* "experience.months" is of each thing of a list: the cell has several */
	enum cell_reading as;
	enum code_list list;
	const char *headers; /* "编号|岗位编号", folded, without blanks, brackets and stars */
};

/* A column of a file. */
struct column {
	const struct column_row *row; /* NULL: it has no heading, and nothing may stand in it */
	const char *heading;          /* as the file has it */
	const char *unit; /* "元/月", "年": what stands in brackets; "" for nothing */
};
struct columns {
	size_t n;
	struct column at[COLUMNS_MAX];
};

/* No member is read from its cells. */
bool columns_pass_over(enum cell_reading as);
/* Of all rows of the table, the i-th of this kind; NULL past the last. */
const struct column_row *columns_row(const char *kind, size_t i);
/* The table as a list of codes: each kind, and under it a member with its headings. */
void columns_list(code_visitor *each, void *arg);
/* The heading under which an earlier refusal stands, and whether that is one: it is passed over
 * in files of every kind. */
const char *columns_refusal(bool is_zh);
bool columns_is_refusal(const char *heading);
/* How many cells of the row are headings of the kind. */
size_t columns_known(const char *kind, struct arena *scratch, const struct sheet_row *row);
/* The row as headings, kept in `memory`; false: the faults say why. */
bool columns_read(const struct codec *c, const char *kind, struct arena *memory,
    const struct sheet_row *row, struct columns *out);

#endif
