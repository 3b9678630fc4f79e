/*
 * The table of the operator's routes, and what their plans share.
 *
 * No route asks for a key: keys are made here, and whoever may open the socket
 * is the operator.
 */
#include "daemon/admin/admin.h"

#include <string.h>

#include "daemon/admin/admin_plans.h"
#include "daemon/api/ask.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"

/* clang-format off */
#define PROBES                                                                                 \
	{ METHOD_GET, "/livez", &get_livez },                                                  \
	{ METHOD_GET, "/readyz", &get_readyz },                                                \
	{ METHOD_GET, "/metrics", &get_metrics }
/* clang-format on */

const struct route probe_routes[] = { PROBES };
const size_t n_probe_routes = COUNT(probe_routes);

const struct route admin_routes[] = {
	PROBES,
	{ METHOD_GET, "/keys", &get_keys },
	{ METHOD_POST, "/keys", &post_key, .needs_length = true },
	{ METHOD_POST, "/keys/{kid}/revoke", &post_key_revocation },
	{ METHOD_POST, "/keys/{kid}/rotate", &post_key_rotation },
	{ METHOD_POST, "/keys/{kid}/officers", &post_first_officer, .needs_length = true },
	{ METHOD_POST, "/officers/{officer}/code", &post_officer_code },
	{ METHOD_GET, "/clock", &get_clock },
	{ METHOD_POST, "/clock", &post_clock, .needs_length = true },
	{ METHOD_POST, "/board/rebuild", &post_board_rebuild },
	{ METHOD_POST, "/board/verify", &post_board_verification },
};
const size_t n_admin_routes = COUNT(admin_routes);

struct admin *flow_admin(struct flow *f)
{
	return (struct admin *)(void *)flow_app(f);
}

enum next admin_reply(struct flow *f, int status, const char *content_type, struct buf *b)
{
	const char *text = arena_strndup(flow_arena(f), b->data, b->len);
	size_t len = b->len;

	buf_free(b);
	return flow_reply_as(f, status, content_type, text, len);
}

enum next admin_ledger(struct flow *f, struct ask *ask, enum ledger_op op)
{
	const struct app *app = flow_app(f);

	if (ask_check(f, ask) == STEP_DONE)
		return STEP_DONE;
	ask->who = (struct caller){
		.city = app->city,
		.kid = "admin",
		.actor = arena_printf(flow_arena(f), " %s", flow_request(f)->id),
	};
	ledger_call(app->ledger, op, &ask->who, ask->args, ask->n_args, flow_arena(f),
	    &ask->reply, flow_resume(f));
	return STEP_WAIT;
}

enum next admin_show_once(struct flow *f, const struct reply *r, const char *name,
    const char *secret)
{
	struct buf b = { 0 };
	enum next next;

	if (strcmp(r->code, "ok") != 0)
		return flow_refuse(f, r->code, NULL, r->body);
	buf_putc(&b, '{');
	buf_key(&b, name);
	buf_json(&b, secret);
	if (strcmp(r->body, "{}") != 0)
		buf_putc(&b, ',');
	buf_puts(&b, r->body + 1);
	next = flow_reply(f, r->status, arena_strndup(flow_arena(f), b.data, b.len));
	explicit_bzero(b.data, b.len);
	buf_free(&b);
	return next;
}
