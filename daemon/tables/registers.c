/*
 * Finding one of the registers that were printed.
 */
#include "daemon/tables/registers.h"

#include <string.h>

const struct registry *registry_named(const char *name)
{
	for (size_t i = 0; i < n_registers; i++)
		if (strcmp(registers[i].name, name) == 0)
			return &registers[i];
	return NULL;
}

const struct registry *registry_of_plural(const char *plural, size_t n)
{
	for (size_t i = 0; i < n_registers; i++) {
		const char *known = registers[i].plural;

		if (known && strlen(known) == n && memcmp(known, plural, n) == 0)
			return &registers[i];
	}
	return NULL;
}
