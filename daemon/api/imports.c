/*
 * /v1/imports: a file of vacancy lines, NDJSON or CSV, of many employers.
 *
 * The body is read as it comes and gathered into batches; one batch is one call
 * of the ledger, and while it is away the next is gathered, so memory does not
 * grow with the file and a slow ledger holds the sender back.  Receipts go to a
 * nameless file and are answered when the body has ended, because a client that
 * sends everything before it reads would else wait for us while we wait for it.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/import_batch.h"
#include "daemon/api/parameters.h"
#include "daemon/api/resources.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/file_records.h"
#include "daemon/codec/ledger_answer.h"

#define IMPORTS_MAX 8 /* at a time, of one worker */

struct import {
	struct ask ask; /* to open and to close it */
	const char *run, *employer;
	bool is_csv, has_header;
	enum charset charset;
	struct records *records;
	bool holds_record; /* one that did not fit into the last batch */
	char chunk[65536];
	size_t chunk_at, chunk_len;
	struct import_batch *gathering, *sent;
	bool is_away; /* `sent` is */
	enum status fate;
	struct done waits; /* the flow, for bytes or for the batch */
	FILE *receipts;
	struct buf page;
	char position[48];
	struct codec codec;
	struct faults faults; /* of one record */
	bool is_counted;
};

static int n_imports;

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

/* "text/csv; charset=gb18030" */
static bool read_type(const char *type, struct import *i)
{
	char word[64];
	const char *at = type ? header_word(type, word, sizeof(word)) : NULL;

	if (!type || (strcasecmp(word, "application/x-ndjson") != 0 &&
			 strcasecmp(word, "text/csv") != 0))
		return false;
	i->is_csv = strcasecmp(word, "text/csv") == 0;
	while (at) {
		at = header_word(at, word, sizeof(word));
		if (strncasecmp(word, "charset=", 8) != 0)
			continue;

		const char *name = word + 8 + (word[8] == '"');

		/* GBK and GB2312 are parts of GB18030. */
		if (strcasecmp(name, "gb18030") == 0 || strcasecmp(name, "gbk") == 0 ||
		    strcasecmp(name, "gb2312") == 0)
			i->charset = CHARSET_GB18030;
		else if (strcasecmp(name, "utf-8") != 0)
			return false;
	}
	return i->is_csv || i->charset == CHARSET_UTF8;
}

static void release_import(void *state)
{
	struct import *i = state;

	n_imports -= i->is_counted;
	records_free(i->records);
	import_batch_free(i->gathering);
	import_batch_free(i->sent);
	buf_free(&i->page);
	if (i->receipts)
		fclose(i->receipts);
}

static enum next open_import(struct flow *f, void *state)
{
	const struct request *r = flow_request(f);
	struct import *i = state;

	if (ask_check(f, &i->ask) == STEP_DONE)
		return STEP_DONE;
	if (!read_type(r->content_type, i)) {
		struct faults *fs = ask_faults(f, &i->ask);

		input_fault(fs, "header/Content-Type", "type", r->content_type,
		    "application/x-ndjson, or text/csv with charset utf-8 or gb18030");
		return flow_refuse(f, "unsupported-media-type", fs, NULL);
	}
	if (n_imports == IMPORTS_MAX)
		return flow_refuse(f, "busy", NULL, NULL);
	n_imports++;
	i->is_counted = true;
	i->records = records_new(i->is_csv, i->charset);
	i->receipts = tmpfile();
	if (!i->records || !i->receipts)
		return flow_refuse(f, "internal", NULL, NULL);
	i->gathering = import_batch_new();
	i->sent = import_batch_new();
	ask_text(&i->ask, r->idempotency_key);
	ask_text(&i->ask, i->is_csv ? "csv" : "ndjson");
	return ask_ledger(f, &i->ask, LEDGER_OPEN_IMPORT);
}

static enum next note_opened(struct flow *f, void *state)
{
	struct import *i = state;

	if (!ask_settle(f, &i->ask))
		return ask_refuse(f, &i->ask);
	if (!ask_codec(f, &i->ask, &i->codec))
		return ask_check(f, &i->ask);
	i->codec.faults = &i->faults;
	i->run = arena_printf(flow_arena(f), "%lld",
	    (long long)codec_member_number(i->ask.reply.body, "run"));
	i->employer = codec_member_text(flow_arena(f), i->ask.reply.body, "employer");
	return STEP_NEXT;
}

static bool is_full(const struct import *i)
{
	return i->holds_record || import_batch_is_full(i->gathering);
}

/* False: it does not fit into this batch. */
static bool take_record(struct flow *f, struct import *i)
{
	i->faults.n = 0;
	return import_batch_take(f, i->gathering, i->records, &i->codec, i->employer);
}

/* The next record of what has come; false: it is not whole yet. */
static bool next_record(struct import *i, struct body *body)
{
	bool whole = false;

	while (!whole) {
		if (i->chunk_at == i->chunk_len) {
			i->chunk_at = 0;
			i->chunk_len = body->read(body, i->chunk, sizeof(i->chunk));
			if (!i->chunk_len && (body->left || body->is_cut))
				return false;
		}
		i->chunk_at += records_take(i->records, i->chunk + i->chunk_at,
		    i->chunk_len - i->chunk_at, !body->left, &whole);
		if (!whole && !i->chunk_len)
			return false;
	}
	return true;
}

/* Fills the batch from what has come.  False: the header cannot be read. */
static bool gather(struct flow *f, struct import *i, struct body *body)
{
	i->codec.arena = import_batch_memory(i->gathering);
	if (i->holds_record && !import_batch_records(i->gathering)) {
		i->holds_record = false;
		take_record(f, i);
	}
	while (!is_full(i) && next_record(i, body)) {
		if (records_is_blank(i->records))
			continue;
		if (!i->is_csv || i->has_header) {
			i->holds_record = !take_record(f, i);
			continue;
		}
		i->faults.n = 0;
		i->has_header = true;
		if (!records_read_header(i->records, &i->codec))
			return false;
	}
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
	import_batch_send(f, b, i->run, (struct done){ on_batch, i });
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
	if (fwrite(i->page.data, 1, i->page.len, i->receipts) != i->page.len)
		return flow_refuse(f, "internal", NULL, NULL);
	return STEP_NEXT;
}

static enum next take_lines(struct flow *f, void *state)
{
	struct body *body = flow_request(f)->stream;
	struct import *i = state;
	enum next over;
	bool ended;

	do {
		if (!i->is_away && import_batch_records(i->sent)) {
			over = settle_batch(f, i);
			if (over != STEP_NEXT)
				return over;
		}
		if (!body->is_cut && !gather(f, i, body))
			return flow_refuse(f, "validation-failed", &i->faults, NULL);
		ended = body->is_cut || (!body->left && i->chunk_at == i->chunk_len);
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
	i->waits = flow_resume(f);
	if (!ended && !is_full(i))
		body->arrived = (struct done){ on_more, i };
	return STEP_WAIT;
}

static enum next close_import(struct flow *f, void *state)
{
	struct import *i = state;

	i->ask = (struct ask){ 0 };
	ask_text(&i->ask, flow_request(f)->idempotency_key);
	ask_text(&i->ask, i->run);
	ask_text(&i->ask, flow_request(f)->stream->is_cut ? "cut" : "complete");
	return ask_again(f, &i->ask, LEDGER_CLOSE_IMPORT);
}

static enum next answer_import(struct flow *f, void *state)
{
	struct import *i = state;
	int file;

	if (!ask_settle(f, &i->ask))
		return ask_refuse(f, &i->ask);
	if (i->position[0])
		flow_header(f, "Consistency-Token", i->position);
	fprintf(i->receipts, "%s\n", i->ask.reply.body);
	if (fflush(i->receipts) != 0 || (file = dup(fileno(i->receipts))) < 0)
		return flow_refuse(f, "internal", NULL, NULL);
	return flow_reply_file(f, 200, "application/x-ndjson", file,
	    (size_t)ftello(i->receipts));
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
