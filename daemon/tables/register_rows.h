/*
 * registers.tsv and choices.tsv, read while the program is built.
 *
 * For programs that print from them; the daemon has the rows compiled in (registers.h).
 */
#ifndef DAEMON_TABLES_REGISTER_ROWS_H
#define DAEMON_TABLES_REGISTER_ROWS_H

#include "daemon/base/status.h"
#include "daemon/tables/choice_rows.h"
#include "daemon/tables/registers.h"

#define REGISTERS_MAX 40
struct register_rows {
	char *text; /* into which all names point */
	struct choice_rows choices;
	struct registry registers[REGISTERS_MAX];
	size_t n;
	struct registry_member members[REGISTERS_MAX][MEMBERS_MAX];
};

/* False: a row is wrong; file, line and what would be right went to stderr. */
MUST_CHECK bool register_rows_read(struct register_rows *out, const char *data_dir);

#endif
