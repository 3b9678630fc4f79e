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
