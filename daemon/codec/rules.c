/*
 * The table of rules, from config/data/faults.tsv.  The names are part of the
 * API: clients branch on them.  A sentence says what is wrong and what to do; the
 * place stands in the fault's pointer and the particulars in `found` and `expected`.
 * Two rows are only sentences, which no client meets as a name: range-of-days of `range`,
 * date-written of `date`.
 */
#include "daemon/codec/rules.h"

#include <string.h>

static const struct broken_rule rules[BROKEN_RULES] = {
#include "daemon/tables/fault_rows.inc"
};

const struct broken_rule *broken_rule(enum broken b)
{
	return &rules[b];
}

const struct broken_rule *broken_rule_named(const char *name)
{
	for (size_t i = 0; i < BROKEN_RULES; i++)
		if (strcmp(rules[i].name, name) == 0)
			return &rules[i];
	return NULL;
}
