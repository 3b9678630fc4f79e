/*
 * The registers that are rows of config/data/registers.tsv: their members, what each may
 * hold, and what it is called.
 *
 * The rows are read when the program is built (register_rows.c), where a wrong one stops
 * the build; here is what was printed of them.  (`register` is a word of C.)
 */
#ifndef DAEMON_TABLES_REGISTERS_H
#define DAEMON_TABLES_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum member_kind {
	MEMBER_TEXT,  /* min to max characters; no area that a table has */
	MEMBER_HEX,   /* min digits, kept in small letters */
	MEMBER_WHOLE, /* min to max */
	MEMBER_FLAG,
	MEMBER_DAY,    /* not before the member `after`, when stated; no later than today */
	MEMBER_CHOICE, /* of the list `of` */
	MEMBER_PLACE,  /* a division of min digits */
	MEMBER_SEEKER,
	MEMBER_OFFICER,
	MEMBER_EMPLOYER,
	MEMBER_UNIT,   /* a reporting unit, or "city" */
	MEMBER_PERIOD, /* 2007, 2007Q2 or 2007-03 */
	MEMBER_ENTRY   /* an entry of the register `of` */
};

enum member_say {
	SAY_MUST,
	SAY_MAY,
	SAY_ONCE /* must, and is never amended */
};

enum member_list {
	LISTED_NOT,
	LISTED_COLUMN, /* stands in a list and filters it */
	LISTED_SCOPE   /* that too; and by it an entry lies in a division or not */
};

#define MEMBERS_MAX 24 /* of a register */

struct registry_member {
	const char *name, *zh, *en;
	enum member_kind kind;
	enum member_say say;
	enum member_list listed;
	int64_t min, max;
	const char *after; /* NULL: none */
	bool not_to_come, not_an_area;
	const char *of;        /* a list of choices.tsv, or a register; NULL: neither */
	const char *otherwise; /* a choice when none is stated; NULL: none */
	const char *example;   /* in a form; a day's is "today"; NULL: none */
	int choices; /* the list's enum code_list; known only where rows are compiled in */
};

struct registry {
	const char *name; /* "outside-figure" */
	const char *id;   /* the member that names an entry, and its table: "outside_figure" */
	const char *plural; /* of its paths and actions; NULL: it is a part of others */
	const char *zh, *en;
	const struct registry_member *members;
	size_t n;
	bool needs_papers; /* no entry rests on none */
	const char *ends;  /* "end" or "void" */
	struct registry_member reason;
};

extern const struct registry registers[];
extern const size_t n_registers;

/* NULL: there is none of that name. */
const struct registry *registry_named(const char *name);

#endif
