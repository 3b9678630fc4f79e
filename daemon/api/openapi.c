/*
 * /openapi.yaml: the description of the API, as it stands in config; /openapi.json: the same as
 * JSON.  Both are put into the program by the build.
 */
#include "daemon/api/app.h"
#include "daemon/api/public_texts.h"
#include "daemon/api/resources.h"

static enum next show(struct flow *f, void *state)
{
	(void)state;
	if (answer_kept(f))
		return STEP_DONE;
	return answer_public(f, "application/yaml; charset=utf-8", flow_app(f)->openapi);
}

const struct plan get_openapi = {
	.name = "GET openapi",
	.state_size = 1,
	.steps = { { "show", show } },
};

static enum next show_json(struct flow *f, void *state)
{
	(void)state;
	if (answer_kept(f))
		return STEP_DONE;
	return answer_public(f, "application/json", flow_app(f)->openapi_json);
}

const struct plan get_openapi_json = {
	.name = "GET openapi as JSON",
	.state_size = 1,
	.steps = { { "show", show_json } },
};
