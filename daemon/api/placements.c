/*
 * /v1/placements: reported once, alone or in a list, confirmed by the other side,
 * registered at a community, or void by two officers.
 *
 * Every check is the ledger's, under its locks; nothing is looked up first,
 * because what was true before the lock proves nothing.  A list is answered with
 * 200 when every one of its items was refused, because each has an answer of its
 * own; and the kept answer has codes, not problems, which are written in the
 * language of whoever asks for it again.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/placement.h"

static enum next record_each(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	const char *coded = NULL;
	struct ask *ask = state;
	struct codec c;

	if (ask_codec(f, ask, &c))
		ask_read(ask, codec_read_placements(&c, r->body, r->body_len, &coded));
	ask_text(ask, coded);
	return ask_ledger(f, ask, LEDGER_REPORT_BATCH);
}

/* {"status","code","body"} as the ledger keeps it: the placement, or the problem. */
static void write_item(struct flow *f, struct buf *b, const json_t *item)
{
	const struct request *r = flow_request(f);
	const char *code = json_string_value(json_object_get(item, "code"));
	char *body = json_dumps(json_object_get(item, "body"), JSON_COMPACT);
	size_t n = body ? strlen(body) : 0;

	buf_comma(b);
	buf_puts(b, "{\"status\":");
	buf_putd(b, json_integer_value(json_object_get(item, "status")));
	if (code && strcmp(code, "ok") == 0 && body) {
		buf_puts(b, ",\"placement\":");
		buf_puts(b, body);
	} else {
		buf_puts(b, ",\"problem\":");
		problem_write(b, code ? code : "internal", r->lang, r->id, NULL,
		    n > 2 ? arena_strndup(flow_arena(f), body + 1, n - 2) : NULL);
	}
	buf_putc(b, '}');
	free(body);
}

static enum next answer_each(struct flow *f, void *state)
{
	static const char *const counts[] = { "recorded", "again", "refused" };
	const struct ask *ask = state;
	struct buf b = { 0 };
	json_t *tree, *item;
	size_t i;

	if (!ask_settle(f, ask))
		return ask_refuse(f, ask);
	tree = json_loads(ask->reply.body, 0, NULL);
	buf_putc(&b, '{');
	for (i = 0; i < 3; i++) {
		buf_key(&b, counts[i]);
		buf_putd(&b, json_integer_value(json_object_get(tree, counts[i])));
	}
	buf_key(&b, "items");
	buf_putc(&b, '[');
	json_array_foreach(json_object_get(tree, "items"), i, item) write_item(f, &b, item);
	buf_puts(&b, "]}");
	json_decref(tree);
	return flow_reply(f, 200, buf_to_arena(flow_arena(f), &b));
}

const struct plan post_placements = {
	.name = "POST placements",
	.state_size = sizeof(struct ask),
	.steps = { { "record each once", record_each }, { "answer", answer_each } },
};
