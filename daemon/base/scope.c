/*
 * Scopes compared.  It knows no caller, and which divisions there are is the
 * catalog's to know.
 */
#include "daemon/base/scope.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SHORTEST 4 /* the prefix of a city */

bool scope_within(const char *outer, const char *inner)
{
	size_t n = outer ? strlen(outer) : 0;

	return n >= SHORTEST && inner && strncmp(inner, outer, n) == 0;
}

bool scope_has_place(const char *scope, uint64_t place)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%012" PRIu64, place);
	return scope_within(scope, digits);
}

void scope_narrow(char scope[SCOPE_SIZE], const char *bound)
{
	if (scope_within(scope, bound) && strlen(bound) < SCOPE_SIZE)
		memcpy(scope, bound, strlen(bound) + 1);
	else if (!scope_within(bound, scope))
		memcpy(scope, "-", 2);
}
