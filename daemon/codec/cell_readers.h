/*
 * Readers of one cell, inside codec only: by what it holds, a value of JSON.
 */
#ifndef DAEMON_CODEC_CELL_READERS_H
#define DAEMON_CODEC_CELL_READERS_H

#include "daemon/codec/cells.h"
#include "daemon/sheet/sheet.h"

struct cell_in {
	const struct codec *c;
	const struct column *column;
	enum cell_kind kind;
	const char *raw;  /* as it stands there */
	const char *text; /* folded */
	struct cell_note *note;
};

/* What is to be said of it; always the text itself, for a reader to refuse. */
json_t *cell_refused(const struct cell_in *in, enum broken rule, const char *expected);
/* It is a number of a spreadsheet that was a code or a text before. */
bool cell_has_lost_digits(const struct cell_in *in);
/* -, 无, 不限 and the like. */
bool cell_is_absence(const char *text);
/* "1,200.5" as 120050 hundredths; where it ends.  False: no such number. */
bool cell_decimal(const char *text, int64_t *hundredths, const char **end);
/* One of 零 to 十, 两, or 半 as half: of a year, six months. */
int cell_chinese_digit(const char *at, size_t *len);

/* NULL: stated to be absent. */
json_t *cell_number(const struct cell_in *in);
json_t *cell_months(const struct cell_in *in);
json_t *cell_day(const struct cell_in *in);
json_t *cell_quarter(const struct cell_in *in);
json_t *cell_period(const struct cell_in *in);
json_t *cell_code(const struct cell_in *in);
json_t *cell_occupation(const struct cell_in *in);
json_t *cell_community(const struct cell_in *in);
json_t *cell_district(const struct cell_in *in);
json_t *cell_term(const struct cell_in *in, const char *list, const char *word);

/* Puts lowest, highest and period into the tree, those that are not there. */
void cell_pay(const struct cell_in *in, json_t *tree);

#endif
