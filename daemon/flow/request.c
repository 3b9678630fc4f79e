/*
 * Looking things up in a request.
 *
 * It knows nothing of HTTP: the names and values were decoded and checked
 * before the request was made, and no name occurs twice.
 */
#include "daemon/flow/request.h"

#include <string.h>

const char *method_name(enum method m)
{
	static const char *const names[] = {
		[METHOD_GET] = "GET",
		[METHOD_PUT] = "PUT",
		[METHOD_POST] = "POST",
		[METHOD_PATCH] = "PATCH",
		[METHOD_DELETE] = "DELETE",
	};

	return names[m];
}

const char *request_query(const struct request *r, const char *name)
{
	for (size_t i = 0; i < r->n_query; i++)
		if (strcmp(r->query[i].name, name) == 0)
			return r->query[i].value;
	return NULL;
}

bool request_masks(const struct request *r, const char *field)
{
	const char *at = r->masked;
	size_t n = strlen(field);

	while (at && *at) {
		size_t len = strcspn(at, ",");

		if (len == n && strncmp(at, field, n) == 0)
			return true;
		at += len + (at[len] == ',');
	}
	return false;
}
