/*
 * Look-ups in the compiled lists: by code, and by what people write for one.
 */
#include "daemon/tables/choices.h"

#include <string.h>
#include <strings.h>

#include "daemon/tables/tsv.h"

int choice_find(enum code_list list, const char *code)
{
	const struct choice_list *l = &choice_lists[list];

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->rows[i].code, code) == 0)
			return (int)i;
	return -1;
}

int choice_find_word(enum code_list list, const char *word)
{
	const struct choice_list *l = &choice_lists[list];

	for (size_t i = 0; i < l->n; i++) {
		const struct choice *r = &l->rows[i];

		if (strcasecmp(r->code, word) == 0 || strcasecmp(r->zh, word) == 0 ||
		    strcasecmp(r->en, word) == 0 ||
		    tsv_has_word(r->spellings, word, strlen(word)))
			return (int)i;
	}
	return -1;
}

const char *choice_codes(enum code_list list)
{
	return choice_lists[list].codes;
}

const char *choice_code(enum code_list list, int place)
{
	return place < 0 ? NULL : choice_lists[list].rows[place].code;
}
