/*
 * /v1/imports: a file of many records of one kind (import_kinds.c), NDJSON, CSV or XLSX.
 *
 * The body is read as it comes and gathered into batches; one batch is one call
 * of the ledger, and while it is away the next is gathered, so memory does not
 * grow with the file and a slow ledger holds the sender back.  Receipts go to a
 * file that is kept (import_receipts.c) and are answered when the body has ended,
 * because a client that sends everything before it reads would else wait for us
 * while we wait for it.  What was taken under the same name before is passed over,
 * once it has proved to be the same file (import_known.c).
 * For the same reason what comes after an import was stopped is read, and thrown
 * away; only when its time is over it is answered at once.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/import_batch.h"
#include "daemon/api/import_kinds.h"
#include "daemon/api/import_known.h"
#include "daemon/api/import_receipts.h"
#include "daemon/api/list_file.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/count.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/rows.h"
#include "daemon/log/log.h"

#define IMPORTS_MAX 8 /* at a time, of one worker */

struct import {
	struct ask ask; /* to open and to close it */
	struct import_kind kind;
	const char *run, *employer;
	const struct file_type *type;
	char charset[32]; /* as it is labelled; "" */
	struct rows *rows;
	struct row_place record; /* the one given last */
	bool holds_record;       /* it did not fit into the last batch */
	bool has_rows;           /* each has a receipt, refused or not */
	bool is_unreadable;      /* from its beginning */
	bool is_all;             /* its last byte was put */
	bool is_read;            /* to its end */
	uint64_t n_in_records;   /* lines of the file that are in one, or in a refusal */
	char chunk[65536];
	size_t chunk_at, chunk_len;
	struct import_batch *gathering, *sent;
	bool is_away; /* `sent` is */
	enum status fate;
	struct done waits; /* the flow, for bytes or for the batch */
	bool is_trial;     /* nothing of it is kept */
	struct import_known known;
	struct buf said;   /* what the record says */
	uint8_t taken[32]; /* the digest of all up to the last that is in a batch */
	size_t from;       /* behind how many the next batch begins */
	struct receipts *receipts;
	const char *file;          /* of them */
	size_t n_refused;          /* of batches that are settled, and of earlier runs */
	struct import_tally tally; /* of this run's */
	int64_t until_ms;
	bool is_stopped; /* by a limit: no more lines are taken */
	struct buf page;
	char position[48];
	struct codec codec;
	struct faults faults; /* of one record */
	int place;            /* among those under way; 0: none */
};

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

/* The disk of receipts and files is full: the same file is sent again when there is room. */
static enum next refuse_without_room(struct flow *f, const char *slug)
{
	log_event(LOG_LEVEL_ERROR, "import.no-room", "why", strerror(errno), "dir",
	    flow_app(f)->imports.dir, NULL);
	return flow_refuse(f, slug, NULL, NULL);
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

static const struct file_type {
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
		if (strcasecmp(word, types[k].type) == 0)
			i->type = &types[k];
	if (!i->type)
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

	assert(!i->is_away);
	if (i->place)
		under_way[i->place - 1][0] = '\0';
	rows_free(i->rows);
	import_batch_free(i->gathering);
	import_batch_free(i->sent);
	buf_free(&i->page);
	buf_free(&i->said);
	import_known_free(&i->known);
	receipts_free(i->receipts);
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

	i->rows =
	    rows_new(i->type->form, i->kind.name, &limits, i->charset[0] ? i->charset : NULL);
	return i->rows != NULL;
}

static enum next open_import(struct flow *f, void *state)
{
	const struct import_limits *limits = &flow_app(f)->imports;
	const struct request *r = flow_request(f);
	struct import *i = state;

	read_query(f, i);
	if (ask_check(f, &i->ask) == STEP_DONE)
		return STEP_DONE;
	if (!read_type(r->content_type, i) ||
	    !begin_rows(i, limits->dir)) {
		struct faults *fs = ask_faults(f, &i->ask);

		input_fault(fs, "header/Content-Type", "type", r->content_type,
		    "application/x-ndjson, " TYPE_XLSX
		    " or text/csv; charset: utf-8, gb18030, utf-16, or none");
		return flow_refuse(f, "unsupported-media-type", fs, NULL);
	}
	if (!take_place(i, r->who->organisation, limits->at_once))
		return flow_refuse(f, "busy", NULL, NULL);
	i->until_ms = clock_ms() + limits->deadline_ms;
	i->gathering = import_batch_new(&i->kind, flow_request(f)->lang);
	i->sent = import_batch_new(&i->kind, flow_request(f)->lang);
	ask_text(&i->ask, i->kind.name);
	if (i->is_trial)
		return ask_ledger(f, &i->ask, LEDGER_TRY_IMPORT);
	ask_text(&i->ask, r->idempotency_key);
	ask_text(&i->ask, i->type->format);
	return ask_ledger(f, &i->ask, LEDGER_OPEN_IMPORT);
}

static size_t told(const struct import *i, const char *member)
{
	int64_t n = codec_member_number(i->ask.reply.body, member);

	return n > 0 ? (size_t)n : 0;
}

/* Records that have a receipt, as the ledger counts them. */
static size_t told_records(const struct import *i)
{
	return told(i, "added") + told(i, "changed") + told(i, "unchanged") +
	       told(i, "refused");
}

/* How far it was taken before, and whether the receipts of that are here. */
static bool find_receipts(struct import *i)
{
	struct import_known *k = &i->known;
	size_t before = told(i, "said_from");
	enum receipts_found found = receipts_find(i->receipts, k->upto, before);

	if (found == RECEIPTS_BEHIND) {
		k->pass_upto = before;
		import_batch_repeat(i->gathering);
	}
	i->from = k->pass_upto;
	return found != RECEIPTS_GONE ||
	       receipts_put_gone(i->receipts, told(i, "lines"), k->upto);
}

static void note_known(struct flow *f, struct import *i)
{
	const char *body = i->ask.reply.body;
	const char *digest = codec_member_text(flow_arena(f), body, "digest");
	const char *ended = codec_member_text(flow_arena(f), body, "state");
	struct import_known *k = &i->known;

	k->upto = k->pass_upto = told_records(i);
	snprintf(k->digest, sizeof(k->digest), "%s", digest ? digest : "");
	k->is_over = ended && strcmp(ended, "complete") == 0;
	i->n_refused = told(i, "refused");
	i->employer = codec_member_text(flow_arena(f), body, "employer");
	i->file = codec_member_text(flow_arena(f), body, "file");
}

static enum next note_opened(struct flow *f, void *state)
{
	const struct import_limits *limits = &flow_app(f)->imports;
	struct import *i = state;

	if (!ask_settle(f, &i->ask))
		return ask_refuse(f, &i->ask);
	if (!ask_codec(f, &i->ask, &i->codec))
		return ask_check(f, &i->ask);
	i->codec.faults = &i->faults;
	note_known(f, i);
	if (i->known.is_over)
		return STEP_NEXT;
	receipts_sweep(limits->dir, (size_t)limits->kept_bytes);
	i->receipts = receipts_open(limits->dir, i->file);
	if (!i->receipts && errno == EWOULDBLOCK)
		return flow_refuse(f, "busy", NULL, NULL);
	if (!i->receipts || (!i->is_trial && !find_receipts(i)))
		return refuse_without_room(f, "busy");
	if (i->is_trial)
		return STEP_NEXT;
	/* A run that goes on is another. */
	i->run = arena_printf(flow_arena(f), "%zu", told(i, "run") + (i->known.upto != 0));
	return STEP_NEXT;
}

/* The last batch of an earlier run is called again as it was: its receipts were not written. */
static bool is_full(const struct import *i)
{
	const struct import_known *k = &i->known;

	return i->holds_record || import_batch_is_full(i->gathering) ||
	       (k->pass_upto < k->upto && import_batch_records(i->gathering) &&
		   i->from + import_batch_records(i->gathering) == k->upto);
}

/* Refused lines, receipts: has it had as many as one import may have? */
static bool has_had_enough(struct flow *f, const struct import *i)
{
	const struct import_limits *limits = &flow_app(f)->imports;
	size_t refused = i->n_refused + import_batch_refused(i->gathering);

	if (import_batch_records(i->sent))
		refused += import_batch_refused(i->sent);
	return refused > (size_t)limits->refusals ||
	       receipts_bytes(i->receipts) > (size_t)limits->receipts_bytes;
}

/* False: it does not fit into this batch. */
static bool take_record(struct flow *f, struct import *i)
{
	const struct import_reading reading = { f, &i->codec, &i->kind, i->employer, 0 };

	i->faults.n = 0;
	if (!import_batch_take(i->gathering, i->rows, &i->record, &reading))
		return false;
	memcpy(i->taken, i->known.now, sizeof(i->taken));
	return true;
}

static void refuse_record(struct import *i)
{
	import_batch_refuse(i->gathering, &i->record, &i->faults);
	memcpy(i->taken, i->known.now, sizeof(i->taken));
}

/* It was taken before, or is another file's. */
static bool is_passed_over(struct import *i)
{
	buf_clear(&i->said);
	rows_said(i->rows, &i->said);
	return import_known_pass(&i->known, i->said.data, i->said.len);
}

/* What comes next of what has come; ROWS_MORE: it is not whole yet. */
static enum rows_step next_row(struct import *i, struct body *body)
{
	enum rows_step step;

	while ((step = rows_next(i->rows, &i->codec, &i->record)) == ROWS_MORE) {
		if (i->is_all)
			return ROWS_MORE;
		if (i->chunk_at == i->chunk_len) {
			i->chunk_at = 0;
			i->chunk_len = body->read(body, i->chunk, sizeof(i->chunk));
			if (!i->chunk_len && (body->left || body->is_cut))
				return ROWS_MORE;
		}
		i->chunk_at += rows_put(i->rows, i->chunk + i->chunk_at,
		    i->chunk_len - i->chunk_at, !body->left);
		i->is_all = !body->left && i->chunk_at == i->chunk_len;
	}
	i->is_read = step == ROWS_END || step == ROWS_BAD_FILE;
	if (step != ROWS_END)
		i->n_in_records += i->record.lines;
	return step;
}

/* What comes after it was stopped. */
static void throw_away(struct import *i, struct body *body)
{
	i->holds_record = false;
	i->chunk_at = i->chunk_len = 0;
	while (body->read(body, i->chunk, sizeof(i->chunk)) > 0)
		continue;
}

/* Fills the batch from what has come.  False: the file cannot be read, from its beginning. */
static bool gather(struct flow *f, struct import *i, struct body *body)
{
	i->codec.arena = import_batch_memory(i->gathering);
	if (i->holds_record && !import_batch_records(i->gathering)) {
		i->holds_record = false;
		take_record(f, i);
	}
	while (!i->is_stopped && !i->is_read && !i->known.is_other && !is_full(i)) {
		switch (next_row(i, body)) {
		case ROWS_MORE:
			return true;
		case ROWS_END:
			import_known_end(&i->known);
			continue;
		case ROWS_BAD_FILE:
			if (!i->has_rows)
				return false;
			i->is_stopped = true;
			if (!is_passed_over(i))
				refuse_record(i);
			if (i->faults.n) /* it is not we who could not read it */
				import_known_end(&i->known);
			break;
		case ROWS_REFUSED:
			i->has_rows = true;
			if (!is_passed_over(i))
				refuse_record(i);
			break;
		case ROWS_RECORD:
			i->has_rows = true;
			if (!is_passed_over(i))
				i->holds_record = !take_record(f, i);
			break;
		}
		i->is_stopped =
		    i->is_stopped ||
		    (!i->known.is_over && i->known.n >= i->known.upto && has_had_enough(f, i));
	}
	if (i->is_stopped)
		throw_away(i, body);
	return true;
}

static void wake(struct import *i)
{
	struct done waits = i->waits;

	i->waits = (struct done){ 0 };
	if (waits.fn)
		done_call(waits, OK);
}

static void on_more(void *arg, enum status st)
{
	(void)st;
	wake(arg);
}

static void on_batch(void *arg, enum status st)
{
	struct import *i = arg;

	i->is_away = false;
	i->fate = st;
	wake(i);
}

static void send_batch(struct flow *f, struct import *i)
{
	struct import_batch *b = i->gathering;

	i->gathering = i->sent;
	i->sent = b;
	import_batch_empty(i->gathering);
	i->is_away = true;
	import_batch_send(f, b, i->run, i->from, i->taken, (struct done){ on_batch, i });
	i->from += import_batch_records(b);
}

/* The batch has come back: its receipts, or the end.  STEP_NEXT: go on. */
static enum next settle_batch(struct flow *f, struct import *i)
{
	const char *position;

	if (i->fate != OK)
		return flow_refuse(f, problem_of_status(i->fate), NULL, NULL);
	buf_clear(&i->page);
	if (import_batch_settle(f, i->sent, &i->page, &position) == STEP_DONE)
		return STEP_DONE;
	if (position[0])
		snprintf(i->position, sizeof(i->position), "%s", position);
	if (!receipts_put(i->receipts, i->page.data, i->page.len))
		return refuse_without_room(f, "outcome-unknown");
	i->n_refused += import_batch_refused(i->sent);
	import_batch_tally(i->sent, &i->tally);
	i->is_stopped = i->is_stopped || has_had_enough(f, i);
	return STEP_NEXT;
}

/* Of this file nothing more is taken, and its sender is told why. */
static enum next refuse_file(struct flow *f, struct import *i)
{
	if (i->known.is_other)
		return flow_refuse(f, "idempotency-mismatch", NULL, NULL);
	return i->faults.n ? flow_refuse(f, "validation-failed", &i->faults, NULL)
			   : refuse_without_room(f, "outcome-unknown");
}

static enum next take_lines(struct flow *f, void *state)
{
	struct body *body = flow_request(f)->stream;
	struct import *i = state;
	enum next over;
	bool ended, is_late, is_refused;

	do {
		if (!i->is_away && import_batch_records(i->sent)) {
			over = settle_batch(f, i);
			if (over != STEP_NEXT)
				return over;
		}
		is_late = clock_ms() >= i->until_ms;
		i->is_stopped = i->is_stopped || is_late;
		if (!body->is_cut && !i->is_unreadable)
			i->is_unreadable = !gather(f, i, body);
		is_refused = i->is_unreadable || i->known.is_other;
		/* Not before what is away has come back: it is told where its batch is. */
		if (is_refused && !i->is_away)
			return refuse_file(f, i);
		/* Half of what was sent before is no batch. */
		if (i->is_stopped && i->known.pass_upto < i->known.upto && !i->known.is_met)
			return flow_refuse(f, "deadline", NULL, NULL);
		ended = body->is_cut || is_late || is_refused ||
			(!i->holds_record && i->is_read) || (i->is_stopped && !body->left);
		if (i->is_away)
			break;
		if (!body->is_cut && import_batch_records(i->gathering) &&
		    (ended || is_full(i)))
			send_batch(f, i);
		else if (ended)
			return STEP_NEXT;
		else
			break;
	} while (true);
	/* All bytes are here, and what is left is long: others first. */
	if (!i->is_away && i->is_all && !ended)
		return flow_yield(f);
	i->waits = flow_resume(f);
	if (!ended && !is_full(i))
		body->arrived = (struct done){ on_more, i };
	return STEP_WAIT;
}

static const char *end_of(const struct flow *f, const struct import *i)
{
	return flow_request(f)->stream->is_cut ? "cut" : i->is_stopped ? "stopped" : "complete";
}

static enum next close_import(struct flow *f, void *state)
{
	struct import *i = state;

	if (i->is_trial)
		return STEP_NEXT;
	i->ask = (struct ask){ 0 };
	ask_text(&i->ask, flow_request(f)->idempotency_key);
	if (i->known.is_over) {
		if (i->known.upto && !i->known.is_met) /* its time was over before */
			return flow_refuse(f, "deadline", NULL, NULL);
		return ask_again(f, &i->ask, LEDGER_READ_IMPORT);
	}
	ask_text(&i->ask, i->run);
	ask_text(&i->ask, end_of(f, i));
	return ask_again(f, &i->ask, LEDGER_CLOSE_IMPORT);
}

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
	    i->kind.name, i->type->format, end_of(f, i), receipts_count(i->receipts),
	    i->tally.added, i->tally.changed, i->tally.unchanged, i->n_refused);
}

/* The totals, and what became of every line of the file.  NULL: one is in no receipt and is
 * none of those that have none, or is in two. */
static const char *totals_of(struct flow *f, const struct import *i)
{
	const char *totals = i->is_trial ? totals_of_trial(f, i) : i->ask.reply.body;
	struct row_counts counts = rows_counts(i->rows);
	uint64_t told_of = i->n_in_records + counts.blank + counts.header;
	bool is_whole = i->is_read && !i->is_stopped;
	size_t n = strlen(totals);

	if (is_whole && counts.lines != told_of)
		return NULL;
	if (!i->is_trial && receipts_count(i->receipts) != told_records(i))
		return NULL;
	if (n && totals[n - 1] == '}')
		n--;
	return arena_printf(flow_arena(f),
	    "%.*s,\"file\":{\"total\":%llu,\"blank\":%llu,\"header\":%llu,"
	    "\"columns_shown\":[%s]}}\n",
	    (int)n, totals, (unsigned long long)(is_whole ? counts.lines : told_of),
	    (unsigned long long)counts.blank, (unsigned long long)counts.header,
	    rows_shown(i->rows));
}

/* The last line, and all of them. */
static enum next answer_totals(struct flow *f, const struct import *i)
{
	const char *totals = totals_of(f, i);
	int file;

	if (!totals) {
		log_event(LOG_LEVEL_ERROR, "import.sum", "request", flow_request(f)->id, NULL);
		return flow_refuse(f, "internal", NULL, NULL);
	}
	if (!receipts_put(i->receipts, totals, strlen(totals)))
		return refuse_without_room(f, "outcome-unknown");
	file = receipts_let_go(i->receipts);
	if (file < 0)
		return refuse_without_room(f, "outcome-unknown");
	if (i->position[0])
		flow_header(f, "Consistency-Token", i->position);
	return answer_file(f, file, receipts_bytes(i->receipts));
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
	else if (i->known.upto)
		return flow_refuse(f, "receipts-gone", NULL, NULL);
	if (!i->is_read || i->is_stopped)
		return flow_refuse(f, "deadline", NULL, NULL);
	i->receipts = receipts_open(dir, i->file);
	if (!i->receipts)
		return refuse_without_room(f, "busy");
	if (receipts_find(i->receipts, i->known.upto, i->known.upto) != RECEIPTS_WHOLE)
		return flow_refuse(f, "receipts-gone", NULL, NULL);
	return answer_totals(f, i);
}

static enum next answer_import(struct flow *f, void *state)
{
	struct import *i = state;

	if (!i->is_trial && !ask_settle(f, &i->ask))
		return ask_refuse(f, &i->ask);
	return i->known.is_over ? answer_kept(f, i) : answer_totals(f, i);
}

const struct plan post_import = {
	.name = "POST import",
	.state_size = sizeof(struct import),
	.streams = true,
	.release = release_import,
	.steps = {
		{ "open", open_import },
		{ "opened", note_opened },
		{ "take lines", take_lines, .again = true },
		{ "close", close_import },
		{ "answer", answer_import },
	},
};

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

static enum next find_file(struct flow *f, void *state)
{
	struct ask *ask = state;

	ask_text(ask, flow_request(f)->params[0]);
	return ask_ledger(f, ask, LEDGER_READ_RECEIPTS);
}

static enum next answer_receipts(struct flow *f, void *state)
{
	const struct ask *ask = state;
	size_t len;
	int file;

	if (!ask_settle(f, ask))
		return ask_refuse(f, ask);
	file = receipts_read(flow_app(f)->imports.dir,
	    codec_member_text(flow_arena(f), ask->reply.body, "file"), &len);
	return file < 0 ? flow_refuse(f, "receipts-gone", NULL, NULL)
			: answer_file(f, file, len);
}

const struct plan get_receipts = {
	.name = "GET receipts",
	.state_size = sizeof(struct ask),
	.steps = { { "find file", find_file }, { "answer", answer_receipts } },
};
