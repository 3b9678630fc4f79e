/*
 * The short lists of codes (config/data/choices.tsv), compiled in: what the daemon
 * reads, answers and explains in one place.
 *
 * The build refuses a wrong table (choice_rows.c), so every look-up here succeeds
 * or says that the word is none of the list.
 */
#ifndef DAEMON_TABLES_CHOICES_H
#define DAEMON_TABLES_CHOICES_H

#include <stddef.h>

#include "daemon/tables/choice_codes.h" /* printed by the build */

struct choice {
	const char *code, *zh, *en;
	const char *parent; /* "" at the top */
	const char *definition_zh, *definition_en;
	const char *spellings; /* "全职|全日"; "" for none */
};

struct choice_list {
	const char *name; /* "closing-reasons" */
	const struct choice *rows;
	size_t n;
	const char *codes; /* with commas between */
};
extern const struct choice_list choice_lists[LISTS];

/* The place of a code in its list, as SHIFTS_NIGHT; -1: no such code. */
int choice_find(enum code_list list, const char *code);
/* The same by any word people write: code, either name, or another spelling. */
int choice_find_word(enum code_list list, const char *word);
/* "day, evening, night, rotating" */
const char *choice_codes(enum code_list list);
/* The code at a place; NULL below 0. */
const char *choice_code(enum code_list list, int place);

#endif
