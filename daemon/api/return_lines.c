/*
 * /v1/returns/{employer}/{district}/{quarter}/lines/{ref}: one line amended, by
 * JSON merge patch, or closed by reason.
 *
 * The patch is laid over the line as it was filed, its interview contact
 * included, and the result is read as every line is.  The surprising thing: it
 * is written only if the return is still in the version that was read, so a patch
 * never undoes an amendment that it has not seen.
 */
#include <string.h>

#include "daemon/api/resources.h"
#include "daemon/api/returns.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"

struct amending {
	struct ask ask; /* the line as it stands */
	struct return_path path;
	const char *ref, *if_match;
	struct ask amend;
};

static enum next read_line(struct flow *f, void *state)
{
	struct amending *g = state;

	ask_return(f, &g->ask, &g->path);
	g->ref = flow_request(f)->params[3];
	g->if_match = return_if_match(f, ask_faults(f, &g->ask));
	ask_text(&g->ask, g->ref);
	return ask_ledger(f, &g->ask, LEDGER_READ_RETURN_LINE);
}

/* A list of one, for the ledger. */
static const char *write_line(struct flow *f, const struct amending *g,
    const struct filed_line *line, const char *row)
{
	struct arena *a = flow_arena(f);
	struct offered_line l = { *line, g->path.employer, g->path.quarter, "" };
	struct buf b = { 0 };
	const char *list;

	memcpy(l.district, g->path.district, sizeof(l.district) - 1);
	buf_putc(&b, '[');
	codec_write_offered(&b, 1, &l,
	    seal_hex(f, "vacancy", "contact", row, line->interview_contact),
	    contact_key_in(f, a, line->interview_contact));
	buf_putc(&b, ']');
	list = arena_strndup(a, b.data, b.len);
	buf_free(&b);
	return list;
}

static enum next amend(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct amending *g = state;
	struct arena *a = flow_arena(f);
	struct patched_line patched = { 0 };
	const char *row = vacancy_row(a, g->path.employer, g->path.district, g->ref);
	const char *version;
	struct codec c;

	if (!ask_settle(f, &g->ask))
		return ask_refuse(f, &g->ask);
	if (ask_codec(f, &g->amend, &c))
		ask_read(&g->amend,
		    codec_read_line_patch(&c, r->body, r->body_len, g->path.district,
			g->ask.reply.body, unseal(f, &g->ask.reply, "vacancy", "contact", row),
			&patched));
	if (ask_check(f, &g->amend) == STEP_DONE)
		return STEP_DONE;
	version = g->if_match
		      ? g->if_match
		      : arena_printf(a, "%lld",
			    (long long)codec_member_number(g->ask.reply.body, "version"));
	ask_text(&g->amend, g->path.employer);
	ask_text(&g->amend, g->path.district);
	ask_text(&g->amend, g->path.quarter);
	ask_text(&g->amend, g->ref);
	ask_text(&g->amend, patched.closing ? NULL : write_line(f, g, &patched.line, row));
	ask_text(&g->amend, patched.closing);
	ask_text(&g->amend, version);
	return ask_ledger(f, &g->amend, LEDGER_AMEND_RETURN_LINE);
}

static enum next answer_amended(struct flow *f, void *state)
{
	const struct amending *g = state;

	if (!ask_settle(f, &g->amend))
		return ask_refuse(f, &g->amend);
	tag_version(f, g->amend.reply.body);
	return ask_answer(f, &g->amend, g->amend.reply.body);
}

const struct plan patch_return_line = {
	.name = "PATCH return line",
	.state_size = sizeof(struct amending),
	.steps = {
		{ "read", read_line },
		{ "amend", amend },
		{ "answer", answer_amended },
	},
};
