/*
 * /openapi.yaml: the description of the API, as written by hand in config and
 * read by main at start.
 */
#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/resources.h"

static enum next show(struct flow *f, void *state)
{
	(void)state;
	return answer_public(f, "application/yaml; charset=utf-8", flow_app(f)->openapi);
}

const struct plan get_openapi = {
	.name = "GET openapi",
	.state_size = 1,
	.steps = { { "show", show } },
};
