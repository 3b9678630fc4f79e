/*
 * /openapi.yaml: the description of the API, as written by hand in config and
 * read by main at start.
 */
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/resources.h"

static enum next show(struct flow *f, void *state)
{
	const char *text = flow_app(f)->openapi;

	(void)state;
	return flow_reply_as(f, 200, "application/yaml; charset=utf-8", text, strlen(text));
}

const struct plan get_openapi = {
	.name = "GET openapi",
	.state_size = 1,
	.steps = { { "show", show } },
};
