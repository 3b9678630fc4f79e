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

/* What a row says for enum member_kind (of an entry the register's name stands there) and for
 * enum member_say. */
extern const char *const member_kinds[], *const member_says[];

/* One set of rows, kept until the program ends.  NULL: a row is wrong; file, line and what
 * would be right went to stderr. */
MUST_CHECK const struct register_rows *register_rows_read(const char *data_dir);

#endif
