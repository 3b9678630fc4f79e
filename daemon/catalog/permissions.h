/*
 * The table of authorisation (authorisation.tsv): which role may do what, behind
 * whom a person must stand, and which members of an answer a role does not see.
 *
 * The ledger reads the same file, and both gates must open.
 */
#ifndef DAEMON_CATALOG_PERMISSIONS_H
#define DAEMON_CATALOG_PERMISSIONS_H

#include <stddef.h>

struct permissions;

#define PERMISSION_ROLES 9 /* 1 employer, 2 agency, 4 bureau, 8 auditor */

struct permission {
	const char *action; /* "seekers.read" */
	unsigned roles;     /* those that may */
	unsigned actors;    /* those of them behind whom an officer must stand */
	const char
	    *masked[PERMISSION_ROLES]; /* by role: "rank,household"; "" or NULL: nothing */
};

/* NULL: the reason went to stderr (file, line, what). */
struct permissions *permissions_read(const char *data_dir);
void permissions_free(struct permissions *p);
/* NULL: nobody may. */
const struct permission *permission_of(const struct permissions *p, const char *action);
const struct permission *permissions_all(const struct permissions *p, size_t *n);

#endif
