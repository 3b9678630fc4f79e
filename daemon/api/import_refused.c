/*
 * GET /v1/imports/{import}/receipts: as they were answered, or, to whoever accepts a sheet, the
 * refused records as one, to be mended and sent again.
 */
#include <unistd.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/import_receipts.h"
#include "daemon/api/list_file.h"
#include "daemon/api/refused_sheet.h"
#include "daemon/api/resources.h"
#include "daemon/codec/ledger_answer.h"

struct receipts_asked {
	struct ask ask;
	struct refused_sheet *sheet;
};

static enum next find_file(struct flow *f, void *state)
{
	struct receipts_asked *r = state;

	ask_text(&r->ask, flow_request(f)->params[0]);
	return ask_ledger(f, &r->ask, LEDGER_READ_RECEIPTS);
}

static enum next answer_sheet(struct flow *f, struct receipts_asked *r, enum sheet_kind kind)
{
	size_t len;
	int file = refused_sheet_take(r->sheet, &len);

	return file < 0 ? flow_refuse(f, "busy", NULL, NULL)
			: flow_reply_file(f, 200,
			      kind == SHEET_XLSX ? TYPE_XLSX : TYPE_CSV "; charset=utf-8", file,
			      len);
}

static enum next answer_receipts(struct flow *f, void *state)
{
	const char *dir = flow_app(f)->imports.dir, *name;
	struct receipts_asked *r = state;
	enum sheet_kind kind;
	size_t len;
	int file;

	if (r->sheet)
		return wants_file(flow_request(f), &kind) ? answer_sheet(f, r, kind)
							  : STEP_DONE;
	if (!ask_settle(f, &r->ask))
		return ask_refuse(f, &r->ask);
	name = codec_member_text(flow_arena(f), r->ask.reply.body, "file");
	file = receipts_read(dir, name, &len);
	if (file < 0)
		return flow_refuse(f, "receipts-gone", NULL, NULL);
	if (!wants_file(flow_request(f), &kind))
		return flow_reply_file(f, 200, "application/x-ndjson", file, len);
	close(file);
	r->sheet = refused_sheet_new(flow_app(f)->vault, dir, name, kind,
	    flow_request(f)->lang == LANG_ZH);
	return flow_aside(f, refused_sheet_make, r->sheet);
}

static void release(void *state)
{
	refused_sheet_free(((struct receipts_asked *)state)->sheet);
}

const struct plan get_receipts = {
	.name = "GET receipts",
	.state_size = sizeof(struct receipts_asked),
	.release = release,
	.steps = { { "find file", find_file }, { "answer", answer_receipts, .again = true } },
};
