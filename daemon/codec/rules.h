/*
 * The rules that a body can break, each with its name in answers and its
 * sentence for people, in one table.
 */
#ifndef DAEMON_CODEC_RULES_H
#define DAEMON_CODEC_RULES_H

/* "unknown-member" is BROKEN_UNKNOWN_MEMBER. */
enum broken {
#include "daemon/tables/fault_codes.inc"
	BROKEN_RULES
};

struct broken_rule {
	const char *name; /* "unknown-member" */
	const char *zh, *en;
};

const struct broken_rule *broken_rule(enum broken b);
/* NULL: no rule has that name. */
const struct broken_rule *broken_rule_named(const char *name);

#endif
