/*
 * /v1/imports: a file of many records of one kind (import_kinds.c), NDJSON, CSV or XLSX:
 * whether it may begin, from where it goes on, and its end in the ledger.
 *
 * The body is taken as it comes (import_intake.c).  Receipts go to a file that is kept
 * (import_receipts.c) and are answered when the body has ended (import_answer.c), because a
 * client that sends everything before it reads would else wait for us while we wait for it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/import.h"
#include "daemon/api/import_receipts.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/refused_rows.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/clock.h"
#include "daemon/base/count.h"
#include "daemon/codec/ledger_answer.h"

#define IMPORTS_MAX 8 /* at a time, of one worker */

/* Whose imports are under way: the digests of their organisations. */
static char under_way[IMPORTS_MAX][sizeof(((struct principal *)0)->organisation)];

/* False: too many, of all or of this organisation. */
static bool take_place(struct import *i, const char *organisation, int at_once)
{
	int its = 0, place = 0;

	for (int k = 0; k < IMPORTS_MAX; k++) {
		if (!under_way[k][0])
			place = k + 1;
		its += strcmp(under_way[k], organisation) == 0;
	}
	if (!place || its >= at_once)
		return false;
	snprintf(under_way[place - 1], sizeof(under_way[0]), "%s", organisation);
	i->place = place;
	return true;
}

static const char *header_word(const char *at, char *out, size_t n)
{
	size_t len;

	at += strspn(at, " \t");
	len = strcspn(at, ";");
	snprintf(out, n, "%.*s", (int)len, at);
	for (len = strlen(out); len && (out[len - 1] == ' ' || out[len - 1] == '"'); len--)
		out[len - 1] = '\0';
	at += strcspn(at, ";");
	return *at ? at + 1 : NULL;
}

static const struct {
	const char *type, *format;
	enum sheet_kind form;
} types[] = {
	{ "application/x-ndjson", "ndjson", SHEET_NDJSON },
	{ "text/csv", "csv", SHEET_CSV },
	{ TYPE_XLSX, "xlsx", SHEET_XLSX },
};

/* "text/csv; charset=gb18030" */
static bool read_type(const char *type, struct import *i)
{
	char word[80] = "";
	const char *at = type ? header_word(type, word, sizeof(word)) : NULL;

	for (size_t k = 0; k < COUNT(types); k++)
		if (strcasecmp(word, types[k].type) == 0) {
			i->form = types[k].form;
			i->format = types[k].format;
		}
	if (!i->format)
		return false;
	while (at) {
		at = header_word(at, word, sizeof(word));
		if (strncasecmp(word, "charset=", 8) != 0)
			continue;

		const char *name = word + 8 + (word[8] == '"');

		snprintf(i->charset, sizeof(i->charset), "%s", name);
	}
	return true;
}

static void release_import(void *state)
{
	struct import *i = state;

	if (i->place)
		under_way[i->place - 1][0] = '\0';
	intake_release(&i->in);
}

/* ?kind=; returns when it is not said. */
static void read_query(struct flow *f, struct import *i)
{
	static const char *const known[] = { "kind", "validate" };
	static const char *const only[] = { "only" };
	const char *name = request_query(flow_request(f), "kind");
	struct faults *fs = ask_faults(f, &i->ask);

	ask_parameters(f, &i->ask, known, COUNT(known));
	if (!import_kind_named(name ? name : "returns", &i->kind))
		query_fault(f, fs, "kind", "choice", name, import_kind_names(f));
	i->is_trial = query_word(f, fs, "validate", only, 1) != NULL;
}

/* False: there is no such charset. */
static bool begin_rows(struct import *i, const char *dir)
{
	const struct sheet_limits limits = {
		.record_bytes = ROW_BYTES_MAX,
		.columns = ROW_CELLS_MAX,
		.dir = dir,
		.cells = 20000000,
		.rows = 1048576,
		.cell_bytes = ROW_BYTES_MAX,
		.entries = 1000,
		.strings = 5000000,
		.inflated_bytes = (size_t)2 << 30,
		.ratio = 200,
		.file_bytes = (int64_t)256 << 20,
	};

	i->in.rows =
	    rows_new(i->form, i->kind.name, &limits, i->charset[0] ? i->charset : NULL);
	return i->in.rows != NULL;
}

static enum next open_import(struct flow *f, void *state)
{
	const struct import_limits *limits = &flow_app(f)->imports;
	const struct request *r = flow_request(f);
	struct import *i = state;

	read_query(f, i);
	if (ask_check(f, &i->ask) == STEP_DONE)
		return STEP_DONE;
	if (!read_type(r->content_type, i) || !begin_rows(i, limits->dir)) {
		struct faults *fs = ask_faults(f, &i->ask);

		input_fault(fs, "header/Content-Type", "type", r->content_type,
		    "application/x-ndjson, " TYPE_XLSX
		    " or text/csv; charset: utf-8, gb18030, utf-16, or none");
		return flow_refuse(f, "unsupported-media-type", fs, NULL);
	}
	if (!ask_codec(f, &i->ask, &i->in.codec))
		return ask_check(f, &i->ask);
	i->in.codec.faults = &i->in.faults;
	if (!take_place(i, r->who->organisation, limits->at_once))
		return flow_refuse(f, "busy", NULL, NULL);
	i->in.kind = &i->kind;
	i->in.until_ms = clock_ms() + limits->deadline_ms;
	i->in.gathering = import_batch_new(&i->kind, flow_request(f)->lang);
	i->in.sent = import_batch_new(&i->kind, flow_request(f)->lang);
	ask_text(&i->ask, i->kind.name);
	if (i->is_trial)
		return ask_ledger(f, &i->ask, LEDGER_TRY_IMPORT);
	ask_text(&i->ask, r->idempotency_key);
	ask_text(&i->ask, i->format);
	return ask_ledger(f, &i->ask, LEDGER_OPEN_IMPORT);
}

static size_t told(const struct import *i, const char *member)
{
	int64_t n = codec_member_number(i->ask.reply.body, member);

	return n > 0 ? (size_t)n : 0;
}

size_t import_told_records(const struct import *i)
{
	return told(i, "added") + told(i, "changed") + told(i, "unchanged") +
	       told(i, "refused");
}

static void note_known(struct flow *f, struct import *i)
{
	const char *body = i->ask.reply.body;
	const char *digest = codec_member_text(flow_arena(f), body, "digest");
	const char *ended = codec_member_text(flow_arena(f), body, "state");
	struct import_known *k = &i->in.known;

	k->upto = k->pass_upto = import_told_records(i);
	snprintf(k->digest, sizeof(k->digest), "%s", digest ? digest : "");
	k->is_over = ended && strcmp(ended, "complete") == 0;
	i->in.n_refused = told(i, "refused");
	i->in.employer = codec_member_text(flow_arena(f), body, "employer");
	i->file = codec_member_text(flow_arena(f), body, "file");
}

static enum next note_opened(struct flow *f, void *state)
{
	const struct import_limits *limits = &flow_app(f)->imports;
	struct import *i = state;

	if (!ask_settle(f, &i->ask))
		return ask_refuse(f, &i->ask);
	note_known(f, i);
	if (i->in.known.is_over)
		return STEP_NEXT;
	receipts_sweep(limits->dir, (size_t)limits->kept_bytes);
	i->in.receipts = receipts_open(limits->dir, i->file);
	if (!i->in.receipts && errno == EWOULDBLOCK)
		return flow_refuse(f, "busy", NULL, NULL);
	if (!i->is_trial) /* a run that goes on is another */
		i->in.run = arena_printf(flow_arena(f), "%zu",
		    told(i, "run") + (i->in.known.upto != 0));
	if (!i->in.receipts)
		intake_without_room(f, &i->in, "busy");
	return STEP_NEXT;
}

/* How far it was taken before, and whether the receipts of that are here. */
static enum next find_receipts(struct flow *f, void *state)
{
	struct import *i = state;
	struct import_known *k = &i->in.known;
	size_t before = told(i, "said_from");
	enum receipts_found found;

	if (k->is_over || i->in.refusal || i->is_trial)
		return STEP_NEXT;
	found = receipts_find(i->in.receipts, k->upto, before);
	if (found == RECEIPTS_SOUGHT)
		return flow_yield(f);
	if (found == RECEIPTS_BEHIND) {
		k->pass_upto = before;
		import_batch_repeat(i->in.gathering);
	}
	i->in.from = k->pass_upto;
	if (found == RECEIPTS_GONE &&
	    !receipts_put_gone(i->in.receipts, told(i, "lines"), k->upto))
		intake_without_room(f, &i->in, "busy");
	else if (i->form != SHEET_NDJSON)
		i->in.refused = refused_rows_open(flow_app(f)->vault, flow_app(f)->imports.dir,
		    i->file, !k->upto);
	return STEP_NEXT;
}

const char *import_end(const struct flow *f, const struct import *i)
{
	return i->in.is_unreadable                                ? "refused"
	       : i->in.refusal || flow_request(f)->stream->is_cut ? "cut"
	       : i->in.is_stopped                                 ? "stopped"
								  : "complete";
}

static enum next take_lines(struct flow *f, void *state)
{
	return intake_take(f, &((struct import *)state)->in);
}

/* Nothing was taken of what an earlier run had not taken. */
static bool is_as_it_was(const struct import *i)
{
	const struct import_known *k = &i->in.known;

	return k->is_over || (k->upto && !k->is_met);
}

static enum next close_import(struct flow *f, void *state)
{
	struct import *i = state;

	if (i->is_trial || (i->in.refusal && is_as_it_was(i)))
		return STEP_NEXT;
	i->ask = (struct ask){ 0 };
	ask_text(&i->ask, flow_request(f)->idempotency_key);
	if (i->in.known.is_over) {
		if (i->in.known.upto && !i->in.known.is_met) /* its time was over before */
			return flow_refuse(f, "deadline", NULL, NULL);
		return ask_again(f, &i->ask, LEDGER_READ_IMPORT);
	}
	ask_text(&i->ask, i->in.run);
	ask_text(&i->ask, import_end(f, i));
	return ask_again(f, &i->ask, LEDGER_CLOSE_IMPORT);
}

static enum next answer_import(struct flow *f, void *state)
{
	struct import *i = state;

	if (i->in.refusal)
		return intake_refuse(f, &i->in);
	if (i->in.known.is_over && i->in.receipts)
		return import_answer_found(f, i);
	if (!i->is_trial && !ask_settle(f, &i->ask))
		return ask_refuse(f, &i->ask);
	return import_answer(f, i);
}

const struct plan post_import = {
	.name = "POST import",
	.state_size = sizeof(struct import),
	.streams = true,
	.release = release_import,
	.steps = {
		{ "open", open_import },
		{ "opened", note_opened },
		{ "find receipts", find_receipts, .again = true },
		{ "take lines", take_lines, .again = true },
		{ "close", close_import },
		{ "answer", answer_import, .again = true },
	},
};
