/*
 * What vacancyctl knows of the registers: the members of each, as they were printed from
 * config/data/registers.tsv.
 */
#ifndef CLIENTS_CLI_REGISTER_COMMANDS_H
#define CLIENTS_CLI_REGISTER_COMMANDS_H

#include "clients/cli/ctl.h"

struct register_member {
	const char *noun, *name, *en, *zh;
	char kind; /* n a number, f yes or no, c a code, t a text; 0: the entry itself */
	const char *codes; /* "skills, changing"; "" when it is no code */
};

/* A member of the register whose command this is, or else of any; NULL: of none. */
const struct register_member *register_member(const struct command *k, const char *name);

/* The answer of a register's command with its members in the order of registers.tsv, the number
 * first; another's as it is.  To be released. */
json_t *register_ordered(const struct command *k, const json_t *answer);

#endif
