/*
 * Prints the routes, one a line: method, path, roles, whether an
 * Idempotency-Key and a body are needed, the action, behind whom an officer must
 * stand.  test_api_openapi.py compares them
 * with config/openapi.yaml.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/api/app.h"
#include "daemon/catalog/permissions.h"

int main(void)
{
	static const char *const methods[] = { "get", "put", "post", "patch", "delete" };

	struct permissions *p = permissions_read(SOURCE_DIR "/config/data");
	struct route *routes = p ? authorised_routes(p) : NULL;

	if (!routes)
		return 1;
	for (size_t i = 0; i < n_api_routes; i++) {
		const struct route *r = &routes[i];

		printf("%s\t%s\t%s%s%s%s\t%s\t%s\t%s\t%u\n", methods[r->method], r->pattern,
		    r->roles & ROLE_EMPLOYER ? "employer " : "",
		    r->roles & ROLE_AGENCY ? "agency " : "",
		    r->roles & ROLE_BUREAU ? "bureau " : "",
		    r->roles & ROLE_AUDITOR ? "auditor " : "",
		    r->needs_idempotency_key ? "idempotency" : "-",
		    r->needs_length ? "body" : "-", r->action ? r->action : "-", r->actors);
	}
	free(routes);
	permissions_free(p);
	return 0;
}
