/*
 * /v1/placements: reported once, alone or in a list, confirmed by the other side,
 * registered at a community, or void by two officers.
 *
 * Every check is the ledger's, under its locks; nothing is looked up first,
 * because what was true before the lock proves nothing.  The surprising thing: a
 * list is answered with 200 when every one of its items was refused, because each
 * has an answer of its own; and the kept answer has codes, not problems, which are
 * written in the language of whoever asks for it again.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/api/common.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"

static enum next read_placement(struct flow *f, void *state)
{
	return ask_read(f, state, false, codec_read_placement);
}

static enum next record_once(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_REPORT_PLACEMENT);
}

const struct plan post_placement = {
	.name = "POST placement",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_placement },
		{ "record once", record_once },
		{ "answer", answer_reply },
	},
};

static enum next read_list(struct flow *f, void *state)
{
	return ask_read(f, state, false, codec_read_placements);
}

static enum next record_each(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_REPORT_BATCH);
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
	const char *page;
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
	page = arena_strndup(flow_arena(f), b.data, b.len);
	buf_free(&b);
	return flow_reply(f, 200, page);
}

const struct plan post_placements = {
	.name = "POST placements",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_list },
		{ "record each once", record_each },
		{ "answer", answer_each },
	},
};

static enum next read_registration(struct flow *f, void *state)
{
	return ask_read(f, state, true, codec_read_registration);
}

static enum next register_it(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_REGISTER_PLACEMENT);
}

const struct plan register_placement = {
	.name = "POST placement register",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_registration },
		{ "register", register_it },
		{ "answer", answer_reply },
	},
};

/* What changes a placement: its id, the word of the ledger, the body. */
static enum next read_change(struct flow *f, struct ask *ask, const char *what,
    body_reader *read)
{
	enum next next = ask_read(f, ask, true, read);

	if (next != STEP_NEXT)
		return next;
	ask->args[2] = ask->args[1];
	ask->args[1] = ARG_TEXT(what);
	ask->n_args = 3;
	return STEP_NEXT;
}

static enum next change(struct flow *f, void *state)
{
	return ask_ledger(f, state, LEDGER_CHANGE_PLACEMENT);
}

static enum next read_withdrawal(struct flow *f, void *state)
{
	return read_change(f, state, "withdraw", codec_read_withdrawal);
}

const struct plan withdraw_signal = {
	.name = "POST placement withdraw",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_withdrawal },
		{ "withdraw", change },
		{ "answer", answer_reply },
	},
};

static enum next read_voiding(struct flow *f, void *state)
{
	return read_change(f, state, "void", codec_read_voiding);
}

const struct plan void_placement = {
	.name = "POST placement void",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_voiding },
		{ "ask", change },
		{ "answer", answer_reply },
	},
};

static enum next read_undoing(struct flow *f, void *state)
{
	return read_change(f, state, "undo", codec_read_undoing);
}

const struct plan undo_void = {
	.name = "POST placement void undo",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_undoing },
		{ "ask", change },
		{ "answer", answer_reply },
	},
};

static enum next read_decision(struct flow *f, void *state)
{
	return read_change(f, state, "decide", codec_read_decision);
}

const struct plan decide_void = {
	.name = "POST placement void decide",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "read", read_decision },
		{ "decide", change },
		{ "answer", answer_reply },
	},
};

static enum next confirm(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct ask *ask = state;
	enum read_result result;
	struct codec c;
	uint64_t id;

	if (!codec_begin(f, &c))
		return refuse_no_clock(f);
	if (!codec_decimal_id(r->params[0], &id))
		return refuse_missing(f);
	query_only(f, c.faults, NULL, 0);
	result = codec_read_nothing(&c, r->body, r->body_len);
	if (result != READ_OK)
		return refuse_body(f, result, c.faults);
	ask_text(ask, r->params[0]);
	return ask_ledger(f, ask, LEDGER_CONFIRM_PLACEMENT);
}

const struct plan confirm_placement = {
	.name = "POST placement confirm",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "confirm", confirm },
		{ "answer", answer_reply },
	},
};

static enum next look_up(struct flow *f, void *state)
{
	return ask_by_id(f, state, LEDGER_READ_PLACEMENT);
}

const struct plan get_placement = {
	.name = "GET placement",
	.state_size = sizeof(struct ask),
	.steps = {
		{ "look up", look_up },
		{ "answer", answer_reply },
	},
};
