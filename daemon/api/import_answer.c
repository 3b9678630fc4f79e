/*
 * What is answered of an import: its receipts with the totals behind them when it has ended,
 * and either of them to whoever asks again.
 *
 * The sum is proved before it is sent: every line of the file stands in one receipt, is blank
 * is the header, or is none and named.
 */
#include <string.h>
#include <unistd.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/import.h"
#include "daemon/api/import_receipts.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/log/log.h"

static enum next answer_file(struct flow *f, int file, size_t len)
{
	return flow_reply_file(f, 200, "application/x-ndjson", file, len);
}

/* What a file comes to that was only tried. */
static const char *totals_of_trial(struct flow *f, const struct import *i)
{
	return arena_printf(flow_arena(f),
	    "{\"validated\":true,\"kind\":\"%s\",\"format\":\"%s\",\"state\":\"%s\","
	    "\"records\":%zu,\"added\":%zu,\"changed\":%zu,\"unchanged\":%zu,\"refused\":%zu}",
	    i->kind.name, i->format, import_end(f, i), receipts_count(i->in.receipts),
	    i->in.tally.added, i->in.tally.changed, i->in.tally.unchanged, i->in.n_refused);
}

/* The totals, and what became of every line of the file.  NULL: one is in no receipt and is
 * none of those that have none, or is in two. */
static const char *totals_of(struct flow *f, const struct import *i)
{
	const char *totals = i->is_trial ? totals_of_trial(f, i) : i->ask.reply.body;
	struct row_counts counts = rows_counts(i->in.rows);
	uint64_t told_of =
	    i->in.n_in_records + counts.blank + counts.header + counts.passed_over;
	bool is_whole = i->in.is_read && !i->in.is_stopped;
	size_t n = strlen(totals);
	struct buf b = { 0 };

	if (is_whole && counts.lines != told_of)
		return NULL;
	if (!i->is_trial && receipts_count(i->in.receipts) != import_told_records(i))
		return NULL;
	if (n && totals[n - 1] == '}')
		n--;
	buf_put(&b, totals, n);
	buf_key(&b, "file");
	buf_putc(&b, '{');
	buf_key(&b, "total");
	buf_putu(&b, is_whole ? counts.lines : told_of);
	buf_key(&b, "blank");
	buf_putu(&b, counts.blank);
	buf_key(&b, "header");
	buf_putu(&b, counts.header);
	if (counts.passed_over) {
		buf_key(&b, "no_records");
		buf_putu(&b, counts.passed_over);
	}
	rows_put_left_out(i->in.rows, &b);
	buf_puts(&b, "}}\n");
	return buf_to_arena(flow_arena(f), &b);
}

static enum next refuse_without_room(struct flow *f, struct import *i, const char *slug)
{
	intake_without_room(f, &i->in, slug);
	return intake_refuse(f, &i->in);
}

/* The last line, and all of them. */
static enum next answer_totals(struct flow *f, struct import *i)
{
	const char *totals = totals_of(f, i);
	int file;

	if (!totals) {
		log_event(LOG_LEVEL_ERROR, "import.sum", "request", flow_request(f)->id, NULL);
		return flow_refuse(f, "internal", NULL, NULL);
	}
	if (!receipts_put(i->in.receipts, totals, strlen(totals)))
		return refuse_without_room(f, i, "outcome-unknown");
	file = receipts_let_go(i->in.receipts);
	if (file < 0)
		return refuse_without_room(f, i, "outcome-unknown");
	if (i->in.position[0])
		flow_header(f, "Consistency-Token", i->in.position);
	return answer_file(f, file, receipts_bytes(i->in.receipts));
}

/* All of it had been taken before; but whoever took it may have died before it wrote the end.
 */
static enum next answer_kept(struct flow *f, struct import *i)
{
	const char *dir = flow_app(f)->imports.dir;
	size_t len;
	int file = receipts_read(dir, i->file, &len);

	if (file >= 0 && receipts_have_end(file, len))
		return answer_file(f, file, len);
	if (file >= 0)
		close(file);
	else if (i->in.known.upto)
		return flow_refuse(f, "receipts-gone", NULL, NULL);
	if (!i->in.is_read || i->in.is_stopped)
		return flow_refuse(f, "deadline", NULL, NULL);
	i->in.receipts = receipts_open(dir, i->file);
	if (!i->in.receipts)
		return refuse_without_room(f, i, "busy");
	return import_answer_found(f, i);
}

enum next import_answer_found(struct flow *f, struct import *i)
{
	const size_t upto = i->in.known.upto;
	enum receipts_found found = receipts_find(i->in.receipts, upto, upto);

	if (found == RECEIPTS_SOUGHT)
		return flow_yield(f);
	if (found != RECEIPTS_WHOLE)
		return flow_refuse(f, "receipts-gone", NULL, NULL);
	return answer_totals(f, i);
}

enum next import_answer(struct flow *f, struct import *i)
{
	return i->in.known.is_over ? answer_kept(f, i) : answer_totals(f, i);
}

static enum next look_up(struct flow *f, void *state)
{
	ask_text(state, flow_request(f)->params[0]);
	return ask_ledger(f, state, LEDGER_READ_IMPORT);
}

const struct plan get_import = {
	.name = "GET import",
	.state_size = sizeof(struct ask),
	.steps = { { "look up", look_up }, { "answer", answer_reply } },
};
