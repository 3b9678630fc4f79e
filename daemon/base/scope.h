/*
 * Scopes: the one place that compares them.  A scope is a division and all below
 * it, as the prefix of their codes: "4101" is the whole city, "410105" a district.
 *
 * What is missing or empty holds nothing and lies in nothing; so does "-".
 */
#ifndef DAEMON_BASE_SCOPE_H
#define DAEMON_BASE_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#define SCOPE_SIZE 16 /* of up to twelve digits, with its NUL */

/* Whether `inner` lies in `outer`; either may be NULL. */
bool scope_within(const char *outer, const char *inner);

/* Whether the place of twelve digits lies in the scope. */
bool scope_has_place(const char *scope, uint64_t place);

/* Leave of a scope what lies in `bound` too. */
void scope_narrow(char scope[SCOPE_SIZE], const char *bound);

#endif
