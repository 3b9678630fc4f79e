/*
 * Templates: a text that is printed once for each register, with what its rows say in it.
 *
 * A word between two @ stands for something of the register; a line that begins with %, for
 * several lines.  Whoever prints says what, beside the words that every template has: name, id,
 * plural, en, zh, ends, and Name and Names as schemas are called.
 */
#ifndef DAEMON_TABLES_TEMPLATE_H
#define DAEMON_TABLES_TEMPLATE_H

#include <stdio.h>

#include "daemon/tables/register_rows.h"

struct template
{
	const char *path, *part_path; /* of registers, of parts; NULL: none */
	void (*put_word)(FILE * out, const char *word, const struct registry *r);
	/* NULL: no line is one; false: said why. */
	bool (*put_lines)(FILE * out, const char *line, const char *data_dir,
	    const struct registry *r);
};

/* False: what is wrong went to stderr. */
MUST_CHECK bool template_print(const struct template *t, const char *data_dir, FILE *out);

#endif
