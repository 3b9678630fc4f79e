/*
 * The routes with their roles, out of the table of authorisation.
 *
 * It decides nothing: a route names its action, the table says who may.  A
 * route whose action the table does not have is a defect, found at start and by
 * --check-config, never a route that is open or closed to everybody in silence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/base/oom.h"
#include "daemon/catalog/permissions.h"

struct route *authorised_routes(const struct permissions *p)
{
	struct route *routes = must_alloc(n_api_routes * sizeof(*routes));

	memcpy(routes, api_routes, n_api_routes * sizeof(*routes));
	for (size_t i = 0; i < n_api_routes; i++) {
		const struct permission *may;

		if (!routes[i].action)
			continue;
		may = permission_of(p, routes[i].action);
		if (!may) {
			fprintf(stderr, "authorisation.tsv: no row for %s, the action of %s\n",
			    routes[i].action, routes[i].pattern);
			free(routes);
			return NULL;
		}
		routes[i].roles = may->roles;
		routes[i].actors = may->actors;
		routes[i].masked = may->masked;
	}
	return routes;
}
