/*
 * /v1/returns/{employer}/{district}/{quarter}/lines/{ref}: one line amended, by
 * JSON merge patch, or closed by reason.
 *
 * The patch is laid over the line as it was filed, its interview contact included,
 * and the result is read as every line is.  It is written only if the return is
 * still in the version that was read, so a patch never undoes an amendment that it
 * has not seen; who sends no If-Match does not mind the other lines, and for him
 * it is laid over the newer version, some times.
 */
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/resources.h"
#include "daemon/api/returns.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/return.h"
#include "daemon/codec/single_line.h"
#include "daemon/sheet/fold.h"

#define TRIES_MAX 16

struct amending_line {
	struct ask ask; /* the line as it stands */
	struct return_path path;
	const char *ref, *if_match;
	struct ask amend;
	int tries;
	bool is_amending; /* what is waited for is the amendment, not the line */
};

static enum next read_line(struct flow *f, struct amending_line *g)
{
	g->is_amending = false;
	g->ask = g->amend = (struct ask){ 0 };
	ask_text(&g->ask, g->path.employer);
	ask_text(&g->ask, g->path.district);
	ask_text(&g->ask, g->path.quarter);
	ask_text(&g->ask, g->ref);
	return ask_again(f, &g->ask, LEDGER_READ_RETURN_LINE);
}

static enum next read_request(struct flow *f, void *state)
{
	struct amending_line *g = state;

	ask_return(f, &g->ask, &g->path);
	g->ref = fold(flow_arena(f), flow_request(f)->params[3]);
	g->if_match = return_if_match(f, ask_faults(f, &g->ask));
	return ask_check(f, &g->ask) == STEP_DONE ? STEP_DONE : read_line(f, g);
}

/* A list of one, for the ledger. */
static const char *write_line(struct flow *f, const struct amending_line *g,
    const struct filed_line *line, const char *row)
{
	struct arena *a = flow_arena(f);
	struct single_line l = { *line, g->path.employer, g->path.quarter, "" };
	struct buf b = { 0 };

	memcpy(l.district, g->path.district, sizeof(l.district) - 1);
	buf_putc(&b, '[');
	codec_write_single_line(&b, 1, &l,
	    seal_hex(f, "vacancy", "contact", row, line->interview_contact),
	    contact_key_in(f, a, line->interview_contact));
	buf_putc(&b, ']');
	return buf_to_arena(a, &b);
}

static enum next amend(struct flow *f, struct amending_line *g)
{
	const struct request *r = flow_request(f);
	struct arena *a = flow_arena(f);
	const char *row = vacancy_row(a, g->path.employer, g->path.district, g->ref);
	struct patched_line patched = { 0 };
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
	g->is_amending = true;
	return ask_again(f, &g->amend, LEDGER_AMEND_RETURN_LINE);
}

/* The line has come, or what became of it. */
static enum next amend_or_again(struct flow *f, void *state)
{
	struct amending_line *g = state;

	if (!g->is_amending)
		return amend(f, g);
	if (!g->if_match && ++g->tries < TRIES_MAX &&
	    strcmp(g->amend.reply.code, "version-changed") == 0)
		return read_line(f, g);
	return STEP_NEXT;
}

static enum next answer_amended(struct flow *f, void *state)
{
	const struct amending_line *g = state;

	if (!ask_settle(f, &g->amend))
		return ask_refuse(f, &g->amend);
	tag_version(f, g->amend.reply.body);
	return ask_answer(f, &g->amend, g->amend.reply.body);
}

const struct plan patch_return_line = {
	.name = "PATCH return line",
	.state_size = sizeof(struct amending_line),
	.steps = {
		{ "read", read_request },
		{ "amend", amend_or_again, .again = true },
		{ "answer", answer_amended },
	},
};
