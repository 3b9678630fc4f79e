/*
 * Prints the routes, one a line: method, path, roles, whether an
 * Idempotency-Key and a body are needed.  test_api_openapi.py compares them
 * with config/openapi.yaml.
 */
#include <stdio.h>

#include "daemon/api/app.h"

int main(void)
{
	static const char *const methods[] = { "get", "put", "post", "patch", "delete" };

	for (size_t i = 0; i < n_api_routes; i++) {
		const struct route *r = &api_routes[i];

		printf("%s\t%s\t%s%s%s%s\t%s\t%s\n", methods[r->method], r->pattern,
		    r->roles & ROLE_EMPLOYER ? "employer " : "",
		    r->roles & ROLE_AGENCY ? "agency " : "",
		    r->roles & ROLE_BUREAU ? "bureau " : "",
		    r->roles & ROLE_AUDITOR ? "auditor " : "",
		    r->needs_idempotency_key ? "idempotency" : "-",
		    r->needs_length ? "body" : "-");
	}
	return 0;
}
